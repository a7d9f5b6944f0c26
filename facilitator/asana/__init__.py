"""Asana: one project read into a `Snapshot`, one comment written, found and read back. The only room that uses httpx.

It implements `runs.ports.Tracker`. It computes no figure, renders no text, and never sends a write twice on its own.
"""

from facilitator.asana.fence import OutsideSandbox
from facilitator.asana.history import StoryCache
from facilitator.asana.limiter import Limiter
from facilitator.asana.limits import Limits
from facilitator.asana.project import Named, Project
from facilitator.asana.reach import OutOfReach, Reach
from facilitator.asana.tracker import AsanaTracker

__all__ = [
    "AsanaTracker", "Limiter", "Limits", "Named", "OutOfReach", "OutsideSandbox", "Project", "Reach", "StoryCache",
]  # fmt: skip
