"""The wording of the scripted writer: plain phrases chosen by a task's state and its section's purpose.

Owns sentences only. None holds a digit, date, person or task name: those come from facts, by placeholder or by the template.
Notes of tasks are never copied: they may be hostile; they only help to choose among the phrases below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

KINDS: tuple[tuple[str, str], ...] = (
    ("promise", r"promise|last_|previous|follow_?up"),
    ("well", r"well|success|keep"),
    ("risk", r"risk|impediment|danger"),
    ("blocked", r"block|stuck|waiting|across"),
    ("ageing", r"age?ing|stale|aged"),
    ("moved", r"moved|done|finish|accomplish|complet|progress"),
    ("question", r"discuss|question"),
    ("action", r"action|propos|improve|experiment"),
    ("ask", r"ask|decision|decide|help"),
    ("next", r"next|plan|today|upcoming"),
    ("deviation", r"deviat|surpris|missed|carried"),
    ("pattern", r"pattern|theme"),
    ("numbers", r"number|figure|fact|metric|timeline|event|forecast"),
)
"""What a section is for, told by its id, then by its title; the first match wins."""


def kind_of(section_id: str, title: str) -> str:
    """What a section is for; `other` where neither id nor title says."""
    for text in (section_id.lower(), title.lower()):
        for kind, pattern in KINDS:
            if re.search(pattern, text):
                return kind
    return "other"


CAUSES: tuple[tuple[str, str], ...] = (
    (
        "dependency",
        r"\bdepend|blocked by|^waits for |waits? (for|on) (task|another)|until .* (is|are) (done|merged|ready)",
    ),
    ("access", r"\b(key|keys|credential|access|permission|token|account|licen[cs]e)\b"),
    ("outside", r"vendor|supplier|provider|partner|customer|client|third|external|legal"),
    ("look", r"review|approv|sign.?off|feedback"),
    ("decision", r"decision|decide|question|unclear|clarif|scope|spec"),
    ("setting", r"environment|server|deploy|pipeline|build|infra|hardware|test data"),
)
"""Why a task waits, told by words in its notes. The notes themselves are not repeated."""

WAITING: dict[str, tuple[str, ...]] = {
    "dependency": ("waits for another task to be finished", "cannot go on before the task it depends on"),
    "access": ("waits for access that someone else must grant", "still without the access it needs"),
    "outside": ("waits for an answer from outside the team", "depends on a reply from outside"),
    "look": ("waits for someone to look at it", "nobody has looked at the change yet"),
    "decision": ("waits for a decision", "an open question stops it"),
    "setting": ("waits for a working environment", "the environment it needs is not ready"),
    "none": ("what it waits for is still to be made plain", "its reason is still to be made plain, too"),
}

UNBLOCKING: dict[str, tuple[str, ...]] = {
    "dependency": ("agree today when that task can be ready", "ask there what is still missing"),
    "access": ("ask for the access today", "remind whoever grants the access"),
    "outside": ("ask again today and agree a fallback", "call rather than write; set a latest day"),
    "look": ("find someone to look at it today", "walk through the change together"),
    "decision": (
        "put the question to the product owner today",
        "write the options down; one person chooses",
    ),
    "setting": ("ask who can repair the environment today", "agree a substitute until it is ready"),
    "none": ("write down what would free it", "find out who can free it"),
}

PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "ageing": {
        "in_review": (
            "in review past the usual time; no cause recorded",
            "also long in review; no cause recorded",
        ),
        "in_progress": ("no cause recorded", "no cause recorded here either", "the board names no cause"),
        "other": ("no cause recorded",),
    },
    "moved": {
        "done": ("closed, with nothing left open", "closed as well", "finished too, and off the list"),
        "in_review": ("handed over for review", "handed over too"),
        "in_progress": ("taken up and under way", "taken up too"),
        "other": ("moved on the board",),
    },
    "well": {
        "done": (
            "finished; worth asking what made it go smoothly",
            "finished without being carried along",
        ),
        "other": ("went forward as the team had set out", "steady work, worth keeping up"),
    },
    "risk": {
        "in_review": ("stands in review while other work waits; more reviewers would help",),
        "in_progress": (
            "takes longer than usual, so what follows may slip; narrow it",
            "may hold up the work behind it; agree a first usable part",
        ),
        "other": (
            "not started, so its date is in doubt; drop or swap something",
            "nobody works on it yet, so it may come late; start early",
        ),
        "overdue": ("past its due date, so what follows may slip; agree a new plan",),
        "unassigned": ("nobody owns it, so it may be forgotten; name someone",),
    },
    "promise": {
        "done": ("finished as promised", "finished too"),
        "other": ("no cause recorded; stays on the list", "open too, no cause recorded"),
    },
    "next": {
        "in_review": ("bring it through review", "find a reviewer and close it"),
        "in_progress": ("finish before anything new is started", "carry on until it is finished"),
        "other": ("start once something else is finished", "take up next"),
    },
    "ask": {
        "in_review": ("who can take the review?", "who else can review?"),
        "in_progress": ("keep going, split it, or drop it?", "does it need a second pair of hands?"),
        "other": ("who takes this, or does it leave the plan?", "is it still needed now?"),
        "overdue": ("past the due date; keep, narrow or drop?", "late as well; what gives way?"),
        "unassigned": ("no owner yet; who takes this on?", "without an owner too; who can?"),
        "question": ("a question on the task is open; please answer it", "this question is open too"),
        "status": ("what leaves the plan here, and who says so?", "which promise gives way here?"),
    },
    "deviation": {
        "done": (
            "finished later than planned; cause not recorded",
            "took longer than planned; cause not recorded",
        ),
        "other": ("planned but not finished; cause not recorded", "carried along; cause not recorded"),
    },
    "pattern": {
        "other": (
            "these may share a cause outside the team; is that so?",
            "these may have been larger than planned; what did we miss?",
            "these were started while others were open; does that slow us?",
        )
    },
    "action": {
        "other": (
            "agree at planning who frees a stuck task, and how soon",
            "finish open work before starting more",
            "split a task that stays open longer than usual",
        )
    },
    "question": {
        "other": (
            "What would have let the waiting work move sooner?",
            "Which work came in late, and what gave way?",
            "What should we stop doing, so that more gets finished?",
            "Where did the size of a task surprise us, and why?",
        )
    },
    "told": {
        "other": (
            "the plan does not hold as it stands; see the reason beside it",
            "scope or date has to give; see the reason beside it",
        )
    },
    "other": {
        "done": ("finished", "closed"),
        "in_review": ("in review", "with a reviewer"),
        "in_progress": ("in progress", "being worked on"),
        "other": ("not started", "waiting to be taken up"),
    },
}

NEXT_STEPS: dict[str, tuple[str, ...]] = {
    "ageing": ("agree what would finish it, or split it", "decide today: finish, split or stop"),
    "risk": ("agree the way out with the product owner", "name one person to follow it up"),
    "ask": ("settle it after the stand-up", "answer before the day ends"),
    "told": ("agree what leaves the plan", "settle with the team which date holds"),
    "other": ("agree who takes it from here", "settle the next step together"),
}

ROLES = {"ask": "product owner", "risk": "product owner", "next": "team", "action": "scrum master"}
SIGNALS = (
    "less work waits at the next retrospective",
    "fewer tasks are open at once",
    "no task stays open for too long",
)


def cause_of(task: dict[str, Any]) -> str:
    """Which kind of thing a blocked task waits for, told by its notes; `none` where they do not say."""
    notes = task.get("notes") or {}
    if any(re.search(r"depend|waits_for|blocked_by", key) for key in notes):
        return "dependency"
    texts = [str(value).lower() for value in notes.values()]
    return next(
        (cause for cause, pattern in CAUSES if any(re.search(pattern, text) for text in texts)), "none"
    )


def topic_of(kind: str, facts: Sequence[str], state: str) -> str:
    """What an item's wording turns on: the list it comes from where that says more than the task's state, else the state."""
    tails = (fact.rsplit(".", 1)[-1] for fact in facts)
    return next(
        (
            tail
            for tail in tails
            if tail in {"overdue", "unassigned", "status"} and tail in PHRASES.get(kind, {})
        ),
        state,
    )


def phrase(kind: str, state: str, number: int) -> str:
    """The wording for the `number`-th item of its sort, counted from 0: equal neighbours read badly, so it rotates."""
    table = PHRASES.get(kind, PHRASES["other"])
    return rotate(table.get(state) or table.get("other") or PHRASES["other"]["other"], number)


def rotate(options: Sequence[str], number: int) -> str:
    """One of several wordings."""
    return options[number % len(options)]
