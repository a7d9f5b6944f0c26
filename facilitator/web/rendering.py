"""From a view to HTML: the templates, the few filters they use, and what every page needs besides its view.

Escaping is on and nothing is marked safe here but what `documents` built from an allow-list. Templates lay out; they
compute nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from facilitator.web.access import Visitor

if TYPE_CHECKING:
    import jinja2

PAGES = Path(__file__).resolve().parents[2] / "templates" / "pages"
STATIC = Path(__file__).with_name("static")

THEMES = ("auto", "light", "dark")
THEME_COOKIE, ZONE_COOKIE = "theme", "zone"

MENU = (
    ("today", "/", "Today", "1"),
    ("approvals", "/approvals", "Approvals", "2"),
    ("portfolio", "/portfolio", "Portfolio", "3"),
    ("quality", "/quality", "Quality", "4"),
    ("costs", "/costs", "Costs", "5"),
    ("runs", "/runs", "Runs", "6"),
)
"""Name, address, label and key of the pages that need no team."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What the reader's browser told of itself: the zone of its clock (None before the first page) and the theme."""

    zone: ZoneInfo | None
    theme: str

    @classmethod
    def of(cls, request: Request) -> Reader:
        """From the cookies; what they hold is checked."""
        theme = request.cookies.get(THEME_COOKIE, "auto")
        return cls(_zone(request.cookies.get(ZONE_COOKIE, "")), theme if theme in THEMES else "auto")


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name and len(name) < 60 else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


class Pages:
    """Renders the templates of one folder."""

    def __init__(self, folder: Path = PAGES) -> None:
        self._folder = folder

    def page(
        self,
        request: Request,
        template: str,
        context: Mapping[str, Any],
        *,
        visitor: Visitor | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """A whole page, or a part of one, as an answer."""
        reader = Reader.of(request)
        html = self._environment.get_template(template).render(
            {
                "visitor": visitor,
                "reader": reader,
                "menu": MENU,
                "here": request.url.path,
                "csrf": visitor.csrf if visitor else "",
                "asset": self._asset,
                **context,
            }
        )
        return HTMLResponse(html, status_code=status)

    @cached_property
    def _environment(self) -> jinja2.Environment:
        import jinja2

        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self._folder),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(
            clock=clock, moment=moment, ago=ago, span=span, cents=cents, count=count, share=share, words=words,
            sentence=sentence, coded=coded, breakable=breakable,
        )  # fmt: skip
        return environment

    @cached_property
    def _digests(self) -> Mapping[str, str]:
        return {path.name: sha256(path.read_bytes()).hexdigest()[:12] for path in STATIC.iterdir()}

    def _asset(self, name: str) -> str:
        """A static file's address, which changes with its content: it may be kept for ever."""
        return f"/static/{name}?v={self._digests[name]}"


def moment(at: datetime | None, reader: Reader, zone: str) -> Markup:
    """An instant by the reader's clock, with the team's beside it where they differ; a blank for None."""
    if at is None:
        return Markup("")
    return _time(at, reader, zone, "%a %-d %b %H:%M", "%H:%M")


def clock(at: datetime | None, reader: Reader, zone: str) -> Markup:
    """As `moment`, without the date."""
    return Markup("") if at is None else _time(at, reader, zone, "%H:%M", "%H:%M")


def _time(at: datetime, reader: Reader, zone: str, form: str, beside: str) -> Markup:
    team: tzinfo = _zone(zone) or UTC
    here = at.astimezone(reader.zone or team)
    there = at.astimezone(team)
    html = Markup('<time datetime="{}">{}</time>').format(
        at.astimezone(UTC).isoformat(timespec="seconds"), here.strftime(form)
    )
    if here.utcoffset() == there.utcoffset():
        return (
            html
            if reader.zone
            else html + Markup(' <span class="zone">{}</span>').format(there.strftime("%Z"))
        )
    city = zone.rpartition("/")[2].replace("_", " ")
    return html + Markup(' <span class="zone">{} {}</span>').format(there.strftime(beside), city)


def ago(at: datetime, now: datetime) -> str:
    """How long ago, or how soon, in one unit: `3 min ago`, `in 5 h`."""
    text = span(abs(now - at))
    return f"{text} ago" if at <= now else f"in {text}"


def span(length: timedelta) -> str:
    """A length of time in one unit."""
    seconds = int(length.total_seconds())
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def cents(amount: float) -> str:
    """An amount in dollars: `$0.42`."""
    return f"${amount / 100:,.2f}"


def count(number: float, noun: str) -> str:
    """`1 run`, `4 runs`."""
    shown = f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
    return f"{shown} {noun}" if shown == "1" else f"{shown} {noun}s"


def share(part: float, whole: float) -> str:
    """A part of a whole in percent; a dash where there is no whole."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def sentence(text: str) -> str:
    """Beginning with a capital letter: our errors are written to follow a name."""
    return text[:1].upper() + text[1:]


def coded(text: str) -> Markup:
    """Text with what stands between backquotes shown as code."""
    parts = str(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def breakable(name: str) -> Markup:
    """A long name that may be broken after a dot or an underscore, and is whole when it is copied."""
    pieces = re.split(r"(?<=[._])", name)
    return Markup("<wbr>").join(pieces)


def words(name: str) -> str:
    """A name of ours as people read it: `weekly_status` is `weekly status`."""
    return name.replace("_", " ")
