"""Asana: a task of the person's own, in no project, found again by its marker.

Not a comment on the ceremony's task: that place holds one document per window, and what failed for whom is nobody
else's business. A task stands in the person's own list until it is dealt with, which is what a notice is for.
"""

from __future__ import annotations

from collections.abc import Callable

from facilitator.board.snapshot import ProjectGid, UserGid
from facilitator.errors import ChannelError
from facilitator.runs.delivery import LOOK_AGAIN, Delivery, Ways
from facilitator.runs.notices import Dispatch
from facilitator.runs.ports import NewTask, PrivateTasks
from facilitator.service.channels import Channel
from facilitator.service.channels.saying import name_of, subject_of, text_of

ProjectOf = Callable[[str], ProjectGid | None]
"""A project whose workspace a team's people are in ("" is any team)."""


def asana_channel(tasks: PrivateTasks, delivery: Delivery, project_of: ProjectOf) -> Channel:
    """The channel; a dispatch's address is the person's gid."""

    async def send(dispatch: Dispatch) -> str:
        project = project_of(dispatch.notice.team)
        if project is None:
            raise ChannelError(
                f"the configuration has no team {dispatch.notice.team!r} any more.",
                suggestion="Put it back, or leave the notice.",
            )
        person, marker = UserGid(dispatch.address), f"ref notice/{name_of(dispatch)}"
        task = NewTask(subject_of(dispatch.notice), f"{text_of(dispatch.notice)}\n\n{marker}")
        ways = Ways(
            lambda: tasks.find_private_task(project, person, marker),
            lambda: tasks.create_private_task(project, person, task),
        )
        looks = LOOK_AGAIN if dispatch.attempts else LOOK_AGAIN[:1]
        return await delivery.look(ways.find, looks) or await delivery.once(ways, lambda: None)

    return send
