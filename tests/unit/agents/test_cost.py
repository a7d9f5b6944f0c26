"""What a session costs at list price."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from facilitator.agents.cost import Prices, list_cents, load_prices
from facilitator.errors import ConfigurationError
from facilitator.runs.ports import Usage

TEMPLATES = Path(__file__).parents[3] / "templates" / "agents"
MINUTES, HOURS = 60, 3600


@pytest.mark.parametrize(
    ("seconds", "dollars"),
    [(15 * MINUTES, 0.02), (30 * 24 * HOURS, 57.60), (100 * 10 * MINUTES, 1.33)],
)
def test_running_time_costs_eight_cents_an_hour(seconds: float, dollars: float) -> None:
    """The published examples: a quarter of an hour, a month without pause, a hundred runs of ten minutes."""
    cents = list_cents(Usage(active_seconds=seconds), Prices())

    assert round(cents / 100, 2) == dollars


def test_tokens_are_priced_by_kind() -> None:
    """A million of each kind costs the sum of the four prices."""
    million = Usage(1_000_000, 1_000_000, 1_000_000, 1_000_000)

    assert list_cents(million, Prices(input=400, output=2000, cache_read=20, cache_write=500)) == 2920


def test_nothing_used_costs_nothing() -> None:
    """An idle session is free."""
    assert list_cents(Usage(), Prices(input=400)) == 0


def test_the_templates_model_has_prices() -> None:
    """The model in agent.yaml is in the price table beside it."""
    model = yaml.safe_load((TEMPLATES / "agent.yaml").read_text())["model"]

    assert load_prices(TEMPLATES, model).input > 0


def test_an_unlisted_model_is_priced_by_time_alone() -> None:
    """A new model does not stop a run for want of a price."""
    assert load_prices(TEMPLATES, "model-of-next-year") == Prices(hour=8)


@pytest.mark.parametrize(
    "content", [None, "models: {}", "hour: dear", "hour: 8\nmodels: {m: {speed: 1}}", "a: ["]
)
def test_a_faulty_table_is_named(tmp_path: Path, content: str | None) -> None:
    """The error names the file."""
    if content is not None:
        (tmp_path / "prices.yaml").write_text(content)

    with pytest.raises(ConfigurationError, match=r"prices\.yaml"):
        load_prices(tmp_path, "m")
