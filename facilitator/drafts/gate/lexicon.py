"""The words the gate understands: numbers, units, months, and what a figure can be about.

Data with two small look-ups. English only, as the documents are; an unknown word is never a claim by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

CARDINALS = {word: value for value, word in enumerate(_ONES)} | {
    word: 20 + 10 * place for place, word in enumerate(_TENS)
}
TENS = frozenset(_TENS)
ORDINALS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=1
    )
}
FRACTIONS = {"half": 1 / 2, "third": 1 / 3, "thirds": 1 / 3, "quarter": 1 / 4, "quarters": 1 / 4}
FRACTIONS |= {"fifth": 1 / 5, "fifths": 1 / 5, "tenth": 1 / 10, "tenths": 1 / 10}
MULTIPLES = {"twice": 2, "thrice": 3, "double": 2, "triple": 3}

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sep sept", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon",
            "tuesday tue tues",
            "wednesday wed",
            "thursday thu thur thurs",
            "friday fri",
            "saturday sat",
            "sunday sun",
        )
    )
    for name in names.split()
}

UNITS = {
    noun: unit
    for unit, nouns in {
        "tasks": "task tasks item items ticket tickets story stories card cards issue issues blocker blockers pieces parts moves "
        "changes things jobs fixes features ones",
        "points": "point points pt pts sp",
        "days": "day days",
        "weeks": "week weeks",
        "fortnights": "fortnight fortnights",
        "percent": "percent per-cent %",
        "people": "people person persons members colleagues developers engineers",
        "sprints": "sprint sprints iteration iterations",
        "comments": "comment comments",
        "hours": "hour hours hrs",
        "minutes": "minute minutes",
        "months": "month months",
        "years": "year years",
        "quarters": "quarters",
        "count": "actions action risks promises",
    }.items()
    for noun in nouns.split()
}
"""Nouns that say what is counted, and the unit of facts they stand for."""

WORKDAY = ("working", "business", "work")

AXES: dict[str, dict[str, str]] = {
    "status": {
        "done": "done finished finish finishes completed complete completes closed close delivered shipped shipping "
        "landed accepted burned burnt achieved completion",
        "in_review": "review reviews reviewed reviewing",
        "started": "started begun began start starts",
        "wip": "wip progress underway ongoing",
        "blocked": "blocked blocker blockers blocking stuck waiting wait waits waited block",
        "ageing": "ageing aging aged old older age ages oldest",
        "overdue": "overdue late lateness",
        "stale": "stale untouched inactive",
        "unassigned": "unassigned ownerless unowned",
        "unestimated": "unestimated unsized",
        "planned": "planned plan committed commitment commit commits promised",
        "expected": "expected ideal",
        "added": "added entered joined crept creep additions unplanned",
        "removed": "removed descoped removals",
        "carried": "carried carry rolled spilled carryover",
        "remaining": "remaining left open remain remains outstanding",
        "reopened": "reopened",
    },
    "stat": {
        "p15": "p15",
        "p50": "p50 median typical typically",
        "p85": "p85 usual usually",
        "mean": "average mean averaged",
    },
    "subject": {
        "cycle": "cycle",
        "lead": "lead",
        "forecast": "forecast forecasts forecasted",
        "velocity": "velocity",
        "throughput": "throughput",
        "scope": "scope",
        "limit": "limit cap",
        "hygiene": "hygiene",
        "estimate": "estimate estimates estimated sized",
        "day": "daynumber",
        "read": "read",
        "saydo": "predictability saydo",
        "actions": "action actions",
        "risks": "risk risks",
    },
}
"""What a figure can be about. Two figures differ in kind where they differ on an axis both speak of."""

CONCEPTS = {
    word: (axis, concept)
    for axis, concepts in AXES.items()
    for concept, words in concepts.items()
    for word in words.split()
}

PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"\b(?:planned|due|wanted|needed|supposed) (?:by|for|until|to) (?:today|now|this point|date)\b", "expected"),
        (r"\bplan\b[^.;]*(?=\bby (?:today|now|this))|\bby (?:today|now|this morning)\b", "expected"),
        (r"\bshould (?:be|have been)\b|\bwhere (?:the )?plan\b|\bplan for today\b|\bthe plan says\b", "expected"),
        (r"\b(?:no|without an?|lacks? an?|lacking an?|missing an?) owner\b|\bnobody (?:owns|has)\b", "unassigned"),
        (r"\b(?:no|without an?|lacks? an?|lacking an?|missing an?) estimates?\b", "unestimated"),
        (r"\bnot estimated\b", "unestimated"),
        (r"\b(?:on|at|off) (?:track|risk)\b", ""),
        (r"\b(?:cannot|can't|could not|unable to) (?:move|continue|go on|proceed|be continued)\b|\bnobody can continue\b", "blocked"),
        (r"\bmoves? on(?: to)?\b|\bspill(?:s|ed)? over\b|\broll(?:s|ed)? over\b|\bcarry over\b", "carried"),
        (r"\bno progress\b", ""),
        (r"\b(?:after|at|since|from|before) (?:the |its )?(?:start|beginning)\b", ""),
        (r"\bheld up\b|\bon hold\b", "blocked"),
        (r"\bpast (?:its|their|the) due\b|\bpast due\b|\bmissed (?:its|their) (?:due )?date", "overdue"),
        (r"\bto go\b|\bnot (?:yet |get |been |got )?(?:done|finished|closed|completed)\b|\bstill to do\b|\bunfinished\b", "remaining"),
        (r"\b(?:came|come|coming|taking|taken|took|take|brought) in\b|\bon top\b", "added"),
        (r"\b(?:leave|leaves|left|leaving) the (?:sprint|scope)\b", "removed"),
        (r"\b(?:leave|leaves|left|leaving) the board\b", "done"),
        (r"\btaken out\b|\btook out\b", "removed"),
        (r"\b85th percentile\b|\b85 (?:%|percent)", "p85"),
        (r"\bas likely as not\b|\beven odds\b|\b50 (?:%|percent)|\bhalf of the runs\b", "p50"),
        (r"\bsay ?[/ -] ?do\b", "saydo"),
        (r"\bno activity\b|\bnot touched\b|\bnobody (?:has )?touched\b", "stale"),
        (r"\b(?:picked|taken|took|pick|take|picks|takes) up\b", "started"),
        (r"\bwithout being finished\b", "remaining"),
    )
)  # fmt: skip
"""Turns of phrase that mean one of the words above; the words they are made of then count for nothing."""

PREVIOUS = re.compile(
    r"\b(?:last|previous|prior) (?:week|sprint|iteration|month|period|time|retro|retrospective|report|one)(?:'s|’s)?\b"
    r"|\b(?:week|sprint|iteration|month|period) (?:before|earlier)\b|\bpreviously\b|\bthe one before\b"
    r"|\b(?:a|one) (?:week|sprint|month) (?:ago|earlier|before)\b|\bin the previous\b|\bbefore that\b"
)
"""Words that make a figure an earlier period's."""

