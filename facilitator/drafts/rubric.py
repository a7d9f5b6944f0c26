"""Rubrics: one Markdown file per ceremony, read, held to its own rules, and matched with the checks in code.

A rubric goes to the grader as text and names, per criterion, whether code decides it too. Front matter: id, version,
max_iterations, artifact. Shape of a criterion:

    ## D2 Blocked is complete   [hard] [code+grader]
    What must hold, and how to verify it.
    Fail when: a measurable predicate.
    Why: the reason.

This module judges rubrics, never drafts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from facilitator.errors import FacilitatorError

Decider = TypeVar("Decider", bound=Callable[..., Any])

MAX_CHARS = 262_144
"""Longest rubric text an outcome takes (Managed Agents reference, section 6)."""

HOW = ("code", "grader", "code+grader")

_HEADING = re.compile(r"## +(?P<id>\S+) +(?P<title>.+?)(?P<tags>(?: *\[[^\]]*\])*) *")
_ID = re.compile(r"[A-Z][0-9]{1,2}\Z")
_VAGUE = re.compile(
    r"\b(?:(?:is|are|looks?|reads?|sounds?) (?:good|great|fine|nice|well|ok|okay)|nice(?:ly)?|good quality|high.quality"
    r"|well.written|appropriate(?:ly)?|reasonabl[ey]|adequate(?:ly)?|properly|sufficient(?:ly)?|engaging|user.friendly"
    r"|as needed|if possible|best practices?)\b",
    re.IGNORECASE,
)
"""Words two graders read in two ways. A reason (`Why`) may use them; what decides may not."""


class RubricError(FacilitatorError):
    """A rubric file cannot be used; every fault is told, each with its line."""

    code = "rubric"

    def __init__(self, name: str, faults: Sequence[str]) -> None:
        super().__init__(f"{name}: " + "; ".join(faults), suggestion="mend the rubric and raise its version")
        self.faults = tuple(faults)


class _Front(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str = Field(pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")
    max_iterations: int = Field(default=3, ge=1, le=20)  # at most 20: Managed Agents reference, section 6
    artifact: str = Field(pattern=r"^/mnt/session/outputs/[\w.-]+$")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to judge: `how` is code, grader or code+grader; `line` is where it stands in its file."""

    id: str
    title: str
    hard: bool
    how: str
    text: str
    fail_when: str
    why: str
    line: int

    @property
    def in_code(self) -> bool:
        """Whether a check of this id must exist."""
        return self.how != "grader"


@dataclass(frozen=True, slots=True)
class Rubric:
    """A rubric ready to send: `text` is what the grader gets, `digest` the SHA-256 of the whole file."""

    id: str
    version: str
    max_iterations: int
    artifact: str
    criteria: tuple[Criterion, ...]
    text: str
    digest: str

    @property
    def key(self) -> str:
        """Id and version, as the version lock names it."""
        return f"{self.id}@{self.version}"


def load_rubric(path: Path) -> Rubric:
    """Read one rubric; raises `RubricError` with every fault it has."""
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RubricError(path.name, [f"cannot be read: {error}"]) from error
    return parse_rubric(content, path.stem)


def parse_rubric(content: str, name: str) -> Rubric:
    """As `load_rubric`, from text; `name` is the ceremony it must be for."""
    content = content.replace("\r\n", "\n")
    head, body, first_line = _split(content, name)
    front, faults = _front(head)
    criteria, broken = _criteria(body, first_line)
    faults += broken + [fault for one in criteria for fault in _lint(one)] + _repeated(criteria)
    if front and front.id != name:
        faults.append(f"line 2: id is {front.id}, the file is {name}.md")
    if not criteria:
        faults.append("no criteria; each is a heading such as '## D1 Title   [hard] [code]'")
    if len(body) > MAX_CHARS:
        faults.append(f"{len(body)} characters; at most {MAX_CHARS}")
    if faults or front is None:
        raise RubricError(f"{name}.md", faults)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return Rubric(
        front.id, front.version, front.max_iterations, front.artifact, criteria, body.strip(), digest
    )


