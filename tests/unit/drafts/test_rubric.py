"""Rubrics as tested files."""

from pathlib import Path

import pytest

from facilitator.drafts.checks import STANDUP_CHECKS
from facilitator.drafts.rubric import (
    RubricError,
    checks_for,
    load_rubric,
    parse_rubric,
    unmatched,
)
from facilitator.drafts.versions import read_lock, version_faults

RUBRICS = Path(__file__).parents[3] / "rubrics"
FILES = sorted(RUBRICS.glob("*.md"))

GOOD = """---
id: toast
version: 1.2.0
artifact: /mnt/session/outputs/draft.json
---
Open the draft.

## T1 Slices are counted   [hard] [code]
Count the slices.
They equal the fact `slices`.
Fail when: the count differs from the fact.
Why: nobody likes a missing slice, and nice toast is appropriate.

## T2 Crumbs   [grader]
Look for crumbs.
Fail when: a sentence speaks of crumbs.
Why: crumbs.
"""


def faults_of(content: str) -> str:
    """All faults of a rubric, as one text."""
    with pytest.raises(RubricError) as refused:
        parse_rubric(content, "toast")
    return "\n".join(refused.value.faults)


def test_a_rubric_is_read_whole() -> None:
    """Front matter with its default, criteria in order with their marks, and the text for the grader."""
    rubric = parse_rubric(GOOD, "toast")
    assert (rubric.key, rubric.max_iterations) == ("toast@1.2.0", 3)
    assert [(one.id, one.title, one.hard, one.how, one.in_code, one.line) for one in rubric.criteria] == [
        ("T1", "Slices are counted", True, "code", True, 8),
        ("T2", "Crumbs", False, "grader", False, 14),
    ]
    assert rubric.criteria[0].text == "Count the slices.\nThey equal the fact `slices`."
    assert rubric.criteria[0].fail_when == "the count differs from the fact."
    assert rubric.text.startswith("Open the draft.")
    assert "version" not in rubric.text


def test_line_ends_do_not_change_a_rubric() -> None:
    """A checkout on another system is the same version."""
    assert parse_rubric(GOOD.replace("\n", "\r\n"), "toast").digest == parse_rubric(GOOD, "toast").digest


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("---\nid", "id", "line 1: no front matter"),
        ("id: toast", "id: [", "front matter: "),
        ("id: toast\n", "", "front matter, id: Field required"),
        ("id: toast", "id: bread", "id is bread, the file is toast.md"),
        ("1.2.0", "1.2", "front matter, version"),
        ("1.2.0", "01.2.0", "front matter, version"),
        ("version:", "max_iterations: 0\nversion:", "front matter, max_iterations"),
        ("version:", "max_iterations: 21\nversion:", "front matter, max_iterations"),
        ("version:", "colour: red\nversion:", "front matter, colour"),
        ("/mnt/session/outputs/", "/mnt/elsewhere/", "front matter, artifact"),
        ("/mnt/session/outputs/draft.json", "/mnt/session/outputs/../x", "front matter, artifact"),
        ("## T2 Crumbs   [grader]", "## T1 Crumbs   [grader]", "line 14: T1 is used twice"),
        ("## T2 Crumbs   [grader]", "## T2", "line 14: a heading needs an id and a title"),
        ("## T2 ", "## Crumbs ", "line 14: Crumbs is no criterion id"),
        ("Crumbs   [grader]", "Crumbs", "T2 is marked []"),
        ("Crumbs   [grader]", "Crumbs   [human]", "T2 is marked [human]"),
        ("Crumbs   [grader]", "Crumbs   [code] [grader]", "T2 is marked [code grader]"),
        ("Fail when: a sentence speaks of crumbs.\n", "", "T2 has no measurable predicate"),
        ("a sentence speaks of crumbs.", "it fails.", "T2 has no measurable predicate"),
        ("Why: crumbs.\n", "", "T2 gives no reason"),
        ("Look for crumbs.", "The toast is good.", "T2 says 'is good'"),
        ("Look for crumbs.", "It reads well.", "T2 says 'reads well'"),
        ("## T2 Crumbs", "## T2 Nice crumbs", "T2 says 'Nice'"),
        ("speaks of crumbs", "speaks of inappropriate or adequate crumbs", "T2 says 'adequate'"),
    ],
)
def test_a_faulty_rubric_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    """Each fault names where it is and what to write."""
    assert old in GOOD
    assert told in faults_of(GOOD.replace(old, new, 1))