PREVIOUS_IN_ID = frozenset({"last", "previous", "prev", "prior", "before", "earlier"})

FUNCTION_WORDS = frozenset(
    "a an the of in on at by for to from with and or but nor so as is are was were be been being has have had do does "
    "did will would can could may might must shall should not no than then that this these those it its they their them "
    "we our us you your he she his her who which what when where why how if while until since after before about over "
    "under between within without against per each both all any some more less fewer most again also only just still "
    "already now yet there here because though although whereas via during into onto out up down off through across "
    "once versus vs plus less later earlier ago early ahead behind".split()
)
"""Words after which a number's noun is not looked for."""

NOT_PLURALS = frozenset(
    "is was has does this its less across versus vs plus various previous always perhaps us as yes thus whereas besides "
    "towards afterwards otherwise sometimes unless ours theirs business in-progress ones".split()
)

GIVEN_NAMES = frozenset(
    "aaron adam adrian agnes ahmed aisha alan albert alejandro alex alexander alice alicia alina amanda amelia amir amy "
    "ana anders andrea andreas andrew angela anita anja anna anne annika anton antonio arjun arne astrid barbara beatrice "
    "ben benjamin bernd birgit bjorn boris brian bruno camille carla carlos carmen caroline catherine cecilia charlotte "
    "chen chloe chris christina christine christoph clara claudia colin connor cora cristina daniel daniela david deborah "
    "dennis diana diego dieter dina dmitri dominik dora edith eduardo elena elias elisabeth elizabeth ella ellen elsa emil "
    "emily emma enzo eric erik erika ernst esther eva fabian fatima felix fernando fiona florian francesca frieda frida "
    "fritz gabriel george georg gerda giulia greta gustav hana hannah hans harald harry hassan heidi heike helen helena "
    "helga henrik henry hiroshi holger hugo ian ibrahim ida igor ilse ines inga ingrid irene isabel isabella ivan jakob "
    "james jan jana jane janet jasmin jason javier jean jennifer jens jessica jing joanna johan johanna john jonas jonathan "
    "jorge jose joseph josef juan judith julia julian juno jurgen kai karen karim karin karl katarina kate katharina kathrin "
    "katja kenji kevin kim klara klaus kofi kristina kurt lars laura laurent lea lena leo leon leonie liam lina linda linus "
    "lisa louis louise luca lucas lucia lucy luis luisa lukas lutz maja malik manuel mara marc marco marcus margaret maria "
    "marie marina mario marta martha martin martina mary mateo mathilda matteo matthew matthias maya mehmet mei melanie "
    "michael michelle miguel mika mila milan mira miriam mohamed monica monika moritz nadia naomi natalie nathan nico nicole "
    "niels nils nina noah nora oleg olga oliver olivia omar oscar oskar otto pablo patricia paul paula pavel pedro peter "
    "petra philip philipp pierre priya rachel rafael rahul ralf ramona raquel raul rebecca regina rene renate ricardo rita "
    "robert roberto roland rosa ruth sabine sally salma samira samuel sandra sara sarah sebastian sergei silke silvia simon "
    "simone sofia sonja sophia sophie stefan stefanie stella stephen steven susan susanne sven sylvia tamara tanja tara "
    "tatiana teresa theo thomas tim tina tobias tom tomas ulf ulla ulrich ursula uwe valentina vera veronica victor victoria "
    "viktor vincent walter wanda wei werner wilhelm yara yasmin yuki yusuf zara zoe".split()
)
"""First names by which a person nobody knows is noticed; none of them is also an English word in common use."""

