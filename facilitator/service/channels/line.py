"""The log: one line, which cannot fail."""

from __future__ import annotations

import structlog

from facilitator.runs.notices import Dispatch
from facilitator.service.channels.saying import subject_of, text_of

log = structlog.get_logger()


async def log_channel(dispatch: Dispatch) -> str:
    """Write the notice to the log as a warning."""
    notice = dispatch.notice
    log.warning(
        "notice", kind=notice.kind, team=notice.team, run=notice.run,
        subject=subject_of(notice), text=text_of(notice),
    )  # fmt: skip
    return "log"
