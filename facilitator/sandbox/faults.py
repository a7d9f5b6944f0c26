"""Fault switches: what shall go wrong, on which call, how often.

Owns the description of a fault and the plan that hands them out, deterministic by seed. The wire carries them out (wire.py,
streams.py). A plan knows nothing of either service: it sees a method and a path.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

COMMON = {"kind", "method", "path", "count", "after", "probability", "on"}
PARAMETERS: dict[str, set[str]] = {
    "status": {"status", "retry_after", "message", "body", "headers"},
    "commit_then_status": {"status", "retry_after", "message", "body", "headers"},
    "commit_then_hang": {"seconds"},
    "drop": set(),
    "commit_then_drop": set(),
    "malformed_json": set(),
    "html_error": {"status"},
    "truncated_body": set(),
    "reset": set(),
    "commit_then_reset": set(),
    "slow": {"seconds"},
    "trickle": {"seconds", "pieces"},
    "header": {"headers"},
    "late_list": {"seconds"},
    "repeated_items": set(),
    "stale_status": {"says"},
    "stream_close": {"frames"},
    "stream_cut": {"frames"},
    "stream_reset": {"frames"},
    "stream_malformed": {"frames"},
    "stream_trickle": {"frames", "seconds"},
    "stream_silence": {"frames", "seconds"},
    "stream_duplicate": {"frames"},
    "stream_unknown_event": {"frames", "payload"},
}
NUMBERS = {"count", "after", "probability", "status", "retry_after", "seconds", "frames", "pieces"}
SIDES = ("asana", "agents")


class FaultError(ValueError):
    """A fault was described in a way the sandbox does not know; the message says which part."""


@dataclass
class Fault:
    """One thing to go wrong, with its counters. `count` None means every time; `after` matches pass unharmed first."""

    kind: str
    method: str = "*"
    path: str = "*"
    count: int | None = 1
    after: int = 0
    probability: float = 1.0
    parameters: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    used: int = 0

    @property
    def streams(self) -> bool:
        """Whether it harms an event stream rather than a single answer."""
        return self.kind.startswith("stream_")

    def fits(self, method: str, paths: Iterable[str]) -> bool:
        """Whether a call is one of those it waits for; a path may be given with and without its prefix."""
        if self.count is not None and self.used >= self.count:
            return False
        return self.method in ("*", method) and any(fnmatchcase(path, self.path) for path in paths)

    def as_json(self) -> dict[str, Any]:
        """Render for `GET /_sandbox/faults`."""
        return {
            "kind": self.kind,
            "method": self.method,
            "path": self.path,
            "count": self.count,
            "after": self.after,
            "probability": self.probability,
            **self.parameters,
            "seen": self.seen,
            "used": self.used,
        }


class FaultPlan:
    """The faults waiting on one port. Every fault draws from its own seeded numbers, so adding one moves no other."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._faults: list[tuple[Fault, random.Random]] = []

    def add(self, descriptions: Iterable[Mapping[str, Any]], *, seed: int | None = None) -> list[Fault]:
        """Put faults behind those already waiting. Raises FaultError, adding none, where one is not understood."""
        parsed = [parse_fault(description) for description in descriptions]
        self._seed = self._seed if seed is None else seed
        for fault in parsed:
            self._faults.append((fault, random.Random(f"{self._seed}:{len(self._faults)}")))
        return parsed

    def clear(self) -> None:
        """Let everything go right again."""
        self._faults.clear()

    def faults(self) -> list[Fault]:
        """Answer the faults with their counters, in order."""
        return [fault for fault, _ in self._faults]

    def take(self, method: str, paths: Iterable[str], *, stream: bool) -> Fault | None:
        """Answer the first fault that is due for this call, and count it as used."""
        candidates = tuple(paths)
        for fault, dice in self._faults:
            if fault.streams is not stream or not fault.fits(method, candidates):
                continue
            fault.seen += 1
            if fault.seen > fault.after and dice.random() < fault.probability:
                fault.used += 1
                return fault
        return None


def parse_fault(description: Any) -> Fault:
    """Read one fault. Raises FaultError for an unknown kind, an unknown key, or a number that is none."""
    if not isinstance(description, Mapping):
        raise FaultError(f"a fault is an object with a kind, not {description!r}")
    kind = description.get("kind")
    if kind not in PARAMETERS:
        raise FaultError(f"unknown fault kind {kind!r}; the sandbox knows {', '.join(sorted(PARAMETERS))}")
    _refuse_unknown_keys(kind, description)
    count = description.get("count", 1)
    return Fault(
        kind=kind,
        method=str(description.get("method", "*")).upper(),
        path=str(description.get("path", "*")),
        count=None if count is None else int(count),
        after=int(description.get("after", 0)),
        probability=float(description.get("probability", 1.0)),
        parameters={key: description[key] for key in description if key in PARAMETERS[kind]},
    )


def _refuse_unknown_keys(kind: str, description: Mapping[str, Any]) -> None:
    allowed = COMMON | PARAMETERS[kind]
    for key, value in description.items():
        if key not in allowed:
            raise FaultError(f"fault {kind!r} has no {key!r}; it takes {', '.join(sorted(allowed))}")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if key in NUMBERS and value is not None and not is_number:
            raise FaultError(f"fault {kind!r}: {key} is {value!r}, not a number")
    if description.get("on", "asana") not in SIDES:
        raise FaultError(f"fault {kind!r}: on is {description['on']!r}, not one of {', '.join(SIDES)}")


def faults_for(side: str, descriptions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Pick the faults meant for one port: those that name it in `on`, and those that name none."""
    return [description for description in descriptions if description.get("on", side) == side]
