"""Names in free text: tasks, gids, people and sprints, each held against what the passage cites.

Naming a task is citing it; naming a person is naming an owner of a cited task. Text that code put in is left alone.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator

from facilitator.board.facts import Facts
from facilitator.drafts.faults import Fault
from facilitator.drafts.gate.lexicon import (
    AMBIGUOUS_NAMES,
    FUNCTION_WORDS,
    GIVEN_NAMES,
    MONTHS,
    ROLE_LIKE,
    UNITS,
    WEEKDAYS,
)
from facilitator.drafts.gate.reading import Reading, Token
from facilitator.drafts.gate.supports import PREVIOUS_TOPIC, about, topics_in
from facilitator.drafts.gate.telling import fault

_GID_DIGITS = 9
"""Shorter runs of digits are figures unless they equal a known gid."""

_CLIPPED = 55
"""Notes cut the names of other tasks; so much of a name is enough to know it."""


def task_faults(reading: Reading) -> Iterator[Fault]:
    """Tasks named but not cited, names that are nearly a task's, and gids."""
    cited = set(reading.cited)
    for index, token in enumerate(reading.tokens):
        if token.kind == "task" and token.name not in cited and not _in_notes(token.name, reading):
            name = reading.facts.tasks[token.name].name
            message = f"names '{name}' without citing it: cite {token.name} in `tasks`, or leave the name out"
            yield fault(
                reading,
                "task",
                index,
                token.text,
                message,
                fact=f"tasks.{token.name}",
                right=_cited_names(reading),
            )
        elif token.kind == "number" and is_gid(token, reading.facts):
            yield from _gid_faults(reading, index, token.text, cited)
    yield from _near_misses(reading)


def is_gid(token: Token, facts: Facts) -> bool:
    """Whether a number in the text is a gid rather than a figure."""
    digits = token.text.isdigit() and not token.fact
    known = token.text in facts.tasks or token.text in facts.people
    return digits and (len(token.text) >= _GID_DIGITS or (known and len(token.text) > 3))


def _gid_faults(reading: Reading, index: int, gid: str, cited: set[str]) -> Iterator[Fault]:
    if gid in cited:
        return
    known = gid in reading.facts.tasks
    message = (
        f"{gid} is a task that is not cited here" if known else f"{gid} is the gid of no task in the facts"
    )
    yield fault(
        reading,
        "task",
        index,
        gid,
        f"{message}; cite tasks in `tasks` and write no gids",
        right=_cited_names(reading),
    )


def _cited_names(reading: Reading) -> str:
    return ", ".join(reading.facts.tasks[gid].name for gid in reading.cited)


def _in_notes(gid: str, reading: Reading) -> bool:
    """Whether a cited task's notes speak of that task: what it waits for may be named."""
    name = reading.facts.tasks[gid].name.lower()
    return any(
        name[:_CLIPPED] in note.lower() or re.search(rf"(?<!\d){gid}(?!\d)", note)
        for cited in reading.cited
        for note in reading.facts.tasks[cited].notes.values()
    )


def _near_misses(reading: Reading) -> Iterator[Fault]:
    """Words that are all but a task's name: one word changed, or misspelt, in what is written as a name."""
    named = {token.name for token in reading.tokens if token.kind == "task"}
    tasks = [task for gid, task in reading.facts.tasks.items() if gid not in named]
    words = [
        (index, token)
        for index, token in enumerate(reading.tokens)
        if token.kind in {"word", "number", "ordinal"}
    ]
    keys = [token.key for _, token in words]
    present = set(keys)
    for task in tasks:
        name = [word.lower() for word in re.findall(r"[^\W_]+(?:['’][^\W\d_]+)*", task.name)]
        if len(name) < 2 or sum(word in present for word in name) < max(1, len(name) - 1):
            continue
        for start in range(len(keys) - len(name) + 1):
            window = keys[start : start + len(name)]
            if _is_near(window, name) and _written_as_name(reading, words[start][0], task.name, len(name)):
                first, last = words[start][0], words[start + len(name) - 1][0] + 1
                yield _near_miss(reading, first, last, task.gid)
                break


