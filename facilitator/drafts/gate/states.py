"""What a passage says of its cited tasks - done, in review, blocked, overdue, no owner - held against each task.

A state word is a claim only where its subject is a cited task: at the start of the item, after a task's name, after
"it", "both" or "the task". Wishes, questions and conditions ("until it is done") claim nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from facilitator.board.facts import Facts, TaskFact
from facilitator.drafts.faults import Fault
from facilitator.drafts.gate.reading import Reading
from facilitator.drafts.gate.supports import about
from facilitator.drafts.gate.telling import fault

Holds = Callable[[TaskFact, Facts], bool | None]


def _in_state(*states: str) -> Holds:
    return lambda task, _facts: task.state in states


def _listed(concept: str, *figures: str) -> Holds:
    """In a list fact about it; None where the facts say nothing of it at all."""

    def holds(task: TaskFact, facts: Facts) -> bool | None:
        lists = [fact for fact in facts.facts.values() if ("status", concept) in about(fact, facts)]
        told = [fact for fact in lists if fact.tasks or fact.unit == "tasks"]
        if any(task.gid in fact.tasks for fact in told) or any(task.figures.get(name) for name in figures):
            return True
        cut = any(fact.omitted for fact in told)
        return None if cut else False

    return holds


def _overdue(task: TaskFact, facts: Facts) -> bool | None:
    if _listed("overdue", "overdue_days")(task, facts):
        return True
    today = facts.as_of.astimezone(ZoneInfo(facts.zone)).date()
    return bool(task.due_on and date.fromisoformat(task.due_on[:10]) < today and task.state != "done")


def _stale(task: TaskFact, facts: Facts) -> bool | None:
    known = any(("status", "stale") in about(fact, facts) for fact in facts.facts.values())
    return _listed("stale", "stale_days", "untouched_days")(task, facts) if known else None


def _reopened(task: TaskFact, facts: Facts) -> bool | None:
    return (
        _listed("reopened", "reopened", "reopened_times")(task, facts)
        or "reopen" in " ".join(task.notes.values()).lower()
    )


def _carried(task: TaskFact, facts: Facts) -> bool | None:
    known = any(("status", "carried") in about(fact, facts) for fact in facts.facts.values())
    return _listed("carried", "carried", "carried_times", "sprints")(task, facts) if known else None


@dataclass(frozen=True, slots=True)
class State:
    """One thing that may be said of a task, the words for it, and how to tell whether it holds."""

    name: str
    words: str
    holds: Holds


_STARTED = ("in_progress", "in_review", "done")
STATES = (
    State("no owner", r"unassigned|ownerless|unowned|not assigned|(?:has|have|with|there is|still|,|and|^)\s?no owners?|without an owner|nobody owns it|not owned by anyone|still needs an owner|lacks an owner",
          lambda task, _: task.owner is None),
    State("not estimated", r"unestimated|not estimated|without an estimate|(?:has|have|with) no estimate", lambda task, _: task.points is None),
    State("not started", r"not (?:yet )?(?:been )?(?:started|begun)|not (?:been )?started yet|has yet to start|nobody has started(?: it)?|unstarted|still in the backlog|still to do|in the backlog|yet to be started|waiting to be (?:taken|picked) up",
          _in_state("backlog", "todo")),
    State("not done", r"not (?:yet )?(?:been )?(?:done|finished|completed|closed|delivered|shipped)|unfinished|still open|remains? open|is open|are open|still unfinished",
          lambda task, _: task.state != "done"),
    State("unblocked", r"unblocked|no longer blocked|not blocked(?: any ?more)?|not stuck(?: any ?more)?|free(?:d)? again",
          lambda task, facts: _not(_listed("blocked", "blocked_days")(task, facts))),
    State("not overdue", r"not (?:over)?due yet|not overdue|not late|no longer overdue", lambda task, facts: _not(_overdue(task, facts))),
    State("reopened", r"re-?opened", _reopened),
    State("blocked", r"blocked|stuck|on hold", _listed("blocked", "blocked_days")),
    State("overdue", r"overdue|past (?:its|their|the) due date|past due|late\b(?! (?:night|afternoon|morning|change|addition))|missed (?:its|their) (?:due )?date",
          _overdue),
    State("in review", r"in review|under review|being reviewed|with (?:a|the|its) reviewers?|(?:in|up) for review|awaiting review|in code review",
          _in_state("in_review")),
    State("in progress", r"in progress|being worked on|being built|underway|under way|ongoing|in the works|in the making", _in_state("in_progress")),
    State("stale", r"stale|untouched", _stale),
    State("carried over", r"carried over|rolled over|carried along", _carried),
    State("done", r"done|finished|completed|complete|closed|shipped|delivered|wrapped up", _in_state("done")),
    State("started", r"started|begun|picked up|taken up", _in_state(*_STARTED)),
)  # fmt: skip
"""In the order they are looked for: longer phrases, and denials, before the words they hold."""


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


_ANY = re.compile(
    "|".join(
        rf"(?P<s{place}>{state.words if state.words.startswith('(?:has') else rf'(?:{state.words})'})"
        for place, state in enumerate(STATES)
    )
)
_ADVERBS = r"(?:also|now|already|still|just|all|both|again|fully|finally|currently|recently|now also|once more|too|each|not|even|at last|officially|long|well|partly|newly|fresh(?:ly)?)"
_AUX = r"(?:is|are|was|were|has|have|had|been|got|get|stays?|remains?|stands?|sits?|went|goes|being|moved to|'s|’s|came|come|seems?|looks?|counts? as|marked(?: as)?|reported)"
_SUBJECT = r"(?:§\w+§|it|they|both|all|each|this|these|the (?:task|tasks|story|stories|item|items|ticket|tickets|work|#|pair|former|latter|card)|this (?:task|story|item|ticket|work|card|one)|these (?:tasks|stories|items|tickets|#|ones)|all (?:of (?:them|these)|#)|both (?:of (?:them|these)|tasks|stories|items)|the # \w+(?: of the(?: \w+){1,2})?|everything here|work on it|work on this)"
_LEAD = re.compile(
    rf"^(?:[\"'(]|\s)*(?:(?:the|all|both|these|#)\s+)*(?:(?:tasks|stories|items|tickets|pieces|of them)\s+)?(?:(?:{_AUX}|{_ADVERBS}|as of today|today)\b[\s,]*)*$"
)
_AFTER_SUBJECT = re.compile(
    rf"(?:^|[\s,;:(\"'])(?P<subject>{_SUBJECT}(?:(?:\s*(?:,|and|or|,\s*and)\s+(?:the\s+)?)§\w+§)*)[\"')]?\s+(?:(?:{_AUX}|{_ADVERBS})\b[\s,]*)*$"
)
_JOINED = re.compile(
    rf"^[^.!?;]*(?:,|\band\b|\bbut\b|:|\(|-|–|—|\bthough\b)\s*(?:(?:{_AUX}|{_ADVERBS}|and|but|it|they|which)\b[\s,]*)*$"
)
_UNREAL = re.compile(
    r"\b(?:until|till|once|when|whenever|after|before|if|unless|whether|as soon as|would|could|should|can|cannot|can't|(?<![#\d] )may(?! [#\d])|might|must|will|shall|"
    r"to be|to get|to become|lest)\b"
)
_OF_OTHERS = re.compile(
    r"\b(?:want|wants|wanted|needs?|hope|hopes|plan|plans|aim|aims|expect|expects|let|make|get|keep|for|so that|who|that|which|why|how|what|where|than|"
    r"almost|nearly|half|usually|normally|often|never been|gets?|getting|no one|nobody|anything|something|nothing|else|by|of)\b"
)
_OTHER_OF_LIST = re.compile(
    r"\b(?:one|the first|the second|the third|the other|the others|the rest|the last|some|most|only|half)\b"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A state said of some tasks: the words, where they stand in the sentence, and of which gids."""

    state: State
    words: str
    at: int
    gids: tuple[str, ...]


