"""The corpus run: correct drafts that must pass, and single mutations of them that must be found, all seeded."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from facilitator.board.facts import Facts
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from tests.gate.drafting import Sheet, sheet
from tests.gate.frames import HEADLINES, ITEMS, Frame
from tests.gate.mutating import Mutation, mutations
from tests.gate.worlds import world

Gate = Callable[[Draft, Facts], list[Fault]]
SHAPES = ("standup", "weekly", "retro")
PER_DRAFT = 4
"""Mutations tried of each correct draft, chosen at random among all it has."""


@dataclass
class Tally:
    """What a run counted; `missed` and `alarmed` keep the drafts to look at."""

    made: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    correct: int = 0
    missed: list[Mutation] = field(default_factory=list)
    alarmed: list[tuple[Sheet, list[Fault]]] = field(default_factory=list)

    @property
    def mutations(self) -> int:
        """How many mutations were tried."""
        return self.made.total()

    @property
    def recall(self) -> float:
        """The share of mutations found."""
        return self.found.total() / max(1, self.mutations)

    @property
    def alarm_rate(self) -> float:
        """The share of correct drafts with any fault."""
        return len(self.alarmed) / max(1, self.correct)

    def line(self) -> str:
        """The one line that says it all."""
        return f"{self.mutations} mutations, {self.found.total()} found; {self.correct} correct drafts, {len(self.alarmed)} false alarms"


def sheets(
    seed: int, count: int, headlines: Sequence[Frame] = HEADLINES, items: Sequence[Frame] = ITEMS
) -> Iterator[Sheet]:
    """Correct drafts, the same for the same seed."""
    rng = random.Random(seed)
    for number in range(count):
        facts = world(rng, SHAPES[number % len(SHAPES)])
        yield sheet(rng, facts, headlines, items)


def run(
    gate: Gate,
    seed: int,
    count: int,
    headlines: Sequence[Frame] = HEADLINES,
    items: Sequence[Frame] = ITEMS,
    per_draft: int = PER_DRAFT,
) -> Tally:
    """Hold a gate against `count` correct drafts and mutations of each.

    A mutation counts as found where the gate has a fault at its place that it had not before.
    """
    rng = random.Random(seed + 1)
    tally = Tally()
    for correct in sheets(seed, count, headlines, items):
        before = gate(correct.draft(), correct.facts)
        tally.correct += 1
        if before:
            tally.alarmed.append((correct, before))
        options = list(mutations(rng, correct))
        for mutation in rng.sample(options, min(per_draft, len(options))):
            _count(tally, mutation, gate, before)
    return tally


def _count(tally: Tally, mutation: Mutation, gate: Gate, before: list[Fault]) -> None:
    tally.made[mutation.kind] += 1
    fresh = [fault for fault in gate(mutation.sheet.draft(), mutation.sheet.facts) if fault not in before]
    if any(fault.where.split(".")[0] == mutation.where for fault in fresh):
        tally.found[mutation.kind] += 1
    else:
        tally.missed.append(mutation)