def _is_near(window: list[str], name: list[str]) -> bool:
    unlike = [(said, right) for said, right in zip(window, name, strict=True) if said != right]
    if len(unlike) != 1:
        return False
    said, right = unlike[0]
    if {said, right} & FUNCTION_WORDS:
        return False
    inflected = said.rstrip("sed") == right.rstrip("sed") or (_share_a_stem(said, right) and len(name) < 3)
    alike = difflib.SequenceMatcher(None, said, right).ratio() >= 0.7
    return not inflected and (alike or (window[0] == name[0] and len(right) > 3))


def _share_a_stem(said: str, right: str) -> bool:
    """Alike but for an ending: "retries" and "retry", not "paymant" and "payment"."""
    stem = sum(
        1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(said, right, strict=False))
    )
    return stem >= max(4, min(len(said), len(right)) - 2)


def _written_as_name(reading: Reading, first: int, name: str, words: int) -> bool:
    """A near miss counts where it is quoted or written with the name's own capital inside a sentence, or is long."""
    token = reading.tokens[first]
    quoted = reading.key(first - 1) in {"'", '"', "‘", "“", "«"}
    inside = first > reading.sentence(first)[0] or words > 2
    return quoted or words > 3 or (inside and token.text[0] == name[0] and name[0].isupper())


def _near_miss(reading: Reading, first: int, last: int, gid: str) -> Fault:
    claim = reading.span(first, last)
    right = reading.facts.tasks[gid].name
    message = f"'{claim}' is no task; the nearest is '{right}': write that name, or leave it out"
    return fault(reading, "task", first, claim, message, fact=f"tasks.{gid}", right=right)


def person_faults(reading: Reading, taken: frozenset[int]) -> Iterator[Fault]:
    """People named who own no cited task, and people nobody knows."""
    facts = reading.facts
    owners = {facts.tasks[gid].owner for gid in reading.cited}
    owners_in_item = owners | (
        {reading.item.owner} if reading.item is not None and reading.item.owner in owners else set()
    )
    firsts = _first_names(facts)
    for index, token in enumerate(reading.tokens):
        if token.kind == "person":
            if token.name not in owners_in_item:
                yield _not_owner(reading, index, token.text, owners)
        elif token.kind == "word" and token.text[:1].isupper() and index not in taken:
            yield from _lone_name(reading, index, firsts, owners)


def _first_names(facts: Facts) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for gid, name in facts.people.items():
        first = (name.split() or [""])[0].lower()
        if len(first) > 1:
            found.setdefault(first, set()).add(gid)
    return found


def _lone_name(
    reading: Reading, index: int, firsts: dict[str, set[str]], owners: set[str | None]
) -> Iterator[Fault]:
    word = reading.key(index).removesuffix("'s")
    if reading.key(index - 1) == "-" or reading.key(index + 1) == "-" or _is_calendar(reading, index, word):
        return
    initial = _initial_after(reading, index)
    starts = reading.sentence(index)[0] == index
    if word in firsts and not (word in AMBIGUOUS_NAMES and starts and not initial):
        if initial and not _initial_known(initial, firsts[word], reading.facts):
            yield _unknown(reading, index, f"{reading.tokens[index].text} {initial}", owners)
        elif not firsts[word] & owners:
            yield _not_owner(reading, index, reading.tokens[index].text, owners)
    elif word not in firsts and (word in GIVEN_NAMES or (initial and _looks_like_name(reading, index, word))):
        claim = reading.tokens[index].text + (f" {initial}" if initial else "")
        yield _unknown(reading, index, claim, owners)


def _is_calendar(reading: Reading, index: int, word: str) -> bool:
    return word in WEEKDAYS or (
        word in MONTHS and reading.tokens[index].text[0].isupper() and word not in GIVEN_NAMES
    )


def _initial_after(reading: Reading, index: int) -> str:
    """The "K." of "Mara K.", or a whole last name, or nothing."""
    if index + 1 >= len(reading.tokens):
        return ""
    token = reading.tokens[index + 1]
    if token.kind != "word" or not token.text[0].isupper():
        return ""
    if len(token.text) == 1:
        return token.text + "." if reading.key(index + 2) == "." else ""
    known = reading.key(index) in GIVEN_NAMES
    return token.text if known and token.text[1:].islower() and token.key not in WEEKDAYS else ""


