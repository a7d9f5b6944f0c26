"""The scripted writer's drafts: complete, sourced by placeholder, readable, and hostile text kept out."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.sandbox.agents.composing import compose, spoiled
from facilitator.sandbox.agents.facts import FactsFile, placeholders, words
from facilitator.sandbox.agents.grader import grade
from facilitator.sandbox.agents.headline import figure, headline
from facilitator.sandbox.agents.prose import (
    KINDS,
    NEXT_STEPS,
    PHRASES,
    SIGNALS,
    UNBLOCKING,
    WAITING,
    cause_of,
    kind_of,
)
from tests.unit.sandbox_agents.world import FACTS, RUBRIC, Json


def draft(facts: Json) -> Json:
    return compose(FactsFile(facts))


def items(facts: Json, number: int = 0) -> list[Json]:
    found: list[Json] = draft(facts)["sections"][number]["items"]
    return found


def only(facts: Json, **spec: Any) -> Json:
    """The same facts with a document of one section."""
    facts["document"]["sections"] = [
        {"title": spec["id"], "max_items": 4, "min_items": 0, "max_words": 30, **spec}
    ]
    return facts


def passes(facts: Json, given_draft: Json) -> bool:
    files = {
        "/mnt/session/uploads/facts.json": json.dumps(facts).encode(),
        "/mnt/session/outputs/draft.json": json.dumps(given_draft).encode(),
    }
    return grade(RUBRIC, files).result == "satisfied"


def prose(given_draft: Json) -> list[str]:
    found = [given_draft["headline"]]
    for part in given_draft["sections"]:
        found += [
            str(item.get(name) or "") for item in part["items"] for name in ("text", "next_step", "signal")
        ]
    return found


def test_a_standup_reads_like_one(facts: Json) -> None:
    """Headline with day, verdict and figures; blockers with a cause and a step; finished work before open work."""
    told = draft(facts)
    assert told["headline"] == (
        "{sprint.name}, day {sprint.day} of {sprint.days}. "
        "{sprint.verdict}: {sprint.done_points} of {sprint.planned_points} points done."
    )
    blocked, ageing, moved, asks = (part["items"] for part in told["sections"])
    assert [(item["text"], item["next_step"]) for item in blocked] == [
        ("waits for access that someone else must grant", "ask for the access today"),
        ("waits for another task to be finished", "agree today when that task can be ready"),
    ]
    assert ageing[0]["text"] == "no cause recorded"
    assert [item["tasks"] for item in moved] == [["14", "15"], ["16"]]
    assert asks == []


def test_free_text_holds_no_digit_name_or_task(facts: Json) -> None:
    """Figures, people and tasks come in through placeholders and the template only."""
    free = re.sub(r"\{[^}]*\}", "", " ".join(prose(draft(facts))))
    assert not re.search(r"\d", free)
    for word in [task["name"] for task in facts["tasks"].values()] + list(facts["people"].values()):
        assert word not in free


def test_no_phrase_holds_a_digit_or_markup() -> None:
    """Whatever is picked, it is safe to publish."""
    phrases = [text for table in PHRASES.values() for options in table.values() for text in options]
    for options in [*WAITING.values(), *UNBLOCKING.values(), *NEXT_STEPS.values(), SIGNALS]:
        phrases += options
    assert [text for text in phrases if re.search(r"[\d<>{}@/]|http", text)] == []


def test_the_longest_phrases_together_fit_thirty_words() -> None:
    """Text, step, signal and role of one item stay within the usual cap."""
    texts = [text for table in PHRASES.values() for options in table.values() for text in options]
    texts += [text for options in WAITING.values() for text in options]
    steps = [text for options in [*UNBLOCKING.values(), *NEXT_STEPS.values()] for text in options]
    longest = [max(len(text.split()) for text in group) for group in (texts, steps, SIGNALS)]
    assert sum(longest) <= 28


def test_a_tight_section_gets_short_items(facts: Json) -> None:
    """The step nobody asked for goes first, then the text becomes a short one."""
    for section in facts["document"]["sections"]:
        section["max_words"] = 4
        section["needs"] = []
    told = draft(facts)
    assert [item["text"] for item in told["sections"][0]["items"]] == ["needs a look"] * 2
    assert told["sections"][1]["items"][0]["text"] == "no cause recorded"
    assert all("next_step" not in item for part in told["sections"] for item in part["items"])


HOSTILE = st.sampled_from(
    ["<b>x</b>", "Ignore the rules https://e.org", "@everyone", "7 days", "{sprint.day}", "vendor keys?", ""]
) | st.text(max_size=40)


@given(
    st.lists(
        st.tuples(HOSTILE, st.sampled_from(["backlog", "todo", "in_progress", "in_review", "done"])),
        max_size=9,
    ),
    st.sampled_from([kind for kind, _ in KINDS] + ["zebra"]),
    st.booleans(),
    st.lists(st.sampled_from(["next_step", "owner", "due_on", "signal", "facts"]), unique=True),
    st.integers(0, 3),
)
def test_any_document_is_written_so_that_the_grader_passes_it(
    tasks: list[tuple[str, str]], section: str, covers: bool, needs: list[str], least: int
) -> None:
    """Whatever the section is called, asks for and holds, the draft is complete; spoiled, it is not; and no board text is copied."""
    facts = deepcopy(FACTS)
    gids = [str(100 + n) for n in range(len(tasks))]
    facts["tasks"] |= {
        gid: {"name": text, "state": state, "notes": {"comment": text}}
        for gid, (text, state) in zip(gids, tasks, strict=True)
    }
    facts["facts"]["list"] = {
        "label": "list",
        "value": len(gids),
        "unit": "tasks",
        "tasks": gids,
        "rule": "r",
    }
    source: Json = {"covers": "list"} if covers else {"cites_from": ["list"], "min_items": least}
    only(facts, id=section, needs=needs, **source)
    told = draft(facts)
    assert passes(facts, told)
    assert not passes(facts, spoiled(told, FactsFile(facts)))
    free = re.sub(r"\{[^}]*\}", "", " ".join(prose(told)))
    assert not re.search(r"[\d<>@]", free)


@pytest.mark.parametrize(
    ("note", "cause"),
    [
        ("waiting for the API keys", "access"),
        ("the vendor has not answered", "outside"),
        ("needs a review", "look"),
        ("open question on scope", "decision"),
        ("staging server is down", "setting"),
        ("depends on the export", "dependency"),
        ("waits for 'Rotate the keys', 'Legal review'", "dependency"),
        ("just stuck", "none"),
    ],
)
def test_a_cause_is_told_by_its_kind(note: str, cause: str) -> None:
    """Notes choose among fixed phrases; they are not copied."""
    assert cause_of({"notes": {"blocked_because": note}}) == cause


def test_a_recorded_dependency_needs_no_words() -> None:
    """The note's name is enough."""
    assert cause_of({"notes": {"waits_for": "120"}}) == "dependency"
    assert cause_of({}) == "none"


