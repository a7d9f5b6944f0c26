"""The sandbox's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from facilitator.sandbox import SandboxClock

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_time_passes_at_its_speed() -> None:
    """Two real seconds at speed 60 are two simulated minutes."""
    timer = iter([100.0, 102.0])
    clock = SandboxClock(START, speed=60, monotonic=lambda: next(timer))
    assert clock() == START + timedelta(minutes=2)


def test_the_clock_can_jump() -> None:
    """Advancing adds to what has passed."""
    clock = SandboxClock(START, monotonic=lambda: 5.0)
    clock.advance(3600)
    assert clock() == START + timedelta(hours=1)


def test_a_start_without_a_zone_is_refused() -> None:
    """An instant nobody can place is no start."""
    with pytest.raises(ValueError, match="needs an instant with a zone"):
        SandboxClock(datetime(2026, 3, 2))  # noqa: DTZ001


def test_what_has_elapsed_runs_at_the_clock_s_speed_and_does_not_jump() -> None:
    """A minute of quota at speed 4 is 15 real seconds, and advancing the calendar gives nobody a quota back."""
    timer = iter([100.0, 115.0])
    clock = SandboxClock(START, speed=4, monotonic=lambda: next(timer))
    clock.advance(3600)
    assert clock.elapsed() == 60