def state_faults(reading: Reading) -> Iterator[Fault]:
    """States said of cited tasks that the facts do not bear out."""
    if reading.part not in {"text", "headline"} or not reading.cited:
        return
    for claim in claims(reading):
        for gid in claim.gids:
            task = reading.facts.tasks[gid]
            if claim.state.holds(task, reading.facts) is False:
                yield _told(reading, claim, task)


def claims(reading: Reading) -> Iterator[Claim]:
    """Every state said of a cited task."""
    index = 0
    while index < len(reading.tokens):
        first, last = reading.sentence(index)
        if last > first:
            yield from _in_sentence(reading, first, last)
        index = last + 1


def _in_sentence(reading: Reading, first: int, last: int) -> Iterator[Claim]:
    asked = last < len(reading.tokens) and reading.tokens[last].text == "?"
    text, starts = _plain(reading, first, last)
    opens = first == 0
    for match in _ANY.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if (
            after[:1].isalnum()
            or before[-1:].isalnum()
            or after.startswith(("-", "'"))
            or before.endswith("-")
        ):
            continue
        if asked and not re.search(r"[:,(]", after):
            continue
        gids = _subject(reading, before, after, opens=opens, told=match[0])
        if gids:
            state = STATES[int((match.lastgroup or "s0")[1:])]
            if state.name in _LEFT and _long_ago(before, reading.facts):
                continue
            place = max((place for place, start in enumerate(starts) if start <= match.start()), default=0)
            yield Claim(state, match[0].strip(" ,"), first + place, gids)


_PAST = re.compile(rf"\b(?:was|were|had been|had)\s+(?:{_ADVERBS}\s+)*$")
_LEFT = frozenset({"started", "not done", "carried over"})
_DAILY = timedelta(days=4)


def _long_ago(before: str, facts: Facts) -> bool:
    """In a document over more than a few days "was blocked" may tell of a state the task has left."""
    return facts.end - facts.start > _DAILY and bool(_PAST.search(before))