def unmatched(rubric: Rubric, checks: Collection[str]) -> list[str]:
    """Where rubric and code disagree about what code decides; empty where they fit."""
    marked = [criterion.id for criterion in rubric.criteria if criterion.in_code]
    return [
        f"{rubric.id} {name} is marked code and has no check" for name in marked if name not in checks
    ] + [
        f"the check {name} decides no code criterion of {rubric.id}" for name in checks if name not in marked
    ]


def checks_for(rubric: Rubric, checks: Mapping[str, Decider]) -> tuple[Decider, ...]:
    """The checks in the rubric's order; raises `RubricError` where the two do not fit."""
    faults = unmatched(rubric, checks)
    if faults:
        raise RubricError(f"{rubric.id}.md", faults)
    return tuple(checks[criterion.id] for criterion in rubric.criteria if criterion.in_code)


def _split(content: str, name: str) -> tuple[str, str, int]:
    match = re.match(r"---\n(.*?)\n---\n(.*)\Z", content, re.DOTALL)
    if not match:
        raise RubricError(f"{name}.md", ["line 1: no front matter between two lines of ---"])
    return match[1], match[2], content[: match.start(2)].count("\n") + 1


def _front(head: str) -> tuple[_Front | None, list[str]]:
    try:
        return _Front.model_validate(yaml.safe_load(head)), []
    except yaml.YAMLError as error:
        return None, [f"front matter: {error}".replace("\n", " ")]
    except ValidationError as error:
        return None, [
            f"front matter, {'.'.join(map(str, fault['loc'])) or 'as a whole'}: {fault['msg']}"
            for fault in error.errors()
        ]


def _criteria(body: str, first_line: int) -> tuple[tuple[Criterion, ...], list[str]]:
    lines = body.split("\n")
    starts = [number for number, line in enumerate(lines) if line.startswith("## ")]
    criteria, faults = [], []
    for start, end in zip(starts, [*starts, len(lines)][1:], strict=True):
        match = _HEADING.fullmatch(lines[start])
        if match:
            criteria.append(_criterion(match, lines[start + 1 : end], first_line + start))
        else:
            faults.append(f"line {first_line + start}: a heading needs an id and a title")
    return tuple(criteria), faults


def _criterion(heading: re.Match[str], lines: list[str], line: int) -> Criterion:
    tags = re.findall(r"\[([^\]]*)\]", heading["tags"])
    kept = [tag for tag in tags if tag != "hard"]
    return Criterion(
        id=heading["id"],
        title=heading["title"],
        hard="hard" in tags,
        how=kept[0] if len(kept) == 1 else " ".join(kept),
        text="\n".join(one for one in lines if not one.startswith(("Fail when", "Why"))).strip(),
        fail_when=_told(lines, "Fail when"),
        why=_told(lines, "Why"),
        line=line,
    )


def _told(lines: list[str], label: str) -> str:
    line = next((one for one in lines if one.startswith(label)), "")
    return line.removeprefix(label).lstrip(": ").strip()


def _lint(criterion: Criterion) -> Iterator[str]:
    place = f"line {criterion.line}: {criterion.id}"
    if not _ID.match(criterion.id):
        yield f"{place} is no criterion id; a letter and a number, such as D2"
    if criterion.how not in HOW:
        yield f"{place} is marked [{criterion.how}]; mark it one of {', '.join(f'[{how}]' for how in HOW)}"
    if len(criterion.fail_when.split()) < 4:
        yield f"{place} has no measurable predicate; add a line 'Fail when: ...'"
    if not criterion.why:
        yield f"{place} gives no reason; add a line 'Why: ...'"
    vague = _VAGUE.search(f"{criterion.title}\n{criterion.text}\n{criterion.fail_when}")
    if vague:
        yield f"{place} says {vague[0]!r}, which cannot be measured; say what to count or compare"


def _repeated(criteria: Sequence[Criterion]) -> list[str]:
    ids = [criterion.id for criterion in criteria]
    return [
        f"line {criterion.line}: {criterion.id} is used twice"
        for place, criterion in enumerate(criteria)
        if criterion.id in ids[:place]
    ]
