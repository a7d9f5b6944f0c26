"""How a followed session ended: its log and its last known state become one `Ending` with a sentence for a person.

Pure. The table of stop reasons is the published one; a reason newer than this release counts as over and not approved.
It does not decide to try again: it says whether a new session is known to help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from facilitator.agents.cost import Prices, list_cents
from facilitator.agents.ledger import Ledger
from facilitator.agents.log import TERMINAL_RESULTS, SessionLog, Stop, as_object
from facilitator.runs.ports import Ending, Usage

UNFINISHED = "unfinished"
"""Our own stop word: the session was still busy when we stopped waiting for it."""

_HOPELESS = frozenset(
    {
        "billing_error",
        "credential_host_unreachable_error",
        "mcp_authentication_failed_error",
        "tool_use_limit_reached_error",
        "compaction_limit_reached_error",
    }
)
"""Errors a new session would meet again until a person changes something."""

_QUOTED = 300


@dataclass(frozen=True, slots=True)
class Story:
    """Everything an ending is told from; `session` is the object as last retrieved, empty where it could not be."""

    log: SessionLog
    session: Mapping[str, Any]
    prices: Prices
    ledger: Ledger = field(default_factory=Ledger)
    deadline_minutes: float = 15.0
    timed_out: bool = False
    gone: bool = False
    """The service no longer knows the session."""

    def result(self) -> str | None:
        """The terminal result, by the event or else by the session's own record of the outcome."""
        return self.log.result() or terminal_evaluation(self.session, self.log)

    def stop(self) -> Stop:
        """The last stop; a status that can never change again outranks what the log holds."""
        if self.gone:
            return Stop("deleted")
        if self.session.get("status") == "terminated":
            return Stop("terminated")
        return self.log.stop() or Stop(UNFINISHED)


def terminal_evaluation(session: Mapping[str, Any], log: SessionLog) -> str | None:
    """The terminal result that the session object itself records for the latest outcome, or None."""
    outcome_id = log.outcome_id()
    results = [
        evaluation.get("result")
        for evaluation in session.get("outcome_evaluations") or ()
        if outcome_id in (None, evaluation.get("outcome_id"))
    ]
    return results[-1] if results and results[-1] in TERMINAL_RESULTS else None


def ending_of(story: Story) -> Ending:
    """The ending, with a reason wherever the result is not `satisfied`."""
    result, stop = story.result(), story.stop()
    timed_out = story.timed_out and result in (None, "interrupted")
    ending = Ending(
        result="interrupted" if timed_out else result,
        stop=stop.type,
        verdicts=story.log.verdicts(),
        usage=usage_of(story.log, story.session, story.prices),
        timed_out=timed_out,
        lines=story.ledger.lines(story.prices),
        latency=story.ledger.latency(),
    )
    if result == "satisfied":
        return ending
    reason, retry = _by_deadline(story) if timed_out else _by_result(story, result) or _by_stop(story, stop)
    return replace(ending, reason=reason, retry_new_session=retry)


def usage_of(log: SessionLog, session: Mapping[str, Any], prices: Prices) -> Usage:
    """What was used: by the session object, else by its last usage event; every number may be absent."""
    stored = as_object(session.get("usage"))
    raw = {**log.usage(), **{key: value for key, value in stored.items() if value}}
    writes = as_object(raw.get("cache_creation"))
    usage = Usage(
        input_tokens=_count(raw.get("input_tokens")),
        output_tokens=_count(raw.get("output_tokens")),
        cache_read_tokens=_count(raw.get("cache_read_input_tokens")),
        cache_write_tokens=sum(_count(value) for value in writes.values())
        or _count(raw.get("cache_creation_input_tokens")),
        grader_tokens=log.grader_tokens(),
        active_seconds=_number(raw.get("active_seconds")),
    )
    # The service rounds to whole cents, so a small session reads "0": then our own arithmetic says more.
    told = _number(as_object(raw.get("list_cost")).get("amount"))
    return replace(usage, list_cents=told or list_cents(usage, prices))


def _by_deadline(story: Story) -> tuple[str, bool]:
    reason = (
        f"The session was not finished after {story.deadline_minutes:g} minutes and was interrupted. "
        "Look at the session for what it was doing; a longer deadline or a smaller brief may help."
    )
    return reason, False


def _by_result(story: Story, result: str | None) -> tuple[str, bool] | None:
    count = len(story.log.verdicts())
    sentence = {
        "max_iterations_reached": f"The draft still had gaps after {_times(count)}; the grader's explanation names "
        "them. A person must decide.",
        "failed": "The grader says that the rubric does not fit the deliverable. Compare the rubric with the brief: "
        "both must ask for the same file. Trying again unchanged will not help.",
        "interrupted": "Somebody interrupted the session before the draft was accepted.",
    }.get(result or "")
    return (sentence, False) if sentence else None


def _by_stop(story: Story, stop: Stop) -> tuple[str, bool]:
    error, hopeless = _error(story.log)
    known = {
        "terminated": (f"The session was terminated and cannot go on.{error}", not hopeless),
        "deleted": (
            "The session is gone: it was deleted, or the key belongs to another workspace. Nothing was accepted.",
            False,
        ),
        "budget_reached": (
            "The session spent its budget before the draft was accepted. Three to five times a usual run is advised.",
            False,
        ),
        "retries_exhausted": (
            f"The service gave up after repeated errors.{error} A new session later may succeed.",
            not hopeless,
        ),
        "refusal": (
            f"The model refused the task.{_refusal(stop)} Change the brief; do not repeat it.",
            False,
        ),
        "end_turn": (f"The session stopped before any draft was graded.{error}", False),
        UNFINISHED: ("The session was still busy when waiting for it ended.", False),
    }
    newer = (
        f"The session stopped for a reason this release does not know: {_quote(stop.type)}.{error}",
        False,
    )
    return known.get(stop.type, newer)


def _error(log: SessionLog) -> tuple[str, bool]:
    error = log.last_error()
    if not error:
        return "", False
    kind = str(error.get("type") or "unknown_error")
    return f" Last error: {_quote(kind)}: {_quote(error.get('message') or 'no message')}.", kind in _HOPELESS


def _refusal(stop: Stop) -> str:
    words = [_quote(stop.details[key]) for key in ("category", "explanation") if stop.details.get(key)]
    return f" It said: {': '.join(words)}." if words else ""


def _times(count: int) -> str:
    return "its grading" if count <= 1 else f"{count} gradings"


def _quote(value: Any) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in str(value)).strip().rstrip(".")
    return text if len(text) <= _QUOTED else text[:_QUOTED] + "…"


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
