"""What the pages ask of a run log gets the same answers from PostgreSQL, whose grammar and types are stricter."""

from datetime import timedelta

from facilitator.runs.board_figures import KeptFigures
from facilitator.runs.followups import Followups, Opinion
from facilitator.runs.money import Money
from facilitator.runs.overview import Overview
from facilitator.runs.ports import Latency, Usage
from facilitator.runs.run import RunState
from facilitator.runs.store import RunStore
from facilitator.runs.weeks import mondays
from tests.unit.runs.conftest import NOW
from tests.unit.runs.test_overview import PAIRS, TEAMS, failed, fired, keep, read


def test_the_pages_questions_have_answers_on_postgresql(store: RunStore) -> None:
    """Newest runs, lists, what is open, sums by week, what readers said, and the figures of boards."""
    old, new = failed(store, fired(store, 9)), read(store, fired(store, 1))
    with store.step(new, now=NOW) as step:
        step.set(session_id="sesn_1", result="satisfied")
        step.keep_usage(Usage(100, 10, 50, 0, 7, 60.0, 4.5), (), Latency(1.0, 2.0))
    new = step.run
    overview, money, weeks = Overview(store.database), Money(store.database), mondays(NOW, 3)
    assert overview.newest(PAIRS) == {PAIRS[0]: new}
    assert overview.listed(TEAMS, ceremonies=("standup",), state="failed", before=NOW) == (old,)
    assert overview.unfinished(TEAMS) == store.unfinished() == (new,)
    assert overview.waiting(TEAMS) == 0
    assert overview.quiet([new.id]) == set()
    assert {week: count for week, (count, _) in overview.stamps(TEAMS, weeks).items()} == dict(
        zip(weeks, (0, 1, 1), strict=True)
    )
    judged = {one.week: (one.runs, one.failed, one.satisfied) for one in overview.judgements(TEAMS, weeks)}
    assert judged == {weeks[1]: (1, 1, 0), weeks[2]: (1, 0, 1)}
    assert [(one.week, one.list_cents, one.documents) for one in money.by_week(TEAMS, weeks)] == [
        (weeks[2], 4.5, 0)
    ]
    assert [one.seconds for one in money.starts(TEAMS, weeks)] == [(1.0,)]
    followups = Followups(store.database)
    followups.heard(new.id, [Opinion(new.id, "1", "wrong", "7", "that is done", 1, NOW)], now=NOW)
    assert [one.wrong for one in followups.echoes(TEAMS, since=weeks[0])] == [1]
    assert [one.text for one in followups.complaints(TEAMS, since=weeks[0], most=5)] == ["that is done"]
    assert (followups.last_scored(), followups.truths(TEAMS, weeks)) == (None, [])
    kept = KeptFigures(store.database)
    assert [run.id for run in kept.lacking(PAIRS)] == [new.id]
    keep(store, kept, new)
    assert kept.newest(TEAMS)["harbour"].run == new.id
    assert [one.state for one in overview.tallies(TEAMS)] == [RunState.FAILED, RunState.SCHEDULED]
    assert new.created_at > old.created_at + timedelta(days=7)