ROLE_LIKE = frozenset(
    "option plan variant phase part team group type step level version grade class appendix annex route gate pier dock "
    "stage track hall room terminal building milestone release series layer tier zone vendor supplier product section "
    "story epic task item page form table line column model scenario question answer point".split()
)
"""Words that stand before a single capital letter without being a first name: Option B."""

AMBIGUOUS_NAMES = frozenset(
    "mark will may june april august grace hope joy rose bill art drew chase frank jack max pat sue rob grant miles dean "
    "dale guy ray rich norm penny ruby robin violet iris ivy daisy faith sandy cliff lance wade page win sky summer autumn "
    "jordan chad paris gene rusty sunny star dawn eve carol gale glen heather holly jade jasmine jewel ken lane mason melody "
    "neil olive pearl pierce reed ridge rock saul sterling stone trip van vic ward wren bea ash bay blue case chance".split()
)
"""First names that are words too: they count only where a sentence does not begin with them."""


def words_of(name: str) -> list[str]:
    """The lower-case words of an id or label: `sprint.done_points` gives sprint, done, points."""
    return re.findall(r"[a-z]+\d*|\d+", name.lower())


def concepts_in(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What these words are about, as (axis, concept)."""
    for word in words:
        found = CONCEPTS.get(word)
        if found:
            yield found
