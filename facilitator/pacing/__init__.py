"""When a call to a service may leave: quotas kept before they are hit, in one process or over all of them."""

from facilitator.pacing.bucket import Bucket, Level, LocalBucket, Pace, spend
from facilitator.pacing.turnstile import Claim, Turnstile, at_once_please, claiming

__all__ = [
    "Bucket",
    "Claim",
    "Level",
    "LocalBucket",
    "Pace",
    "Turnstile",
    "at_once_please",
    "claiming",
    "spend",
]