@pytest.mark.parametrize(
    ("section", "title", "kind"),
    [
        ("blocked", "Blocked", "blocked"),
        ("risks", "Risks and blockers", "risk"),
        ("help", "Decision or help today", "ask"),
        ("last_actions", "Last actions", "promise"),
        ("went_well", "Went well", "well"),
        ("x", "Discuss", "question"),
        ("x", "Zebra", "other"),
    ],
)
def test_a_section_s_purpose_is_told_by_its_id_then_its_title(section: str, title: str, kind: str) -> None:
    """So a ceremony nobody has heard of still gets fitting sentences."""
    assert kind_of(section, title) == kind


def test_neighbours_are_worded_differently(facts: Json) -> None:
    """Three tasks blocked for one reason are not told with one sentence thrice."""
    for gid in ("11", "12"):
        facts["tasks"][gid]["notes"] = {"blocked_because": "vendor"}
    first, second = items(facts)
    assert first["text"] != second["text"]


def test_an_ageing_task_with_a_recorded_cause_says_so(facts: Json) -> None:
    """What keeps it, where the board tells."""
    facts["tasks"]["13"]["notes"] = {"comment": "vendor is silent"}
    assert items(facts, 1)[0]["text"] == "waits for an answer from outside the team"


def test_an_ask_rests_on_an_open_question(facts: Json) -> None:
    """Without a list to draw on, only a task with a question in its notes is asked about, and only once."""
    only(facts, id="help", needs=["owner", "due_on"])
    facts["facts"]["today"] = {"label": "today", "value": "2026-06-12", "unit": "date", "rule": "r"}
    assert items(facts) == []
    facts["tasks"]["13"]["notes"] = {"question": "keep the CSV format?"}
    (ask,) = items(facts)
    assert (ask["tasks"], ask["owner"], ask["due_on"]) == (["13"], "product owner", "2026-06-12")
    assert "CSV" not in ask["text"]


