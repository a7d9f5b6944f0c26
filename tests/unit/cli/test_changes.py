"""Which of the proposed changes a yes at the command line means."""

import pytest

from facilitator.cli.approvals import chosen_changes
from facilitator.errors import ConfigurationError


@pytest.mark.parametrize(
    ("said", "meant"),
    [("all", None), ("ALL ", None), ("none", frozenset()), ("2", {2}), ("1,3", {1, 3}), ("3 1, 3", {1, 3})],
)
def test_all_none_or_numbers(said: str, meant: frozenset[int] | None) -> None:
    """As `approvals list` numbers them."""
    assert chosen_changes(said) == meant


@pytest.mark.parametrize("said", ["", "some", "1-3", "-1", "\u00b2"])
def test_anything_else_is_refused(said: str) -> None:
    """Before anything is decided."""
    with pytest.raises(ConfigurationError, match="names no changes"):
        chosen_changes(said)
