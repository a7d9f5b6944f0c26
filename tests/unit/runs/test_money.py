"""What sessions cost and saved: sums worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from facilitator.agents import Prices, list_cents
from facilitator.calendar.window import Window
from facilitator.runs.money import Money, Spending, accounts, month_began, month_of, percentiles
from facilitator.runs.ports import CostLine, Latency, Usage
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.store import RunStore

from .conftest import NOW

BERLIN = ZoneInfo("Europe/Berlin")
SPENT = Spending(
    "run_a", "harbour", "standup", NOW, True, 3000, 400, 1000, 0, 90, 60.0, 6.0, 4.0, 1.5, 1.0, 3.0
)


def paid(store: RunStore, day: int, cents: float, team: str = "harbour") -> Run:
    """A run fired on that day of June, and what its session cost."""
    at = datetime(2026, 6, day, 7, 0, tzinfo=UTC)
    run, _ = store.fire(
        team, "standup", Window(at - timedelta(days=1), at), mode=Mode.APPROVE, trigger="x", now=at
    )
    lines = (
        CostLine(0, 0, "writer", 1, 2, 3, 4, 5.0, cents / 2),
        CostLine(0, 0, "grader", 1, 2, 3, 4, 5.0, cents / 4),
    )
    with store.step(run, now=at) as step:
        step.set(session_id=f"sesn_{day}")
        step.keep_usage(Usage(100, 10, 50, 0, 7, 60.0, cents), lines, Latency(1.0, 2.0))
    return step.run


def test_only_the_teams_own_month_counts(store: RunStore) -> None:
    """8.5 + 4 cents from the tenth on; another team and an earlier day are left out."""
    for day, cents, team in (
        (9, 100.0, "harbour"),
        (10, 8.5, "harbour"),
        (11, 4.0, "harbour"),
        (11, 50.0, "pier"),
    ):
        paid(store, day, cents, team)
    assert Money(store.database).spent("harbour", datetime(2026, 6, 10, tzinfo=UTC)) == 12.5
    assert Money(store.database).spent("nobody", datetime(2026, 6, 10, tzinfo=UTC)) == 0


def test_a_session_is_counted_once_whatever_is_known_of_it(store: RunStore) -> None:
    """A later figure replaces an earlier one; parts and latency come along."""
    run = paid(store, 10, 8.0)
    with store.step(run, now=NOW) as step:
        step.keep_usage(
            Usage(200, 10, 50, 0, 7, 60.0, 12.0), (CostLine(0, 0, "writer", 1, 2, 3, 4, 5.0, 9.0),)
        )
    [one] = Money(store.database).spendings()
    assert (one.cents, one.writer_cents, one.grader_cents, one.first_event) == (12.0, 9.0, 0.0, None)
    assert [part.list_cents for part in Money(store.database).parts(run.id)] == [9.0]
    assert Money(store.database).latency(run.id) == Latency(None, None)
    assert Money(store.database).latency("run_none") is None


def test_an_account_sums_a_month_of_one_ceremony() -> None:
    """Two sessions of one written run and one of a rejected one: 6 + 3 + 3 = 12 cents for one document."""
    rows = [
        SPENT,
        replace(SPENT, cents=3.0, input_tokens=1000, cache_read_tokens=3000, first_message=5.0),
        replace(SPENT, run="run_b", written=False, cents=3.0, first_event=None),
    ]
    [account] = accounts(rows, lambda _team: UTC, lambda _team, _ceremony: 25)
    assert (account.month, account.sessions, account.documents) == ("2026-06", 3, 1)
    assert (account.cents, account.cents_per_document, account.minutes_saved) == (12.0, 12.0, 25)
    assert (account.writer_cents, account.grader_cents) == (12.0, 4.5)
    assert account.cached_percent == pytest.approx(100 * 5000 / 12000)
    assert (account.first_event, account.first_message) == ((1.0, 1.0), (3.0, 5.0))


def test_nothing_is_said_where_nothing_is_known() -> None:
    """No baseline, no document, no tokens: no figure is made up."""
    rows = [
        replace(
            SPENT, written=False, input_tokens=0, cache_read_tokens=0, first_event=None, first_message=None
        )
    ]
    [account] = accounts(rows, lambda _team: UTC, lambda _team, _ceremony: None)
    assert (account.cents_per_document, account.minutes_saved, account.cached_percent) == (None, None, None)
    assert account.first_event is account.first_message is None


def test_known_runs_give_known_minutes() -> None:
    """Twenty stand-ups at 15 minutes by hand, and one weekly at 60: 300 and 60 minutes."""
    rows = [replace(SPENT, run=f"run_{n}") for n in range(20)] + [
        replace(SPENT, run="run_w", ceremony="weekly")
    ]
    minutes = {"standup": 15, "weekly": 60}
    found = accounts(rows, lambda _team: UTC, lambda _team, ceremony: minutes[ceremony])
    assert {one.ceremony: one.minutes_saved for one in found} == {"standup": 300, "weekly": 60}


def test_a_month_is_the_teams_own() -> None:
    """At half past eleven at night of 30 June in UTC it is July in Berlin."""
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert (month_of(late, UTC), month_of(late, BERLIN)) == ("2026-06", "2026-07")
    assert month_began(late, BERLIN) == datetime(2026, 6, 30, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([], None),
        ([None], None),
        ([2.0], (2.0, 2.0)),
        ([float(n) for n in range(1, 101)], (50.5, 95.0)),
        ([1.0, None, 3.0], (2.0, 3.0)),
    ],
)
def test_percentiles_are_of_what_is_known(values: list[float | None], told: object) -> None:
    """The median, and the nearest rank of 95 %."""
    assert percentiles(values) == told


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        (Usage(active_seconds=15 * 60), 0.02),
        (Usage(active_seconds=30 * 24 * 3600), 57.60),
        (Usage(active_seconds=100 * 10 * 60), 1.33),
        (Usage(100 * 20_000, 100 * 2_000, 0, 0, active_seconds=100 * 10 * 60), 1.33 + 8.0 + 4.0),
    ],
)
def test_the_published_examples_come_out(usage: Usage, dollars: float) -> None:
    """A quarter of an hour about $0.02, a month without pause about $58, a hundred runs of ten minutes about $1.33,
    and the same with 20,000 tokens in and 2,000 out each at $4 and $20 a million: $8 and $4 more.
    """
    assert round(list_cents(usage, Prices(input=400, output=2000)) / 100, 2) == pytest.approx(
        dollars, abs=0.005
    )


def test_a_run_that_never_paid_costs_nothing(store: RunStore, run: Run) -> None:
    """Fired and failed before a session: no row."""
    with store.step(run, now=NOW) as step:
        step.move(RunState.FAILED, "x")
    assert Money(store.database).spendings() == ()
