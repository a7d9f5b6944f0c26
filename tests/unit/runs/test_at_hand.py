"""What is held between two questions, and what is let go of."""

from __future__ import annotations

from collections.abc import Callable

from facilitator.runs.at_hand import AtHand


def test_what_is_asked_about_stays_at_hand_within_its_bound() -> None:
    """The longest unasked goes first; one that is heavier than the bound stays while it is the one asked."""
    made: list[str] = []

    def making(name: str, weight: int) -> Callable[[], int]:
        def now() -> int:
            made.append(name)
            return weight

        return now

    held = AtHand[int](5, weigh=lambda weight: weight)
    for name, weight in (
        ("a", 2),
        ("b", 2),
        ("a", 2),
        ("c", 2),
        ("a", 2),
        ("b", 2),
        ("huge", 9),
        ("huge", 9),
    ):
        assert held.at(name, making(name, weight)) == weight

    assert made == ["a", "b", "c", "b", "huge"]


def test_what_is_dropped_is_made_anew() -> None:
    """And its weight counts no more; dropping it twice is dropping it once."""
    held = AtHand[int](2)
    held.at("a", lambda: 1)
    held.at("b", lambda: 1)
    held.drop("a")
    held.drop("a")
    held.at("c", lambda: 1)

    assert [held.at(name, lambda: 2) for name in ("b", "c", "a")] == [1, 1, 2]
