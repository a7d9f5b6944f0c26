"""The ways a notice reaches a person: the log, a task of their own in Asana, Slack, e-mail.

A channel delivers one dispatch and gives its reference, or raises a `FacilitatorError` whose `retryable` says whether
trying again may help. It knows nothing of plans, waits and quiet hours; the notifier does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from facilitator.runs.notices import Dispatch

Channel = Callable[[Dispatch], Awaitable[str]]

__all__ = ["Channel"]
