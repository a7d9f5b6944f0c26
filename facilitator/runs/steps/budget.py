"""A team's money for one month: told at 80 %, and at 100 % no further session is opened.

Sessions that already run are not stopped by it; each has a cap of its own, which is never more than what the month has left.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from facilitator.errors import CheckFailed
from facilitator.runs.assignment import Assignment
from facilitator.runs.money import WARN_AT, Money, month_began, month_of
from facilitator.runs.notices import Notice, Notices
from facilitator.runs.ports import Outcome
from facilitator.runs.run import Run
from facilitator.runs.steps.desk import Desk


def affordable(desk: Desk, run: Run, assignment: Assignment, outcome: Outcome) -> Outcome:
    """The outcome with a cap that the month can pay; raises `CheckFailed` where it has nothing left.

    Where a session may exist already it is let through: finding it again costs nothing.
    """
    if assignment.monthly_budget_cents is None:
        return outcome
    left = assignment.monthly_budget_cents - watch(desk, assignment)
    if left <= 0 and run.submit_attempted_at is None:
        raise CheckFailed(
            f"the budget of {assignment.team_name} for {_month(desk, assignment)} is spent"
            f" ({_dollars(assignment.monthly_budget_cents)}): no session was opened.",
            suggestion="Raise monthly_budget_cents of the team, or wait for the next month; `costs` shows what it went to.",
        )
    rest = max(1, ceil(left))
    return replace(outcome, budget_cents=min(outcome.budget_cents or rest, rest))


def watch(desk: Desk, assignment: Assignment) -> float:
    """What the team's month has cost so far, in cents; past 80 % of its budget people are told, once a month.

    Nobody asks where there is no budget: then it is 0.
    """
    now, zone, budget = desk.ports.clock(), assignment.rules.zone, assignment.monthly_budget_cents
    if budget is None:
        return 0.0
    spent = Money(desk.store.database).spent(assignment.team, month_began(now, zone))
    if spent >= WARN_AT * budget:
        Notices(desk.store.database).post(_warning(desk, assignment, spent, budget), now=now)
    return spent


def _warning(desk: Desk, assignment: Assignment, spent: float, budget: int) -> Notice:
    month = _month(desk, assignment)
    return Notice(
        key=f"budget/{assignment.team}/{month}",
        kind="budget",
        team=assignment.team,
        run=None,
        subject=f"{assignment.team_name} has spent {100 * spent / budget:.0f} % of its budget for {month}",
        text=f"{_dollars(spent)} of {_dollars(budget)} at list price. At 100 % no further session is opened this month.\n"
        "`costs` shows what it went to; monthly_budget_cents raises it.",
    )


def _month(desk: Desk, assignment: Assignment) -> str:
    return month_of(desk.ports.clock(), assignment.rules.zone)


def _dollars(cents: float) -> str:
    return f"${cents / 100:.2f}"
