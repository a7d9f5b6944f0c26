"""Facts without the words of people: figures, dates and gids stay, names and texts go. Pure."""

from __future__ import annotations

from dataclasses import replace

from facilitator.board.facts import Fact, Facts, TaskFact

WORDLESS = frozenset({"text", "people"})
"""Units whose values are words."""

KEPT_WORDS = frozenset(
    {
        "on_track",
        "at_risk",
        "off_track",
        "On Track",
        "At Risk",
        "Off Track",
        "On track",
        "At risk",
        "Off track",
    }
)
"""Words that a rule of ours gave, not a person: a status and a verdict stay figures."""


def figures_only(facts: Facts) -> Facts:
    """The same facts with every text that came from Asana taken out; a second time nothing changes."""
    return replace(
        facts,
        project_name="",
        facts={key: _figure(fact) for key, fact in facts.facts.items()},
        tasks={gid: _task(task) for gid, task in facts.tasks.items()},
        people={},
    )


def _figure(fact: Fact) -> Fact:
    if fact.unit in WORDLESS and fact.value not in KEPT_WORDS:
        return replace(fact, value=None)
    return fact


def _task(task: TaskFact) -> TaskFact:
    return replace(task, name="", section="", owner=None, url="", notes={})
