"""Keys and tokens: where they are, never what they are.

Loading notes which variable, file or command gives a secret; whoever uses it asks at that moment, so that a rotated one is
picked up without a restart. Nothing here can be printed by accident, and no error quotes what a command or file said.
"""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from facilitator.errors import ConfigurationError
from facilitator.settings.faults import Refused

COMMAND_TIMEOUT_S = 10
"""A password manager that asks a person something must not stop every run."""

COMMAND_FRESH_S = 60
"""How long a command's answer is used again: a board is read with hundreds of requests."""

_WAYS = ("", "_FILE", "_CMD")

Kind = Literal["env", "file", "cmd", "none"]


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret by its variable's name; from the environment, a file (`NAME_FILE`) or a command (`NAME_CMD`)."""

    name: str
    _value: str = field(default="", repr=False)
    _file: Path | None = field(default=None, repr=False)
    _command: tuple[str, ...] = field(default=(), repr=False)
    _clock: Callable[[], float] = field(default=time.monotonic, repr=False, compare=False)
    _kept: list[tuple[float, str]] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def named(cls, name: str, environ: Mapping[str, str]) -> Secret:
        """Note where the secret is; `Refused` where more than one of the variable, its file and its command is given."""
        given = {way: environ.get(f"{name}{way}", "").strip() for way in _WAYS}
        said = [f"{name}{way}" for way, text in given.items() if text]
        if len(said) > 1:
            raise Refused(f"{' and '.join(said)} are both set.", "Keep one of them.")
        file, command = given["_FILE"], given["_CMD"]
        return cls(name, given[""], Path(file) if file else None, _words(f"{name}_CMD", command))

    @classmethod
    def of(cls, reference: str, environ: Mapping[str, str], *, name: str) -> Secret:
        """The secret that `env:NAME`, `file:PATH` or `cmd:PROGRAM ARGUMENTS` means; `Refused` for anything else."""
        kind, _, rest = reference.partition(":")
        rest = rest.strip()
        if not rest or kind not in ("env", "file", "cmd"):
            raise Refused("a secret's place is needed, never the secret itself.",
                          'Write "env:NAME", "file:/path" or "cmd:program argument".')  # fmt: skip
        if kind == "env":
            return cls(rest, environ.get(rest, "").strip())
        return cls(name, _file=Path(rest)) if kind == "file" else cls(name, _command=_words(name, rest))

    @property
    def is_set(self) -> bool:
        """Whether the variable, its file or its command is named; the file may still be missing or empty."""
        return self.kind != "none"

    @property
    def kind(self) -> Kind:
        """Where it is kept."""
        if self._command:
            return "cmd"
        if self._file is not None:
            return "file"
        return "env" if self._value else "none"

    @property
    def from_file(self) -> bool:
        """Whether it is kept out of the process's environment."""
        return self.kind in ("file", "cmd")

    @property
    def path(self) -> Path | None:
        """The file that holds it, where a file does."""
        return self._file

    @property
    def reference(self) -> str:
        """Which secret it is, for records: its name and the kind of place, never its value or a command's arguments."""
        return f"{self.kind}:{self.name}"

    def reveal(self) -> str:
        """The secret itself, for the one call that sends it; read anew each time, a command's answer after a minute.

        Raises `ConfigurationError` where there is none or where it cannot be one.
        """
        if not self.is_set:
            raise ConfigurationError(
                f"{self.name} is not set.",
                suggestion=f"Set {self.name}, or {self.name}_FILE to a file that holds it.",
            )
        value = self._read(self._file) if self._file else self._asked() if self._command else self._value
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            self._kept.clear()
            raise ConfigurationError(
                f"{self._source} is empty or not a key: it must be one line of printable ASCII without spaces.",
                suggestion="Copy the key again, without quotes or a line break.",
            )
        return value

    @property
    def _source(self) -> str:
        if self._command:
            return f"what the command of {self.name} printed ({self._command[0]})"
        if self._file is None:
            return self.name
        named = f"named by {self.name}_FILE" if self.name.isupper() else f"of {self.name}"
        return f"the file {named} ({self._file})"

    def _read(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise ConfigurationError(
                f"{self._source} cannot be read: {reason}.", suggestion="Check the path and who may read it."
            ) from None

    def _asked(self) -> str:
        if self._kept and self._clock() - self._kept[0][0] < COMMAND_FRESH_S:
            return self._kept[0][1]
        value = self._run()
        self._kept[:] = [(self._clock(), value)]
        return value

    def _run(self) -> str:
        """Run without a shell; what it prints to standard error may hold anything and is dropped."""
        try:
            done = subprocess.run(  # noqa: S603 - an argument vector from the operator's own configuration
                self._command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=COMMAND_TIMEOUT_S,
                check=True,
            )
            return done.stdout.decode("utf-8").strip()
        except FileNotFoundError:
            reason = "there is no such program"
        except subprocess.TimeoutExpired:
            reason = f"it took longer than {COMMAND_TIMEOUT_S} s"
        except subprocess.CalledProcessError as error:
            reason = f"it ended with {error.returncode}"
        except (OSError, UnicodeDecodeError) as error:
            reason = type(error).__name__
        raise ConfigurationError(
            f"the command of {self.name} ({self._command[0]}) gave no secret: {reason}.",
            suggestion="Try it by hand as the user that runs this program.",
        )


def read_place(value: object) -> str:
    """A secret's place as `Secret.of` takes it; `Refused` where it is none."""
    Secret.of(value if isinstance(value, str) else "", {}, name="a secret")
    return str(value)


def _words(name: str, command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise Refused(f"the command of {name} cannot be read: {error}.", "Close its quotes.") from None