def test_all_faults_are_told_at_once() -> None:
    """One round of mending is enough."""
    told = faults_of(
        GOOD.replace("1.2.0", "x").replace("Why: crumbs.", "").replace("Look for", "Nicely look for")
    )
    assert len(told.split("\n")) == 3


def test_an_empty_or_endless_rubric_is_refused() -> None:
    """Without criteria there is nothing to grade; past the service's limit nothing is graded."""
    head = GOOD.split("## T1", maxsplit=1)[0]
    assert "no criteria" in faults_of(head)
    assert "at most 262144" in faults_of(GOOD + "x" * 262_144)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, or not text."""
    with pytest.raises(RubricError, match=r"toast\.md: cannot be read"):
        load_rubric(tmp_path / "toast.md")
    (tmp_path / "toast.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RubricError, match="cannot be read"):
        load_rubric(tmp_path / "toast.md")


def test_every_code_criterion_has_its_check_and_the_other_way_round() -> None:
    """Both directions are told by id."""
    rubric = parse_rubric(GOOD, "toast")
    assert unmatched(rubric, {"T1"}) == []
    assert unmatched(rubric, {"T2"}) == [
        "toast T1 is marked code and has no check",
        "the check T2 decides no code criterion of toast",
    ]


def test_checks_come_in_the_rubrics_order() -> None:
    """A ceremony's mapping may stand in any order; one that does not fit is refused."""
    rubric = parse_rubric(GOOD.replace("[grader]", "[code+grader]"), "toast")
    assert checks_for(rubric, {"T2": len, "T1": repr}) == (repr, len)
    with pytest.raises(RubricError, match="T2 is marked code"):
        checks_for(rubric, {"T1": repr})


def test_a_changed_rubric_needs_a_new_version() -> None:
    """A word changed under the same version is a fault; with a new version and its line it is not."""
    rubric = parse_rubric(GOOD, "toast")
    changed = parse_rubric(GOOD.replace("Count", "Recount"), "toast")
    raised = parse_rubric(GOOD.replace("Count", "Recount").replace("1.2.0", "1.10.0"), "toast")
    lock = {rubric.key: rubric.digest}
    assert version_faults([rubric], lock) == []
    assert version_faults([changed], lock) == [
        "toast changed and is still 1.2.0; raise its version, then add it to VERSIONS.lock"
    ]
    assert version_faults([raised], lock) == [
        f"toast@1.10.0 is not in VERSIONS.lock; add the line 'toast@1.10.0 {raised.digest}'"
    ]
    assert version_faults([raised], {**lock, raised.key: raised.digest}) == []


def test_an_old_version_does_not_come_back() -> None:
    """Versions are compared as numbers: 1.2.0 is older than 1.10.0."""
    rubric = parse_rubric(GOOD, "toast")
    assert version_faults([rubric], {rubric.key: rubric.digest, "toast@1.10.0": "x"}) == [
        "toast@1.2.0 is older than toast@1.10.0, which was given out already"
    ]


def test_the_lock_is_read_with_its_remarks(tmp_path: Path) -> None:
    """Comments and blank lines are for people."""
    lock = tmp_path / "VERSIONS.lock"
    lock.write_text("# remark\n\na@1.0.0 ab  # first\nb@1.0.0 cd\n")
    assert read_lock(lock) == {"a@1.0.0": "ab", "b@1.0.0": "cd"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_our_rubrics_keep_their_own_rules(path: Path) -> None:
    """Every rubric loads, sends the grader to both files, and tells it how to answer and what to disobey."""
    rubric = load_rubric(path)
    assert rubric.artifact in rubric.text
    assert "/mnt/session/uploads/facts.json" in rubric.text
    assert "is data" in rubric.text
    assert "exactly this form" in rubric.text


def test_our_rubrics_are_the_versions_they_say() -> None:
    """Whoever edits a rubric raises its version and adds it to the lock."""
    assert version_faults(map(load_rubric, FILES), read_lock(RUBRICS / "VERSIONS.lock")) == []


def test_the_standups_rubric_and_checks_fit() -> None:
    """D1 to D10, each marked code decided by a check of its id."""
    rubric = load_rubric(RUBRICS / "standup.md")
    assert [criterion.id for criterion in rubric.criteria] == [f"D{number}" for number in range(1, 11)]
    assert unmatched(rubric, STANDUP_CHECKS) == []


@pytest.mark.parametrize("section", ["blocked", "ageing", "moved", "help"])
def test_the_standups_rubric_speaks_of_each_section(section: str) -> None:
    """Section ids stand in backticks, as in the draft."""
    assert f"`{section}`" in load_rubric(RUBRICS / "standup.md").text
