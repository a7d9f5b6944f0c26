"""Secrets: read where they are used, shown nowhere."""

import copy
from pathlib import Path

import pytest

from facilitator.errors import ConfigurationError
from facilitator.settings import Secret
from facilitator.settings.faults import Refused


def test_a_secret_is_revealed_only_when_asked() -> None:
    """Neither repr nor str nor a format shows it; its name is shown, to say which one is meant."""
    secret = Secret.named("ASANA_ACCESS_TOKEN", {"ASANA_ACCESS_TOKEN": " 1/abc:def\n"})

    assert secret.reveal() == "1/abc:def"
    assert "abc" not in f"{secret!r} {secret} {copy.copy(secret)!r}"
    assert "ASANA_ACCESS_TOKEN" in repr(secret)


def test_a_rotated_file_is_picked_up(tmp_path: Path) -> None:
    """The file is read at each use, so that a new key needs no restart; its path is not shown either."""
    file = tmp_path / "key"
    secret = Secret.named("ANTHROPIC_API_KEY", {"ANTHROPIC_API_KEY_FILE": str(file)})

    assert secret.is_set
    assert secret.from_file
    file.write_text("first\n", encoding="utf-8")
    assert secret.reveal() == "first"
    file.write_text("second\n", encoding="utf-8")
    assert secret.reveal() == "second"
    assert str(tmp_path) not in repr(secret)


def test_a_missing_secret_says_what_to_set() -> None:
    """An empty variable counts as not set."""
    secret = Secret.named("ASANA_ACCESS_TOKEN", {"ASANA_ACCESS_TOKEN": "  "})

    assert not secret.is_set
    assert not secret.from_file
    with pytest.raises(ConfigurationError, match="is not set") as caught:
        secret.reveal()
    assert "ASANA_ACCESS_TOKEN_FILE" in caught.value.suggestion


@pytest.mark.parametrize(
    "content", [b"", b"two words", b"line\nbreak", "schl\u00fcssel".encode(), b"bell\x07"]
)
def test_what_cannot_be_a_key_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    """It would break a header, or be refused by the service with a message that helps nobody."""
    file = tmp_path / "key"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError, match="not a key") as caught:
        Secret.named("ANTHROPIC_API_KEY", {"ANTHROPIC_API_KEY_FILE": str(file)}).reveal()
    assert not content or content.decode() not in str(caught.value)


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), (b"\xff\xfe\x00", "not UTF-8")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, reason: str) -> None:
    """The variable, the path and the reason."""
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=reason) as caught:
        Secret.named("ANTHROPIC_API_KEY", {"ANTHROPIC_API_KEY_FILE": str(file)}).reveal()
    assert "ANTHROPIC_API_KEY_FILE" in str(caught.value)
    assert str(file) in str(caught.value)


def test_two_places_for_one_secret_are_refused() -> None:
    """Nobody could say which one counts."""
    with pytest.raises(Refused, match="both set"):
        Secret.named("X", {"X": "a", "X_FILE": "b"})
