"""Two tokens: a team's own for reading its board, the bot's for everything that is written."""

from datetime import UTC, datetime
from typing import Any

import pytest

from facilitator.asana import Reach
from facilitator.board.snapshot import ProjectGid, TaskGid
from tests.unit.asana.fake import FakeAsana, ok, project, story, task

pytestmark = pytest.mark.anyio
HARBOUR = ProjectGid("77")
NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)


def bearers(asana: FakeAsana) -> dict[str, set[str]]:
    """Which tokens came with which calls."""
    found: dict[str, set[str]] = {}
    for request in asana.requests:
        call = f"{request.method} {request.url.path.removeprefix('/api/1.0')}"
        found.setdefault(call, set()).add(request.headers["authorization"].removeprefix("Bearer "))
    return found


def busy() -> FakeAsana:
    """A board with one task that was touched, and room for a comment."""
    asana = project(task(modified_at="2026-06-09T09:00:00.000Z"))
    comment: dict[str, Any] = story("41", "comment_added", text="x", html_text="x", target={"gid": "11"})
    asana.on("GET /tasks/11/stories", ok([story()]))
    return asana.on("POST /tasks/11/stories", ok(comment, status=201))


async def test_a_board_is_read_with_its_teams_token_and_written_with_the_bots() -> None:
    """Least privilege: a leaked team token cannot write as the bot, and the bot need not see more than it writes to."""
    asana = busy()
    async with asana.tracker(token=lambda: "bot-token") as tracker:
        tracker.read_by("harbour", lambda: "team-token")
        own = tracker.for_team("harbour").within(Reach(frozenset({"77"})))
        snapshot = await own.read_project(HARBOUR, as_of=NOW)
        await own.post_comment(TaskGid("11"), "<body>x</body>")
    told = bearers(asana)
    assert told.pop("POST /tasks/11/stories") == {"bot-token"}
    assert told.pop("GET /users/me") == {"bot-token"}
    assert set().union(*told.values()) == {"team-token"}
    assert snapshot.bot == "500"


async def test_another_team_keeps_the_bots_token() -> None:
    """Only a team that has a token of its own is read with it."""
    asana = busy()
    async with asana.tracker(token=lambda: "bot-token") as tracker:
        tracker.read_by("harbour", lambda: "team-token")
        await tracker.for_team("pier").read_project(HARBOUR, as_of=NOW)
    assert set().union(*bearers(asana).values()) == {"bot-token"}


async def test_nothing_read_with_one_token_is_kept_for_another() -> None:
    """A history that one team may see is asked for again by the next."""
    asana = busy()
    async with asana.tracker(token=lambda: "bot-token") as tracker:
        tracker.read_by("harbour", lambda: "harbour-token")
        for team in ("harbour", "pier", "harbour"):
            await tracker.for_team(team).read_project(HARBOUR, as_of=NOW)
    assert bearers(asana)["GET /tasks/11/stories"] == {"harbour-token", "bot-token"}
    assert len(asana.calls("GET /tasks/11/stories")) == 2
