"""Secrets: read where they are used, shown nowhere."""

import copy
import shlex
import sys
from dataclasses import replace
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


def told(command: str, clock: list[float] | None = None) -> Secret:
    """A secret that a command of Python's gives; the clock is one number that the test turns."""
    named = Secret.named(
        "ASANA_ACCESS_TOKEN", {"ASANA_ACCESS_TOKEN_CMD": shlex.join([sys.executable, "-c", command])}
    )
    return replace(named, _clock=lambda: clock[0]) if clock else named


def test_a_command_gives_a_secret_and_is_asked_again_after_a_minute(tmp_path: Path) -> None:
    """A password manager rotates without a restart, and is not asked hundreds of times for one board."""
    file, clock = tmp_path / "key", [0.0]
    secret = told(f"print(open({str(file)!r}).read())", clock)
    file.write_text("first", encoding="utf-8")
    assert (secret.reveal(), secret.kind, secret.from_file) == ("first", "cmd", True)
    file.write_text("second", encoding="utf-8")
    clock[0] = 59.0
    assert secret.reveal() == "first"
    clock[0] = 60.0
    assert secret.reveal() == "second"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("print('hush'); raise SystemExit(3)", "ended with 3"),
        ("print('two words')", "not a key"),
        ("", "is empty"),
    ],
)
def test_a_command_that_fails_is_named_without_what_it_said(command: str, reason: str) -> None:
    """Its output may be half a secret; its arguments may say where the rest is."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        told(command).reveal()
    assert not {"hush", "words", "print"} & set(str(caught.value).replace("'", " ").split())


def test_a_command_that_is_not_there_is_named() -> None:
    """No shell stands between: what is named is what is run."""
    with pytest.raises(ConfigurationError, match="no such program"):
        Secret.named("X", {"X_CMD": "/no/such/program; echo key"}).reveal()


@pytest.mark.parametrize(
    ("place", "kind", "value"),
    [
        ("env:TEAM_TOKEN", "env", "from-env"),
        ("file:{file}", "file", "from-file"),
        ("cmd:echo from-cmd", "cmd", "from-cmd"),
    ],
)
def test_a_place_names_a_secret(tmp_path: Path, place: str, kind: str, value: str) -> None:
    """What a team's `credentials` may say; the record of its use names the place, never more."""
    file = tmp_path / "token"
    file.write_text("from-file\n", encoding="utf-8")
    secret = Secret.of(place.format(file=file), {"TEAM_TOKEN": "from-env"}, name="teams.x.credentials.read")
    assert (secret.reveal(), secret.kind) == (value, kind)
    assert secret.reference in ("env:TEAM_TOKEN", f"{kind}:teams.x.credentials.read")
    assert "from" not in repr(secret)


@pytest.mark.parametrize("place", ["1/12345:abcdef", "env:", "vault:x", "", "cmd:echo 'x"])
def test_a_secret_in_the_place_of_its_place_is_refused(place: str) -> None:
    """Somebody pastes a token into the file: the refusal must not repeat it."""
    with pytest.raises(Refused) as caught:
        Secret.of(place, {}, name="n")
    assert "abcdef" not in str(caught.value)
