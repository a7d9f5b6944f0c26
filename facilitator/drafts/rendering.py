"""From a checked draft to the exact bytes of a comment, and from facts to the agent's brief.

The same draft, facts and stamp give the same bytes, always: those bytes are what is approved and what is written.
Templates are found by the ceremony's name. Nothing is sent from here.

Tasks are linked as `<a href="address">name</a>`, not as `<a data-asana-gid="..."/>`. The second form lets Asana put in
the name at reading time, so the approved bytes would not be what people read; it is refused with 400 for a task that
was deleted or made private meanwhile, which would cost the whole comment; and it leaves a mention on every task it
names. The name is escaped text from the facts.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from facilitator.board.facts import Facts
from facilitator.drafts import view
from facilitator.drafts.citing import PROPOSED_ACTIONS
from facilitator.drafts.draft import Draft
from facilitator.drafts.richtext import DEFAULT_HOSTS, compact, escape, one_line, validate
from facilitator.drafts.tracing import lifting
from facilitator.errors import FacilitatorError

if TYPE_CHECKING:
    import jinja2

DRAFT = "draft"
PUBLISHED = "published"

FACTS_PATH = "/mnt/session/uploads/facts.json"
DRAFT_PATH = "/mnt/session/outputs/draft.json"
TOOLS = ("board_get_health", "board_get_task", "board_list_changes", "board_list_comments", "draft_check")
"""The read-only custom tools a session may ask us."""

FRAMES = Path(__file__).resolve().parents[2] / "templates"
"""Where the frames stand that every ceremony's own templates may use, wherever those are kept: `_layout`, `_draft`."""

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_MARKER_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*\Z")


class TemplateError(FacilitatorError):
    """A template is missing or does not fit the view it is given."""

    code = "template"


def marker(team_slug: str, ceremony: str, window_key: str) -> str:
    """The comment's last line: names team, ceremony and window, and is how a comment of ours is found again."""
    for part in (team_slug, ceremony, window_key):
        if not _MARKER_PART.match(part):
            raise ValueError(
                f"a marker's parts hold letters, digits and . _ : - only, not {part!r}; see `slug`"
            )
    return f"ref {ceremony}/{window_key}/{team_slug}"


def slug(team: str) -> str:
    """A team's name for markers: lower case, dashes for blanks. What cannot be kept is made up for by a short digest,
    so that two teams never share a slug.
    """
    folded = unicodedata.normalize("NFKD", team.strip().lower()).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    if plain.replace("-", " ") == team.strip().lower():
        return plain
    return f"{plain or 'team'}-{hashlib.sha256(team.encode()).hexdigest()[:6]}"


def render_comment(
    draft: Draft,
    facts: Facts,
    *,
    templates: Path,
    marker: str,
    status: str = DRAFT,
    approved_by: str | None = None,
    note: str = "",
    hosts: Collection[str] = DEFAULT_HOSTS,
    lens: Callable[[view.DocumentView], view.DocumentView] | None = None,
) -> str:
    """The comment's `html_text`, valid for Asana or not returned at all (`RichTextError`, `TemplateError`).

    `status` is `draft` (first line `[AI Proposal]`) or `published`; `approved_by` is a person's name, None where
    nobody had to approve. `note` is shown above the footer: an override's reason, a grader's doubt. Call it with a
    draft that passed `check_draft`. Through a `lens` (see `tracing`) it is only for looking at, and not held to
    Asana's rules.
    """
    if status not in (DRAFT, PUBLISHED):
        raise ValueError(f"a comment is {DRAFT} or {PUBLISHED}, not {status!r}")
    stamp = view.stamp(status=status, approved_by=approved_by, note=note, marker=marker)
    document = view.document_view(draft, facts, stamp, hosts)
    document = lens(document) if lens else document
    template = f"{_named(facts.ceremony)}.html.j2"
    environment = _comments(templates, lensed=lens is not None)
    html = compact(_render(environment, template, {"doc": document, "fact": document.fact}))
    html = _signed(html, stamp)
    if lens is None:
        validate(html, hosts=hosts)
    return html


def _signed(html: str, stamp: view.Stamp) -> str:
    """The comment with its signature, which a template of a team's own may have left out: above the last line."""
    end = f"{stamp.marker}</body>"
    if str(stamp.signature) in html or not html.endswith(end):
        return html
    return f"{html.removesuffix(end)}<em>{stamp.signature}</em>\n{end}"


