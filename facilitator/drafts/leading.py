"""Checks for documents over several teams: no status typed by hand, forecasts whole, and no league of teams.

Beside `reporting`, for any ceremony that puts teams side by side. Whose a figure is, is `gate.whose`'s question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from facilitator.board.facts import Facts, show
from facilitator.drafts.checks import Check
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.drafts.placeholders import PLACEHOLDER, names
from facilitator.drafts.wording import Passage, passages

_TYPED = re.compile(r"\b(?:on[ -]track|off[ -]track|at[ -]risk)\b", re.IGNORECASE)
_OF_A_DATE = re.compile(
    r"\b(?:puts?|putting|with|dates?|milestones?|it|that) (?:\w+ ){0,3}?at risk\b", re.IGNORECASE
)
"""Text such as "puts the date at risk" sets nobody's status."""

_COMPARED = r"(?:faster|slower|better|worse|stronger|weaker|more productive|less productive|ahead|behind|more|less|fewer|higher|lower)"
_LEAGUE = re.compile(
    rf"§ (?:\w+ ){{0,4}}{_COMPARED}(?: \w+){{0,4}} (?:than|of) §"
    rf"|\b{_COMPARED}(?: \w+){{0,2}} than (?:§|(?:the |any |all |every )?others?(?: teams?)?\b|the rest\b)"
    r"|\b(?:best|worst|top|strongest|weakest|fastest|slowest|leading|most productive|least productive|best-performing) (?:of the |performing )?teams?\b"
    r"|\b(?:outperform|underperform|outpace)\w*\b|\bteams? (?:ranking|ranked|league)\b|\brank(?:s|ed)? (?:first|last|second)\b"
    r"|§ (?:leads|lags|trails|tops|beats)\b",
    re.IGNORECASE,
)


def statuses_by_rule(draft: Draft, facts: Facts) -> list[Fault]:
    """Statuses are put in by name, the whole's once in the headline; a typed one may only repeat what is counted."""
    used = names(draft.headline).count("status.colour")
    faults = []
    if used != 1:
        message = f"tells the status {used} times; use {{status.colour}} once"
        faults.append(Fault("status", "headline", message, draft.headline, fact="status.colour"))
    for passage in passages(draft):
        if typed := _uncounted(passage):
            leans = [name for name in (passage.item.facts if passage.item else ()) if facts.team_of(name)]
            near = next((name for name in leans if facts.bare(name) == "status"), "status.colour")
            message = f"types the status {typed!r}; write {{{near}}}"
            right = show(facts.facts[near]) if near in facts.facts else ""
            faults.append(Fault("status", passage.where, message, passage.text, typed, near, right))
    return faults


def _uncounted(passage: Passage) -> str:
    """The first status typed that is no count's own: `{teams.off_track} teams off track` only says what is counted."""
    counts = Counter(name.split(".")[1] for name in names(passage.text) if name.startswith("teams."))
    plain = PLACEHOLDER.sub(" ", passage.text)
    for typed in _TYPED.findall(_OF_A_DATE.sub(" ", plain) if passage.item else plain):
        kind = str(typed).lower().replace(" ", "_").replace("-", "_")
        counts[kind] -= 1
        if counts[kind] < 0:
            return str(typed)
    return ""


def whole_ranges(low: str, high: str) -> Check:
    """A passage that uses one end of a team's range uses the other: one date alone is heard as a promise."""

    def check(draft: Draft, facts: Facts) -> list[Fault]:
        return [
            Fault(
                "range", passage.where, f"gives one end of a range; add {{{other}}}", passage.text, fact=other
            )
            for passage in passages(draft)
            for other in _missing_ends(names(passage.text), facts, (low, high))
        ]

    return check


def _missing_ends(used: tuple[str, ...], facts: Facts, ends: tuple[str, str]) -> Iterator[str]:
    for name in dict.fromkeys(used):
        bare = facts.bare(name)
        if bare in ends:
            other = name.removesuffix(bare) + ends[1 - ends.index(bare)]
            if other in facts.facts and other not in used:
                yield other


def no_league(draft: Draft, facts: Facts) -> list[Fault]:
    """Teams are told each against its own plan, never one against another."""
    known = sorted(facts.teams.values(), key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in known)) if known else None
    faults = []
    for passage in passages(draft):
        plain = pattern.sub("§", passage.text) if pattern else passage.text
        if found := _LEAGUE.search(PLACEHOLDER.sub("0", plain)):
            message = "compares teams; tell each against its own plan and its own past"
            faults.append(Fault("league", passage.where, message, passage.text, found[0]))
    return faults
