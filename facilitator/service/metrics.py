"""Figures for a monitoring system, in the text format of Prometheus: made from the run log at each scrape.

Needs the extra `metrics`. Several processes over one run log expose the same figures, but for `rate_limited`, which is each
process's own. No figure names a person or a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from facilitator.errors import ConfigurationError
from facilitator.runs.notices import Posted
from facilitator.runs.overview import Overview
from facilitator.runs.run import Run, RunState
from facilitator.service.application import Application
from facilitator.service.watching import TICK

if TYPE_CHECKING:
    from prometheus_client.core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PAIR = ("team", "ceremony")
EVER = datetime(2020, 1, 1, tzinfo=UTC)


def exposed(app: Application, *, now: datetime) -> bytes:
    """The whole page; raises `ConfigurationError` where the extra is not installed."""
    try:
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.registry import Collector
    except ImportError:
        raise ConfigurationError(
            "/metrics needs the extra `metrics`.", suggestion="pip install 'facilitator[metrics]'"
        ) from None

    class RunLog(Collector):
        def collect(self) -> Iterable[Metric]:
            return figures(app, now=now)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(RunLog())
    return bytes(generate_latest(registry))


def figures(app: Application, *, now: datetime) -> Iterator[Metric]:
    """Every metric; runs are those of teams and ceremonies in the configuration."""
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    overview, pairs = Overview(app.database), list(app.assignments)
    teams, known = {team for team, _ in pairs}, set(pairs)
    runs = GaugeMetricFamily("facilitator_runs", "Runs by state.", labels=(*PAIR, "state"))
    counts: dict[tuple[str, str, str], int] = {}
    for tally in overview.tallies(teams):
        key = (tally.team, tally.ceremony, tally.state)
        if key[:2] in known:
            counts[key] = counts.get(key, 0) + tally.count
    for key, count in sorted(counts.items()):
        runs.add_metric(key, count)
    yield runs
    cents = {(one.team, one.ceremony): one.list_cents for one in app.money.by_week(teams, [EVER])}
    cost = CounterMetricFamily("facilitator_cost_cents", "Spent at list price.", labels=PAIR)
    for pair in sorted(known & cents.keys()):
        cost.add_metric(pair, cents[pair])
    yield cost
    newest = overview.newest(pairs)
    for name, what, seconds in (
        ("lateness", "From due to fired, of the newest scheduled run.", _lateness),
        ("duration", "From fired to written, of the newest run if it is written.", _duration),
    ):
        gauge = GaugeMetricFamily(f"facilitator_run_{name}_seconds", what, labels=PAIR)
        for pair, run in sorted(newest.items()):
            value = seconds(run)
            if value is not None:
                gauge.add_metric(pair, value)
        yield gauge
    limited = CounterMetricFamily(
        "facilitator_rate_limited", "429 answers to this process.", labels=("service",)
    )
    for service in ("asana", "managed_agents"):
        limited.add_metric((service,), app.limited[service])
    yield limited
    yield GaugeMetricFamily(
        "facilitator_notices_not_told", "Recent notices with a way that did not arrive.", value=_not_told(app)
    )
    last = app.marks.at(TICK)
    if last is not None:
        age = (now - last).total_seconds()
        yield GaugeMetricFamily(
            "facilitator_tick_age_seconds", "Since the scheduler's last sign of life.", value=age
        )


def _lateness(run: Run) -> float | None:
    return (run.created_at - run.window.end).total_seconds() if run.trigger == "schedule" else None


def _duration(run: Run) -> float | None:
    return (run.updated_at - run.created_at).total_seconds() if run.state is RunState.WRITTEN else None


def _not_told(app: Application) -> int:
    def missed(posted: Posted) -> bool:
        return any(way.sent_at is None and way.trouble for way in posted.dispatches)

    return sum(map(missed, app.notices.recent(limit=200)))
