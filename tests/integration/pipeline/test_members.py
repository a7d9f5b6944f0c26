"""Who may decide must be able to see the board: an approver who is no member is ignored, and that is logged."""

import pytest

from facilitator.errors import CheckFailed
from facilitator.runs.assignment import Approver
from facilitator.runs.run import RunState

from .boards import board, moved
from .conftest import Opens

pytestmark = pytest.mark.anyio


async def test_an_approver_who_is_no_member_is_ignored_and_logged(open_house: Opens) -> None:
    """On the list, known by gid, and not in the project: nothing is decided, and the history says so."""
    one, stories = moved(1001, "Payment retry")
    pack = board([one], {"1001": stories})
    pack["users"].append({"gid": "903", "name": "Charlie"})
    async with open_house(pack) as house:
        house.wants(approvers=(Approver("Alice", "901"), Approver("Charlie", "903")))
        run = await house.fire()
        with pytest.raises(CheckFailed, match="Charlie is no member of the project"):
            house.approve(run, "Charlie")
        held = house.app.store.get(run.id)
        assert held.state is RunState.JUDGED
        assert house.app.store.decisions(run.id) == ()
        assert "no member of project 700" in house.app.store.history(run.id)[-1].why
        assert house.approve(held, "Alice").state is RunState.APPROVED