def _initial_known(initial: str, gids: set[str], facts: Facts) -> bool:
    return any(facts.people[gid].lower().split()[-1][:1] == initial[0].lower() for gid in gids)


def _looks_like_name(reading: Reading, index: int, word: str) -> bool:
    """Text such as "Petra N." but not "Option B." or "API B."."""
    text = reading.tokens[index].text
    ends_there = index + 3 >= len(reading.tokens)
    styled = any(re.fullmatch(r"\w+ \w\.", name) for name in reading.facts.people.values())
    plain = text[1:].islower() and len(text) > 2 and word not in ROLE_LIKE
    return plain and styled and not (ends_there and reading.sentence(index)[0] == index)


def _not_owner(reading: Reading, index: int, claim: str, owners: set[str | None]) -> Fault:
    right = _names(owners, reading.facts)
    message = f"{claim} owns none of the cited tasks; " + (
        f"their owner is {right}" if right else "they have no owner"
    )
    return fault(
        reading,
        "person",
        index,
        claim,
        f"{message}: put an owner's gid in `owner` and name nobody here",
        right=right,
    )


def _unknown(reading: Reading, index: int, claim: str, owners: set[str | None]) -> Fault:
    right = _names(owners, reading.facts)
    message = (
        f"the facts know nobody called {claim}: name nobody here, and put an owner's gid or a role in `owner`"
    )
    return fault(reading, "person", index, claim, message, right=right)


def _names(owners: set[str | None], facts: Facts) -> str:
    return " or ".join(sorted(facts.people[gid] for gid in owners if gid is not None and gid in facts.people))


def sprint_faults(reading: Reading, taken: set[int]) -> Iterator[Fault]:
    """Text such as "Sprint 23" where the facts speak of Sprint 24; fills `taken` with the numbers it has judged."""
    known = _sprint_numbers(reading.facts)
    for index, token in enumerate(reading.tokens):
        if token.kind != "number" or token.fact or reading.key(index - 1) not in {"sprint", "iteration"}:
            continue
        if _counts_beside_a_sprint(reading, index):
            continue
        taken.add(index)
        first, last = reading.segment(index)
        told = topics_in(reading.lower(first, last))
        found = known.get(token.text)
        apart = any(reading.key(index - step) in _OTHER_SPRINT for step in range(2, 5))
        if found is None or (found == "previous" and PREVIOUS_TOPIC not in told and not apart):
            yield _wrong_sprint(reading, index, known)


def _counts_beside_a_sprint(reading: Reading, index: int) -> bool:
    """Text such as "on the sixth day of the sprint 2 tasks wait": the sprint has its article, the number its own noun."""
    return reading.key(index - 2) in {"the", "this", "our"} and reading.key(index + 1) in UNITS


_OTHER_SPRINT = frozenset({"from", "than", "since", "after", "against", "before", "with", "versus", "vs"})


def _sprint_numbers(facts: Facts) -> dict[str, str]:
    """The numbers in sprint names, and whether it is the present or an earlier one."""
    found: dict[str, str] = {}
    for fact in facts.facts.values():
        if fact.unit != "text" or not isinstance(fact.value, str):
            continue
        when = "previous" if PREVIOUS_TOPIC in about(fact, facts) else "present"
        for match in re.finditer(r"(?i)\b(?:sprint|iteration)\s+(\d+)", fact.value):
            found.setdefault(match[1], when)
    return found


def _wrong_sprint(reading: Reading, index: int, known: dict[str, str]) -> Fault:
    claim = reading.span(index - 1, index + 1)
    fact = next(
        (fact for fact in reading.facts.facts.values() if re.search(r"(?i)sprint\s+\d", str(fact.value))),
        None,
    )
    right = next((f"Sprint {number}" for number, when in known.items() if when == "present"), "")
    ending = f"it is {right}; write {{{fact.id}}}" if fact is not None else "leave it out"
    return fault(
        reading,
        "number",
        index,
        claim,
        f"no fact speaks of {claim}: {ending}",
        fact=fact.id if fact else "",
        right=right,
    )