def render_brief(
    facts: Facts,
    *,
    templates: Path,
    title: str = "",
    agreements: Sequence[str] = (),
    tools: Sequence[str] = TOOLS,
) -> str:
    """The outcome's description: what to write, from what, where to. Plain Markdown, a page at most.

    `agreements` are outside text (what the team agreed earlier) and go in fenced and labelled as data.
    """
    context = {
        "facts": facts,
        "document": facts.document,
        "title": title or facts.ceremony,
        "agreements": [one_line(agreement, 300) for agreement in agreements],
        "tools": list(tools),
        "skeleton": skeleton(facts),
        "proposes": any(spec.id in PROPOSED_ACTIONS for spec in facts.document.sections),
        "facts_path": FACTS_PATH,
        "draft_path": DRAFT_PATH,
    }
    return _render(_briefs(templates), f"{_named(facts.ceremony)}.md.j2", context).strip() + "\n"


def render_revision(because: str, *, templates: Path, tools: Sequence[str] = TOOLS) -> str:
    """The next outcome's description where a reviewer asked for changes; their words are fenced like any outside text."""
    context = {"because": because, "draft_path": DRAFT_PATH, "draft_check": "draft_check" in tools}
    return _render(_briefs(templates), "_revision.md.j2", context).strip() + "\n"


def skeleton(facts: Facts) -> str:
    """An empty draft.json for these facts: right format, ceremony and sections."""
    empty = {
        "format": "draft/1",
        "ceremony": facts.ceremony,
        "headline": "...",
        "sections": [{"id": spec.id, "items": []} for spec in facts.document.sections],
    }
    return json.dumps(empty, ensure_ascii=False)


def fence(text: object, label: str) -> str:
    """Outside text as labelled data in a brief: the fence is longer than any run of backticks inside."""
    body = "\n".join(one_line(line) for line in str(text).splitlines())
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    bar = "`" * max(3, longest + 1)
    return f"{bar}data: {one_line(label, 60)}\n{body}\n{bar}"


def plural(count: object, noun: str) -> str:
    """`1 working day`, `4 working days`."""
    return f"{count} {noun}" if str(count) == "1" else f"{count} {noun}s"


def opening(text: Markup) -> Markup:
    """A clause as the beginning of a sentence: its first letter is a capital."""
    return text[:1].upper() + text[1:]


def _named(ceremony: str) -> str:
    """A ceremony's name as a file name: it may come from a file, so it may not lead out of the folder."""
    if not _NAME.match(ceremony):
        raise TemplateError(
            f"{ceremony!r} is no ceremony's name", suggestion="use lower case and underscores"
        )
    return ceremony


@lru_cache(maxsize=16)
def _comments(templates: Path, *, lensed: bool = False) -> jinja2.Environment:
    """Strict, and escaping with Asana's few entities instead of HTML's many. Kept: a template is compiled once."""
    environment = _environment(templates / "comments", autoescape=True, finalize=_finalize)
    filters: dict[str, Callable[..., Any]] = {"plural": plural, "closed": view.closed, "opening": opening}
    seen = {name: lifting(use) for name, use in filters.items()} if lensed else filters
    environment.filters.update(seen)
    return environment


@lru_cache(maxsize=16)
def _briefs(templates: Path) -> jinja2.Environment:
    """Kept, like `_comments`."""
    environment = _environment(templates / "briefs", autoescape=False, finalize=None)
    environment.filters.update(plural=plural, fence=fence)
    return environment


def _environment(folder: Path, *, autoescape: bool, finalize: Any) -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, FRAMES / folder.name]),
        undefined=jinja2.StrictUndefined,
        autoescape=autoescape,  # noqa: S701 - off for briefs only, which are Markdown for the agent
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def _finalize(value: object) -> Markup:
    if value is None:
        raise TemplateError(
            "a template prints a value that this document does not have",
            suggestion="ask for it with {% if %} first",
        )
    return escape(value)


def _render(environment: jinja2.Environment, name: str, context: dict[str, Any]) -> str:
    import jinja2

    try:
        return environment.get_template(name).render(context)
    except jinja2.TemplateNotFound as error:
        raise TemplateError(
            f"there is no template {error.name}", suggestion=f"write it beside the others, or mend {name}"
        ) from error
    except jinja2.TemplateError as error:
        place = f" line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise TemplateError(f"{name}{place}: {error}", suggestion="mend the template") from error
