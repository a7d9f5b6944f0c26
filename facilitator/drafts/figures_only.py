"""A document of figures alone, for a day on which no writer can be reached: what code knows, and no word more.

It goes the same way as a writer's draft: through every check, before a person, once. What only a writer can do (guess at
causes, ask questions, propose) is left out, and no longer asked for. It judges nothing and proposes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from facilitator.board.facts import Fact, Facts, SectionSpec
from facilitator.drafts.citing import PROPOSED_ACTIONS
from facilitator.drafts.draft import Draft, DraftSection, Item
from facilitator.drafts.faults import Fault

Judge = Callable[[Draft], Sequence[Fault]]
"""Every fault of a draft, by the relaxed facts."""

STOCK = ("no word on it yet", "cause not recorded", "as the board shows it")
"""What is said of a listed task. Ceremonies ask for different words; the first that their checks take is used."""

LISTED = "as listed"
"""What is said of tasks that one list holds together."""

MOST_TRIES = 12
MOST_CITED = 6


def relaxed(facts: Facts) -> Facts:
    """The facts with a document that asks for nothing a writer would have to think of; every figure stays as it is."""
    specs = tuple(
        replace(spec, min_items=0, needs=tuple(need for need in spec.needs if need == "tasks"))
        for spec in facts.document.sections
    )
    return replace(facts, document=replace(facts.document, sections=specs))


def figures_only(facts: Facts, judge: Judge) -> Draft | None:
    """The document of figures alone, or None where these checks take no form of it. `facts` are relaxed ones."""
    form = _Form.first(facts)
    for _ in range(MOST_TRIES):
        draft = form.draft(facts)
        faults = judge(draft)
        if not faults:
            return draft
        mended = form.mended(faults, facts)
        if mended == form:
            return None
        form = mended
    return None


@dataclass(frozen=True)
class _Form:
    """What may be changed of the document: the headline's facts, each section's words, and the sections left empty."""

    headline: tuple[str, ...]
    wording: dict[str, int] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()

    @classmethod
    def first(cls, facts: Facts) -> _Form:
        return cls(facts.document.headline_uses)

    def draft(self, facts: Facts) -> Draft:
        shown = [f"{_label(facts.facts[name])} {{{name}}}" for name in self.headline if name in facts.facts]
        told: set[str] = set()
        sections = tuple(
            DraftSection(id=spec.id, items=tuple(self._items(spec, facts, told)))
            for spec in facts.document.sections
        )
        headline = "Figures only: " + (", ".join(shown) or "nothing moved")
        return Draft(ceremony=facts.ceremony, headline=headline, sections=sections)

    def _items(self, spec: SectionSpec, facts: Facts, told: set[str]) -> Iterator[Item]:
        if facts.document.quiet or spec.id in self.empty or spec.id in PROPOSED_ACTIONS:
            return
        text = STOCK[self.wording.get(spec.id, 0)]
        for name in spec.tells[: spec.max_items]:
            yield Item(text=text, facts=(name,))
        if spec.tells:
            return
        if spec.covers in facts.facts:
            for gid in facts.facts[spec.covers or ""].tasks[: spec.max_items]:
                told.add(gid)
                yield Item(text=text, tasks=(gid,), facts=(spec.covers or "",))
            return
        lists = [facts.facts[name] for name in spec.cites_from if name in facts.facts]
        for listed in lists[: spec.max_items]:
            gids = [gid for gid in listed.tasks if gid not in told][:MOST_CITED]
            if gids:
                told.update(gids)
                yield Item(text=LISTED, tasks=tuple(gids), facts=(listed.id,))

    def mended(self, faults: Sequence[Fault], facts: Facts) -> _Form:
        """The next form to try: the headline gets what it lacks, a required section other words, any other is emptied."""
        form = self
        for name in dict.fromkeys(fault.where.partition("[")[0].partition(".")[0] for fault in faults):
            spec = next((spec for spec in facts.document.sections if spec.id == name), None)
            if spec is None:
                form = form._more_figures(faults, facts)
            elif (spec.covers or spec.tells) and form.wording.get(name, 0) + 1 < len(STOCK):
                form = replace(form, wording={**form.wording, name: form.wording.get(name, 0) + 1})
            elif not spec.covers and not spec.tells:
                form = replace(form, empty=form.empty | {name})
        return form

    def _more_figures(self, faults: Sequence[Fault], facts: Facts) -> _Form:
        lacking = [fault.fact for fault in faults if fault.where == "headline" and fault.fact in facts.facts]
        figures = [
            fact.id
            for fact in facts.facts.values()
            if fact.tasks and isinstance(fact.value, int) and not facts.team_of(fact.id)
        ]
        wanted = [name for name in (*lacking, *figures) if name not in self.headline]
        return replace(self, headline=(*self.headline, *wanted[:1]))


def _label(fact: Fact) -> str:
    return fact.label.strip() or fact.id.rpartition(".")[2].replace("_", " ")
