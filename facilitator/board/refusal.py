"""A figure that was asked for and cannot be given honestly.

Beside the flow: forecasts, bands and trends return one of these instead of a number made of too little. It is a value,
not an error: a document prints the reason and goes on.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refused:
    """No figure, and why, as a phrase a document can print: "only 9 of the 10 finished sprints a forecast needs"."""

    reason: str