def _plain(reading: Reading, first: int, last: int) -> tuple[str, list[int]]:
    """The sentence in lower case, each task's name as §gid§; and where each token starts in it."""
    text = ""
    starts: list[int] = []
    for token in reading.tokens[first:last]:
        word = {"task": f"§{token.name}§", "person": "_", "fixed": "…", "number": "#"}.get(
            token.kind, token.key
        )
        glued = not text or (token.start == reading.tokens[first + len(starts) - 1].end if starts else True)
        text += "" if glued else " "
        starts.append(len(text))
        text += word
    return text, starts


def _subject(reading: Reading, before: str, after: str, *, opens: bool, told: str) -> tuple[str, ...]:
    """The gids a state word speaks of, or none where it is no claim about a cited task."""
    if _is_noun_use(after, told):
        return ()
    match = _AFTER_SUBJECT.search(before)
    if match:
        return () if _unreal(before[: match.start()]) else _named(match["subject"], reading)
    if reading.item is None or not opens:
        return ()
    if _LEAD.match(before):
        apart = "#" in before and _OTHER_OF_LIST.search(after)  # "one is done, the other in review"
        return () if apart else reading.cited
    if _JOINED.match(before) and not _unreal(before) and not _new_subject(before):
        return reading.cited if len(reading.cited) == 1 or not _OTHER_OF_LIST.search(before + after) else ()
    return ()


def _unreal(before: str) -> bool:
    """Whether the clause only wishes, asks or sets a condition, or speaks of something else."""
    clause = re.split(r"[,:;(]", before)[-1]
    return bool(_UNREAL.search(clause) or _OF_OTHERS.search(re.split(r"\band\b|\bbut\b", clause)[-1]))


def _is_noun_use(after: str, told: str) -> bool:
    """Text such as "Done tasks", "blocked work", "started working": the word describes something else."""
    following = after.strip().split(" ")[0].rstrip(":,;.") if after.startswith(" ") else ""
    if following == "#":  # "planned 31, finished 13" counts, and says nothing of the task
        return True
    nouns = {
        "tasks",
        "task",
        "work",
        "items",
        "stories",
        "story",
        "points",
        "column",
        "list",
        "section",
        "list,",
        "state",
        "line",
    }
    return following in nouns and told != "no owner"


def _new_subject(before: str) -> bool:
    """Whether the clause right before the word has a subject of its own ("the tests are")."""
    clause = re.split(r",|\band\b|\bbut\b|:|\(|–|—|\bthough\b", before)[-1]
    words = clause.split()
    free = re.compile(rf"^(?:{_AUX}|{_ADVERBS}|and|but|it|they|which|-)$")
    return any(not free.match(word) for word in words)


def _named(subject: str, reading: Reading) -> tuple[str, ...]:
    gids = tuple(dict.fromkeys(gid for gid in re.findall(r"§(\w+)§", subject) if gid in reading.facts.tasks))
    if gids:
        return gids
    return reading.cited if reading.item is not None and not _OTHER_OF_LIST.search(subject) else ()


def _told(reading: Reading, claim: Claim, task: TaskFact) -> Fault:
    right = _what_holds(task, reading.facts)
    fact = f"tasks.{task.gid}"
    message = f"says '{claim.words}' of '{task.name}', which is {right}: say that, or leave the state out"
    return fault(reading, "state", claim.at, claim.words, message, fact=fact, right=right)


def _what_holds(task: TaskFact, facts: Facts) -> str:
    parts = [task.state.replace("_", " ")]
    parts += [
        name
        for name, holds in (("blocked", _listed("blocked", "blocked_days")), ("overdue", _overdue))
        if holds(task, facts)
    ]
    if task.owner is None:
        parts.append("without an owner")
    elif task.owner in facts.people:
        parts.append(f"owned by {facts.people[task.owner]}")
    return ", ".join(parts)


_VERDICTS = re.compile(r"\b(on[ -]track|at[ -]risk|off[ -]track)\b", re.IGNORECASE)


def verdict_faults(reading: Reading) -> Iterator[Fault]:
    """Text such as "On track" in a headline whose verdict is another; a verdict of an earlier period may be named beside it."""
    if reading.part != "headline":
        return
    known = [
        fact
        for fact in reading.facts.facts.values()
        if fact.unit == "text" and _VERDICTS.fullmatch(str(fact.value).strip())
    ]
    said = [
        index
        for index, token in enumerate(reading.tokens)
        if token.kind == "word" and token.key in {"on", "at", "off"}
    ]
    for index in said:
        words = f"{reading.key(index)} {reading.key(index + 1) if reading.key(index + 1) != '-' else reading.key(index + 2)}"
        if (
            known
            and _VERDICTS.fullmatch(words)
            and words not in {str(fact.value).strip().lower() for fact in known}
        ):
            right = str(known[0].value)
            message = f"says '{words}'; the verdict is {right}: write {{{known[0].id}}}"
            yield fault(reading, "state", index, words, message, fact=known[0].id, right=right)
