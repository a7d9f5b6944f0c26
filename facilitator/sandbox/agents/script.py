"""Scenario switches: what the scripted writer, grader and session do in the sessions to come.

Owns the `Script` and the plan that hands one to each new session. Set only through `/_sandbox/script` or in code, never by
anything a client of the service could send. It decides nothing while a session runs.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any


class ScriptError(ValueError):
    """A script was described in a way the sandbox does not know; the message says which part."""


@dataclass(frozen=True, slots=True)
class Script:
    """How one session goes. The default is a first draft with one gap, then a good one.

    `revisions` drafts are faulty before one is good; 0 is good at once. `lenient_grader` passes whatever is there;
    `inline_json` and `wrong_figure` need it to reach the client, so they imply it where their own fault is concerned.
    `obedient` seats the writer that obeys every text it reads. `file_lag_s` (real seconds, unscaled) replaces the setting. `budget_reached` stops the work as at a cap, even where none was set.
    """

    revisions: int = 1
    never_satisfied: bool = False
    no_file: bool = False
    invalid_json: bool = False
    unknown_tasks: bool = False
    never_finishes: bool = False
    unknown_tool: bool = False
    parallel_tools: int = 0
    refusal: bool = False
    retries_exhausted: bool = False
    terminated: bool = False
    session_error_retrying: bool = False
    budget_reached: bool = False
    grader_fails: bool = False
    grader_calls_tool: bool = False
    lenient_grader: bool = False
    inline_json: bool = False
    file_lag_s: float | None = None
    wrong_figure: bool = False
    obeys_injection: bool = False
    obedient: bool = False

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Script:
        """Read switches by name; raises `ScriptError` naming an unknown switch or a value of the wrong kind."""
        known = {item.name: item for item in fields(cls)}
        if unknown := sorted(set(raw) - set(known)):
            raise ScriptError(f"unknown switch {', '.join(unknown)}; known: {', '.join(known)}")
        for name, value in raw.items():
            _check(name, value, str(known[name].type))
        return cls(**raw)

    def faulty(self, attempt: int) -> bool:
        """Whether the draft of this attempt, counted from 0, has a gap on purpose."""
        return self.never_satisfied or attempt < self.revisions


def _check(name: str, value: Any, kind: str) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    good = {
        "bool": isinstance(value, bool),
        "int": number and isinstance(value, int),
        "float | None": value is None or number,
    }[kind]
    if not good:
        raise ScriptError(f"{name} must be {kind} and not negative, not {value!r}")


@dataclass
class ScriptPlan:
    """Which script the next sessions get: first those for a number of sessions, in turn, then the standing one."""

    standing: Script = field(default_factory=Script)
    upcoming: list[Script] = field(default_factory=list)

    def put(self, script: Script, sessions: int | None) -> None:
        """Apply a script to all further sessions (None, which forgets what was upcoming) or to the next so many."""
        if sessions is None:
            self.standing, self.upcoming = script, []
        else:
            self.upcoming += [script] * sessions

    def take(self) -> Script:
        """The script of a session that begins now."""
        return self.upcoming.pop(0) if self.upcoming else self.standing

    def as_dict(self) -> dict[str, Any]:
        """What `/_sandbox/script` shows."""
        return {"standing": asdict(self.standing), "upcoming": [asdict(script) for script in self.upcoming]}