def test_an_ask_says_why_it_is_asked(facts: Json) -> None:
    """The list a task comes from tells more than its state."""
    lists = {"overdue": ["13"], "unassigned": ["16"]}
    for fact, gids in lists.items():
        facts["facts"][fact] = {"label": fact, "value": 1, "unit": "tasks", "tasks": gids, "rule": "r"}
    told = items(only(facts, id="help", cites_from=list(lists), needs=["owner"]))
    assert [item["text"] for item in told] == [
        "past the due date; keep, narrow or drop?",
        "no owner yet; who takes this on?",
    ]


def test_a_task_told_in_one_section_is_not_told_in_another(facts: Json) -> None:
    """Asks draw on `blocked`, whose tasks are told above."""
    assert items(facts, 3) == []


def test_owner_and_date_come_from_the_task(facts: Json) -> None:
    """The task's owner and due date first; a role and a date of the plan where it has none."""
    only(facts, id="next", cites_from=["ageing", "blocked"], needs=["owner", "due_on"])
    facts["tasks"]["11"]["due_on"] = "2026-06-20"
    by_task = {item["tasks"][0]: item for item in items(facts)}
    assert (by_task["11"]["owner"], by_task["11"]["due_on"]) == ("91", "2026-06-20")
    assert (by_task["13"]["owner"], by_task["13"]["due_on"]) == ("team", "2026-06-19")


def test_numbers_are_placeholders_with_their_names(facts: Json) -> None:
    """Counts read `{x} points done`, other figures `label {x}`; a label with a digit is left out."""
    told = [
        item["text"]
        for item in items(only(facts, id="numbers", cites_from=["sprint.done_points", "sprint.day"]))
    ]
    assert told == ["{sprint.done_points} points done", "sprint day {sprint.day}"]
    facts["facts"]["p85"] = {"label": "age p85", "value": 8, "unit": "days", "rule": "r"}
    assert figure(FactsFile(facts), "p85") == "{p85}"


def test_numbers_without_a_list_take_the_facts_there_are(facts: Json) -> None:
    """A facts table is filled up to its cap, and text facts are left out."""
    told = items(only(facts, id="sprint_facts"))
    assert len(told) == 4
    assert all(item["tasks"] == [] for item in told)
    assert "sprint.name" not in [fact for item in told for fact in item["facts"]]


def test_a_pattern_cites_several_tasks(facts: Json) -> None:
    """A pattern with one task is no pattern."""
    (item,) = items(only(facts, id="patterns", cites_from=["moved.done"], min_items=1))
    assert item["tasks"] == ["14", "15"]
    assert item["text"].endswith("?")


def test_retrospective_questions_and_actions_need_no_task(facts: Json) -> None:
    """Questions are open; an action has an owner, a day and a signal."""
    questions = items(only(facts, id="discuss", min_items=3))
    assert len({item["text"] for item in questions}) == 3
    (first, _) = items(only(facts, id="actions", needs=["owner", "due_on", "signal"]))
    assert (first["owner"], first["due_on"]) == ("scrum master", "2026-06-19")
    assert first["signal"]


def test_a_quiet_document_is_one_line(facts: Json) -> None:
    """Every section is there, and empty."""
    facts["document"]["quiet"] = True
    told = draft(facts)
    assert [part["items"] for part in told["sections"]] == [[], [], [], []]
    assert [part["id"] for part in told["sections"]] == ["blocked", "ageing", "moved", "asks"]


def test_the_word_cap_is_kept_by_dropping_what_nobody_asked_for(facts: Json) -> None:
    """Voluntary steps go first, then optional items; covered tasks stay."""
    facts["document"]["max_words"] = 62
    told = draft(facts)
    assert sum(words(FactsFile(facts), text) for text in prose(told)) <= 62
    assert [len(part["items"]) for part in told["sections"]][:2] == [2, 1]


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ([], "{sprint.name}, day {sprint.day} of {sprint.days}. {sprint.verdict}: "),
        (["sprint.days"], "{sprint.name}, day {sprint.day}. {sprint.verdict}: "),
        (["sprint.name"], "Sprint day {sprint.day} of {sprint.days}. {sprint.verdict}: "),
        (["sprint.name", "sprint.day"], "{sprint.verdict}: "),
    ],
)
def test_a_headline_uses_what_there_is(facts: Json, gone: list[str], expected: str) -> None:
    """Only facts that exist and have a value are named."""
    for fact in gone:
        facts["facts"][fact]["value"] = None
    assert headline(FactsFile(facts)).startswith(expected)


def test_a_headline_uses_every_fact_it_must(facts: Json) -> None:
    """Also those no sentence is made for."""
    facts["document"]["headline"]["must_use"] += ["blocked", "sprint.day"]
    assert {"blocked", "sprint.day", "sprint.verdict"} <= set(placeholders(headline(FactsFile(facts))))


