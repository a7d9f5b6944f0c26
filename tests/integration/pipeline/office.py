"""A house whose people answer in Asana: what they do there, and what is seen of it.

Alice and Carol may decide, Bob may not, and each acts with a token of their own. Drafts are put in by hand, for what is
tested begins when one waits. The program and the world share one clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx

from facilitator.calendar.window import Window
from facilitator.drafts.faults import Fault
from facilitator.drafts.figures_only import figures_only, relaxed
from facilitator.runs.approval_tasks import ApprovalTasks
from facilitator.runs.assignment import Approver
from facilitator.runs.run import Mode, Run, RunState
from facilitator.service.firing import fire_now

from .boards import board, moved

if TYPE_CHECKING:
    from .conftest import House

ALICE, BOB, CAROL, BOT = "901", "902", "903", "904"
APPROVERS = (Approver("Alice", ALICE), Approver("Carol", CAROL))


REPORT, APPROVED, LATER = "620", "621", "623"
"""The team's approval field, and two of its options."""

BROWSER = httpx.Client(verify=False, trust_env=False)  # noqa: S501 - loopback only; a context of certificates is slow to build


def office_pack() -> dict[str, Any]:
    """A small board on which two tasks moved, and four people."""
    names = ((1001, "Payment retry"), (1002, "Search index"))
    tasks, stories = zip(*(moved(gid, name) for gid, name in names), strict=True)
    pack = board(list(tasks), {one["gid"]: history for one, history in zip(tasks, stories, strict=True)})
    pack["users"] = [
        {"gid": gid, "name": name}
        for gid, name in ((ALICE, "Alice"), (BOB, "Bob"), (CAROL, "Carol"), (BOT, "Bot"))
    ]
    options = [
        {"gid": "621", "name": "Approved"},
        {"gid": "622", "name": "Rejected"},
        {"gid": "623", "name": "Later"},
    ]
    pack["custom_fields"].append(
        {
            "gid": REPORT,
            "name": "Report",
            "resource_subtype": "enum",
            "enum_options": [{**one, "enabled": True} for one in options],
        }
    )
    pack["projects"][0]["custom_field_settings"].append({"gid": "629", "custom_field": {"gid": REPORT}})
    pack["projects"][0]["members"] = [{"gid": gid} for gid in (ALICE, BOB, CAROL, BOT)]
    return pack


def tokens(bot_token: str) -> dict[str, str]:
    """A token for each of them."""
    return {bot_token: BOT, **{f"token-{gid}": gid for gid in (ALICE, BOB, CAROL)}}


@dataclass
class Office:
    """A house whose people answer in Asana."""

    house: "House"
    window: Window

    def due(self, mode: Mode = Mode.APPROVE) -> Run:
        """The window's run, fired; nothing is advanced."""
        app = self.house.app
        assignment = app.assignment("harbour", "standup")
        return fire_now(app.store, assignment, self.window, mode=mode, now=app.clock())[0]

    async def waiting(self, **wishes: Any) -> Run:
        """A run whose draft waits and was asked about."""
        house = self.house
        house.wants(
            **{
                "approvers": APPROVERS,
                "expires_after": timedelta(hours=24),
                "approval_field": "report",
                **wishes,
            }
        )
        async with house.pipeline() as pipeline:
            run = await pipeline.advance(self.due())
            assert run.state is RunState.GATHERED, run.reason
            self.judged(run)
            return await pipeline.settle(run)

    def judged(self, run: Run, *, faults: Sequence[Fault] = (), **columns: Any) -> Run:
        """The run with a draft that passes every check, as if a session had written it."""
        app = self.house.app
        assignment, facts = app.assignment(run.team, run.ceremony), app.store.facts(run.id)
        assert facts is not None
        draft = figures_only(relaxed(facts), lambda one: app.library.check(assignment.ceremony, one, facts))
        assert draft is not None
        with app.store.step(run, now=app.clock()) as step:
            step.keep_draft(draft, faults, origin="agent")
            step.set(result="satisfied", expires_at=app.clock() + assignment.expires_after)
            step.set(**columns)
            step.move(RunState.JUDGED, "by hand")
        return step.run

    async def look(self, run: Run) -> Run:
        """What the serving process does every minute."""
        return await self.house.settle(self.house.app.store.get(run.id))

    def task(self, run: Run) -> str:
        """The gid of the approval task for the run's present draft."""
        asked = ApprovalTasks(self.house.app.store.database).find(run.id, run.draft_digest or "")
        assert asked is not None
        assert asked.gid is not None
        return asked.gid

    def shown(self, gid: str) -> dict[str, Any]:
        """A task as Asana shows it."""
        return self.house.world.asana.task(gid)

    def does(self, who: str, method: str, path: str, **data: Any) -> None:
        """Somebody does something in Asana."""
        answer = BROWSER.request(
            method,
            f"{self.house.world.asana_url}{path}",
            json={"data": data},
            headers={"Authorization": f"Bearer token-{who}"},
        )
        assert answer.is_success, answer.text

    def sets(self, who: str, run: Run, status: str) -> None:
        """Somebody sets the approval's status."""
        self.does(who, "PUT", f"/tasks/{self.task(run)}", approval_status=status)

    def chooses(self, who: str, run: Run, option: str) -> None:
        """Somebody chooses an option of the approval field on the ceremony's task."""
        self.does(who, "PUT", f"/tasks/{run.task_gid}", custom_fields={REPORT: option})

    def says(self, who: str, run: Run, text: str) -> None:
        """Somebody comments on the approval task."""
        self.does(who, "POST", f"/tasks/{self.task(run)}/stories", text=text)

    def edits(self, who: str, run: Run, before: str, after: str) -> None:
        """Somebody changes the approval task's text."""
        notes = self.shown(self.task(run))["notes"]
        assert before in notes
        self.does(who, "PUT", f"/tasks/{self.task(run)}", notes=notes.replace(before, after))

    def replies(self, gid: str) -> list[str]:
        """What the bot said on an approval task."""
        return [
            one["text"]
            for one in self.house.world.asana.comments(gid)
            if one["created_by"] and one["created_by"]["gid"] == BOT
        ]

    def written(self) -> list[str]:
        """The comments on the ceremony's own task about this window."""
        side = self.house.world.asana
        homes = [gid for gid, task in side.world.tables["task"].items() if task["parent"] is None]
        found = [comment["text"] for gid in homes for comment in side.comments(gid)]
        return [text for text in found if self.window.key in text]

    def questions(self) -> list[dict[str, Any]]:
        """The approval tasks about this window."""
        tasks = self.house.world.asana.world.tables["task"].values()
        return [task for task in tasks if task["parent"] and self.window.key in task["notes"]]

    def notes(self, run: Run) -> str:
        """The run's history, as one text."""
        return "\n".join(move.why for move in self.house.app.store.history(run.id))

    def passes(self, **time: float) -> None:
        """Time passes, for everybody."""
        self.house.world.clock.advance(timedelta(**time).total_seconds())
