"""Which line of a comment stands for what: the comment rendered once more with unseen marks, then cut into its lines.

Beside the flow, for pages on which every line explains itself. A mark stands before each figure of a fact, each bullet of
the draft and each linked task; a line's marks are its names for `explaining`. What is shown is always the real comment:
marks are carried over to lines of the same text, and a line without any simply has none.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from facilitator.board.facts import TaskFact
from facilitator.drafts.richtext import DEFAULT_HOSTS, TAGS, escape, is_allowed
from facilitator.drafts.view import DocumentView, FactView, ItemView, TaskView

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKS = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_LEADING = re.compile(f"(?:{_OPEN}[^{_OPEN}{_CLOSE}]*{_CLOSE})*")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comment as safe HTML; `what` names the draft's bullet, the facts and the tasks behind it."""

    html: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand together. `kind` is p (one line), gap (an empty one), ul or ol."""

    kind: str
    lines: tuple[Line, ...]


class _Marked(Markup):
    """Text with a mark before it that compares as the text alone: templates ask for a status by its word."""

    __slots__ = ("bare",)
    bare: str

    def __eq__(self, other: object) -> bool:
        return self.bare == other

    def __hash__(self) -> int:
        return hash(self.bare)


@dataclass(frozen=True, slots=True)
class _Traced(DocumentView):
    """A document whose figures carry their names."""

    def fact(self, fact_id: str) -> FactView | None:
        found = DocumentView.fact(self, fact_id)
        if found is None:
            return None
        of = None if found.of is None else _marked(fact_id, found.of)
        return replace(found, value=_marked(fact_id, found.value), of=of)

    def listed(self, fact_id: str) -> tuple[TaskView, ...]:
        return tuple(map(_task, DocumentView.listed(self, fact_id)))


def traced(document: DocumentView) -> DocumentView:
    """The same document with marks: a lens for `render_comment`. What it renders is never sent."""
    fields = {name: getattr(document, name) for name in DocumentView.__dataclass_fields__}
    sections = tuple(
        replace(
            section,
            items=tuple(_item(f"{section.id}[{n}]", item) for n, item in enumerate(section.items)),
            fact=_covered(section.fact, document, section.id),
        )
        for section in document.sections
    )
    return _Traced(**{**fields, "sections": sections, "headline": _marked("headline", document.headline)})


def lifting(name: Callable[..., Any]) -> Callable[..., Any]:
    """A template's filter that looks past the marks in front of its text."""

    def lifted(text: object, *rest: Any) -> Markup:
        whole = escape(text)
        marks = _LEADING.match(whole)
        cut = marks.end() if marks else 0
        return Markup(whole[:cut]) + Markup(name(Markup(whole[cut:]), *rest))  # noqa: S704 - escaped above

    return lifted


def blocks(comment: str, marked: str = "", *, hosts: Collection[str] = DEFAULT_HOSTS) -> tuple[Block, ...]:
    """The comment's lines as they are shown; names are taken from the marked rendering of the same draft."""
    names = {line.html: line.what for block in _cut(marked, hosts) for line in block.lines} if marked else {}
    return tuple(
        replace(
            block,
            lines=tuple(replace(line, what=line.what or names.get(line.html, ())) for line in block.lines),
        )
        for block in _cut(comment, hosts)
    )


def _marked(name: str, text: Markup) -> Markup:
    marked = _Marked(f"{_OPEN}{name}{_CLOSE}{text}")
    marked.bare = str(text)
    return marked


def _item(place: str, item: ItemView) -> ItemView:
    return replace(item, text=_marked(place, item.text), tasks=tuple(map(_task, item.tasks)))


def _task(view: TaskView) -> TaskView:
    task: TaskFact = view.task
    return replace(view, link=_marked(task.gid, view.link))


def _covered(fact: FactView | None, document: DocumentView, section: str) -> FactView | None:
    spec = next((one for one in document.facts.document.sections if one.id == section), None)
    return (
        None
        if fact is None or spec is None or spec.covers is None
        else replace(fact, value=_marked(spec.covers, fact.value))
    )


def _cut(comment: str, hosts: Collection[str]) -> tuple[Block, ...]:
    # A comment of ours passed `richtext.validate`, or was made by the same code: no declarations, a few tags.
    body = ET.fromstring(comment)  # noqa: S314 - no declarations get this far
    found: list[Block] = []
    line: list[str] = []

    def feed(text: str | None) -> None:
        first, *others = (text or "").split("\n")
        line.append(escape(first))
        for other in others:
            flush(kept=True)
            line.append(escape(other))

    def flush(*, kept: bool) -> None:
        html = "".join(line)
        line.clear()
        if html.strip():
            found.append(Block("p", (_line(html),)))
        elif kept and found and found[-1].kind != "gap":
            found.append(Block("gap", ()))

    feed(body.text)
    for child in body:
        if child.tag in ("ul", "ol"):
            flush(kept=False)
            items = tuple(_line("".join(_inside(item, hosts))) for item in child)
            found.append(Block(str(child.tag), items))
        else:
            line.extend(_inline(child, hosts))
        feed(child.tail)
    flush(kept=False)
    return tuple(found)


def _line(html: str) -> Line:
    return Line(_MARKS.sub("", html).strip(), tuple(dict.fromkeys(_MARKS.findall(html))))


def _inside(element: ET.Element, hosts: Collection[str]) -> Iterator[str]:
    yield escape(element.text or "")
    for child in element:
        yield from _inline(child, hosts)
        yield escape(child.tail or "")


def _inline(element: ET.Element, hosts: Collection[str]) -> Iterator[str]:
    tag, address = str(element.tag), element.get("href", "")
    inside = "".join(_inside(element, hosts))
    if tag == "a" and is_allowed(address, hosts):
        quoted = str(escape(address)).replace('"', "&quot;")
        yield f'<a href="{quoted}" rel="noopener noreferrer" target="_blank">{inside}</a>'
    elif tag in TAGS and tag not in ("a", "body"):
        yield f"<{tag}>{inside}</{tag}>"
    else:
        yield inside
