"""What a session costs at list price: arithmetic on counts, with the prices handed in.

Used where the service gives no list cost, or rounds it to nothing. Not a bill: discounts and contracts are not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facilitator.errors import ConfigurationError
from facilitator.runs.ports import Usage

_MILLION = 1_000_000
_SECONDS_PER_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Prices:
    """US cents: tokens per million, running time per hour. Zero where a price is not known."""

    input: float = 0.0
    output: float = 0.0
    cache_read: float = 0.0
    cache_write: float = 0.0
    hour: float = 8.0
    """Running time only; an idle session is free."""


def list_cents(usage: Usage, prices: Prices) -> float:
    """The list price of what was used, in US cents, not rounded."""
    tokens = (
        usage.input_tokens * prices.input
        + usage.output_tokens * prices.output
        + usage.cache_read_tokens * prices.cache_read
        + usage.cache_write_tokens * prices.cache_write
    )
    return tokens / _MILLION + usage.active_seconds * prices.hour / _SECONDS_PER_HOUR


def load_prices(templates: Path, model: str | None = None) -> Prices:
    """The prices of one model from `prices.yaml` beside the agent's template; running time alone for an unlisted one.

    Without a model it is the template's own.
    """
    import yaml

    path = templates / "prices.yaml"
    try:
        if model is None:
            model = yaml.safe_load((templates / "agent.yaml").read_text(encoding="utf-8"))["model"]
        table: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        tokens = (table.get("models") or {}).get(model) or {}
        return Prices(**{name: float(value) for name, value in {"hour": table["hour"], **tokens}.items()})
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(
            f"the price table {path} cannot be used: {error}",
            suggestion="give `hour` and, under `models`, cents per million tokens as input, output, cache_read, cache_write",
        ) from error
