"""A window is a half-open span with a name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from facilitator.calendar.window import Window

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_boundary_instant_is_in_one_window_only() -> None:
    """[start, end): what happens at noon belongs to the window that starts at noon."""
    assert NOON in Window(NOON, NOON + HOUR)
    assert NOON not in Window(NOON - HOUR, NOON)


def test_a_window_is_named_by_its_end_in_utc() -> None:
    """The same instant gives the same key, whatever zone it was written in."""
    local = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))

    assert Window(NOON - HOUR, local).key == "2026-06-01T12:00:00Z"
    assert Window(NOON - HOUR, local) == Window(NOON - HOUR, NOON)


@pytest.mark.parametrize(
    ("start", "end"),
    [(NOON, NOON - HOUR), (NOON.replace(tzinfo=None), NOON), (NOON, NOON.replace(tzinfo=None))],
)
def test_a_window_without_sense_cannot_be_made(start: datetime, end: datetime) -> None:
    """Backwards or without a zone."""
    with pytest.raises(ValueError, match="window"):
        Window(start, end)
