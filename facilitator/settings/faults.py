"""What is wrong with a configuration, all of it at once.

Every reader of this room yields `Found`s or raises `Refused`; loading turns them into `ConfigFault`s with lines. It
does not print: the command line does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facilitator.errors import ConfigurationError

KeyPath = tuple[str | int, ...]
"""Where a value stands in the TOML document; numbers count the entries of a list from 0."""


class Refused(ValueError):  # noqa: N818 - said of one value, turned into a fault by who knows its line
    """One value cannot be used; `suggestion` says what to write instead."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Found:
    """A fault that does not know its line yet."""

    path: KeyPath
    message: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One thing to correct. `line` counts from 1 and is None for an environment variable, which `key` then names."""

    line: int | None
    key: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line is not None else "environment"
        key = f", {self.key}" if self.key else ""
        return f"{where}{key}: {self.message}" + (f" {self.suggestion}" if self.suggestion else "")


class ConfigurationFaults(ConfigurationError):  # noqa: N818 - it is a list of them, not one error
    """A configuration that cannot be used, with every fault found in it, in the order of its lines."""

    def __init__(self, source: str, faults: Sequence[ConfigFault]) -> None:
        self.source = source
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0)))
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__(
            "\n".join([f"{source} has {count}:", *(f"  {fault}" for fault in self.faults)]),
            suggestion="Correct them and try again; nothing was started.",
        )