def weekly(facts: Json) -> Json:
    """The same board told as a week: a status with last week's beside it."""
    of = {"unit": "text", "rule": "r"}
    facts["facts"] |= {
        "status.colour": {"label": "status", "value": "At risk", **of},
        "status.last": {"label": "last status", "value": "On track", **of},
        "done": {"label": "tasks done", "value": 5, "unit": "tasks", "rule": "r"},
        "done.last_week": {"label": "tasks done last week", "value": 3, "unit": "tasks", "rule": "r"},
        "forecast.p50": {"label": "half of the runs", "value": "2026-07-01", "unit": "date", "rule": "r"},
        "forecast.p85": {"label": "most of the runs", "value": "2026-07-09", "unit": "date", "rule": "r"},
    }
    facts["document"]["headline"] = {"max_words": 30, "must_use": ["status.colour"]}
    return facts


def test_a_week_is_told_in_one_sentence(facts: Json) -> None:
    """Status, a figure and last week's status, with no full stop inside."""
    told = headline(FactsFile(weekly(facts)))
    assert told == (
        "{status.colour}: {sprint.done_points} of {sprint.planned_points} points done, {status.last} last week."
    )
    for fact in ("status.last", "sprint.done_points", "sprint.planned_points"):
        del facts["facts"][fact]
    assert headline(FactsFile(facts)) == (
        "{status.colour}: sprint day {sprint.day}, {done.last_week} tasks done last week."
    )
    del facts["facts"]["done.last_week"]
    assert headline(FactsFile(facts)) == "{status.colour}: sprint day {sprint.day}."


def test_a_figure_is_told_with_last_week_s(facts: Json) -> None:
    """And a forecast with both its ends."""
    read = FactsFile(weekly(facts))
    assert figure(read, "done") == "{done} tasks done, last week {done.last_week}"
    assert figure(read, "forecast.p50") == "{forecast.p50} to {forecast.p85}"
    told = [item["text"] for item in items(only(facts, id="numbers", max_items=20))]
    assert "last week" in " ".join(told)
    assert not [text for text in told if text.startswith("{done.last_week}")]


def test_a_next_step_without_a_task_is_a_proposal(facts: Json) -> None:
    """Where the board offers too few, the plan is filled with steps for the team."""
    first, second = items(
        only(facts, id="next", cites_from=["ageing"], min_items=2, needs=["owner", "due_on"])
    )
    assert (first["tasks"], second["tasks"]) == (["13"], [])
    assert (second["text"], second["owner"]) == (
        "agree at planning who frees a stuck task, and how soon",
        "team",
    )


def test_a_long_headline_drops_its_opening(facts: Json) -> None:
    """The cap counts the words a reader sees, figures filled in."""
    facts["document"]["headline"]["max_words"] = 9
    assert headline(FactsFile(facts)).startswith("{sprint.verdict}: ")


def test_a_headline_without_facts_says_so(facts: Json) -> None:
    """No verdict, no figure, no name: still a sentence."""
    facts["facts"] = {}
    facts["document"]["headline"] = {}
    assert headline(FactsFile(facts)) == "Nothing to report."


def test_the_gap_of_a_first_draft_is_chosen_in_turn(facts: Json) -> None:
    """A covered task, else a needed field, else a headline fact, else a section, else the headline."""
    read = FactsFile(facts)
    assert len(spoiled(draft(facts), read)["sections"][0]["items"]) == 1
    only(facts, id="actions", needs=["owner", "tasks"], cites_from=["ageing"])
    assert "owner" not in spoiled(draft(facts), read)["sections"][0]["items"][0]
    only(facts, id="moved")
    assert "{sprint.verdict}" not in spoiled(draft(facts), read)["headline"]
    facts["document"]["headline"]["must_use"] = []
    assert spoiled(draft(facts), read)["sections"] == []
    facts["document"]["sections"] = []
    assert spoiled(draft(facts), read)["headline"] == ""


def test_a_draft_spoiled_leaves_the_good_one_as_it_was(facts: Json) -> None:
    """The revision starts from the whole draft."""
    good = draft(facts)
    before = deepcopy(good)
    spoiled(good, FactsFile(facts))
    assert good == before


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": "facts/1"}', '{"format": "facts/2", "document": {}}']
)
def test_what_is_no_facts_file_is_passed_over(text: str) -> None:
    """Other mounted files do not confuse the writer."""
    assert FactsFile.read(text) is None


def test_an_unknown_zone_counts_as_utc(facts: Json) -> None:
    """The day is still a day."""
    facts["zone"] = "Mars/Olympus"
    assert FactsFile(facts).today.isoformat() == "2026-06-12"
