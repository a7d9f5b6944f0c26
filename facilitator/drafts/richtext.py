"""Asana's rich text: the small, strict XML a comment may hold.

Everything shown in a comment passes `escape`, every finished comment passes `validate`. Source of the rules: Asana's
rich text guide as summed up in the reference (one root `<body>`, no `p br div span table h1` in comments, literal
newlines, five XML entities). A comment that breaks one is refused whole with 400. This module lays nothing out;
templates do.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Collection
from typing import NoReturn
from urllib.parse import urlsplit

from markupsafe import Markup

from facilitator.errors import FacilitatorError
from facilitator.unseen import UNSAFE, clean, one_line

__all__ = ["UNSAFE", "clean", "one_line"]

TAGS = frozenset({"body", "strong", "em", "u", "s", "code", "ol", "ul", "li", "a", "blockquote", "pre"})
DEFAULT_HOSTS: frozenset[str] = frozenset({"app.asana.com"})
MAX_CHARS = 8_000
"""Asana's own limit is not documented; the reference advises to stay under about 8,000 characters."""

_LISTS = frozenset({"ul", "ol"})
_BLOCKS = frozenset({"ul", "ol", "li", "blockquote", "pre", "body"})
_TEXT_ONLY = frozenset({"code", "pre"})
_ATTRIBUTES = frozenset({"href", "data-asana-gid"})


_TOPS = "com|net|org|io|dev|app|ai|info|biz|xyz|site|online|link|click|ly|example|test|de|uk|fr|es|nl|eu|ru|cn|jp|br"
"""Ends of host names that clients turn into links by themselves; those that are also words need a path behind them."""

ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*:/\s*/\S*|//\w\S*|\bwww\.\S+|\b(?:mailto|javascript|vbscript|data|file|tel|sms|slack|asana):\S+"
    rf"|(?<![\w{{.])(?:[\w-]+\.)+(?:(?:{_TOPS})(?![\w.-])|[a-z]{{2,}}(?=[/?:#]\S))",
    re.IGNORECASE,
)
"""What a reader's client may turn into a link, with or without a scheme."""


class RichTextError(FacilitatorError):
    """A comment is not what Asana accepts; it was not sent."""

    code = "rich_text"

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"the comment is not valid rich text: {problem}",
            suggestion="mend the comment template, then render again",
        )


def escape(text: object) -> Markup:
    """Text made safe between tags. `Markup` passes unchanged: it was escaped where it was built."""
    if isinstance(text, Markup):
        return text
    safe = clean(str(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup(safe)  # noqa: S704 - escaped in the line above


def link(url: str, name: str, hosts: Collection[str] = DEFAULT_HOSTS) -> Markup:
    """A link whose text is the name; only the escaped name where the address is not on an allowed host."""
    if not is_allowed(url, hosts):
        return escape(unlinked(name))
    return Markup('<a href="{}">{}</a>').format(Markup(_attribute(url)), escape(name))  # noqa: S704 - escaped


def unlinked(text: str) -> str:
    """Outside text in which no address is one any more: `evil[.]example`. Readers see it, clients do not link it."""
    return ADDRESS.sub(lambda found: found[0].replace("://", "[:]//").replace(".", "[.]"), text)


def is_allowed(url: str, hosts: Collection[str] = DEFAULT_HOSTS) -> bool:
    """Whether an address is plain https on an allowed host: no port, no user name, nothing unseen."""
    if UNSAFE.search(url) or re.search(r"[\s\\]", url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc.lower() in hosts


def compact(html: str) -> str:
    """A template's output as Asana should show it.

    Indentation and blank lines of the template go; a line end stays a line end, except around list tags, which break
    the line themselves. A line that holds only `¶` becomes an empty line. Not for templates that use `pre`.
    """
    lines = (line.strip() for line in html.splitlines())
    text = "\n".join("" if line == "¶" else line for line in lines if line)
    text = re.sub(r"(<body>|<[uo]l>|<li>|</li>)\n", r"\1", text)
    return re.sub(r"\n(</?li>|</?[uo]l>|</body>)", r"\1", text)


def validate(html: str, *, hosts: Collection[str] = DEFAULT_HOSTS) -> None:
    """Raise `RichTextError` naming the first thing Asana, or we, would refuse."""
    if len(html) > MAX_CHARS:
        raise RichTextError(f"{len(html)} characters; at most {MAX_CHARS} are sent")
    unsafe = UNSAFE.search(html)
    if unsafe:
        raise RichTextError(f"the character U+{ord(unsafe[0]):04X} at {unsafe.start()} is not allowed")
    _parse(html, _Strict(hosts))


def to_text(html: str) -> str:
    """A comment as a terminal shows it: lists as bullets, links as their text. Raises `RichTextError` if not XML."""
    plain = _Plain()
    _parse(html, plain)
    return plain.text()


def _attribute(value: str) -> str:
    return str(escape(value)).replace('"', "&quot;")


def _parse(html: str, target: _Strict | _Plain) -> None:
    # Declarations are where entity bombs and hidden text live; neither has a place in a comment.
    declared = re.search(r"<[!?]", html)
    if declared:
        raise RichTextError(
            f"{html[declared.start() : declared.start() + 9]!r}: no declarations or XML comments"
        )
    parser = ET.XMLParser(target=target)  # noqa: S314 - no declarations get this far
    try:
        parser.feed(html)
        parser.close()
    except (ET.ParseError, UnicodeEncodeError) as error:
        raise RichTextError(f"not well-formed XML: {error}") from error


class _Strict:
    """Hears a document's tags in order and stops at the first offence."""

    def __init__(self, hosts: Collection[str]) -> None:
        self.hosts = hosts
        self.open: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self.open[-1] if self.open else ""
        if tag not in TAGS:
            _refuse(f"<{tag}> is not a tag of comments")
        if (tag == "body") != (not parent):
            _refuse("the root, and only the root, is <body>")
        self._nesting(tag, parent)
        self._attributes(tag, attributes)
        self.open.append(tag)

    def data(self, text: str) -> None:
        if self.open[-1] in _LISTS and text.strip():
            _refuse(f"text {text.strip()[:20]!r} straight inside <{self.open[-1]}>; a list holds only <li>")

    def end(self, _tag: str) -> None:
        self.open.pop()

    def close(self) -> None:
        """Nothing to hand back: silence is consent."""

    def _nesting(self, tag: str, parent: str) -> None:
        if parent in _LISTS and tag != "li":
            _refuse(f"<{tag}> straight inside <{parent}>; a list holds only <li>")
        if tag == "li" and parent not in _LISTS:
            _refuse("<li> outside a list")
        if parent in _TEXT_ONLY:
            _refuse(f"<{tag}> inside <{parent}>, which holds text only")
        if "a" in self.open and (tag == "a" or tag in _BLOCKS):
            _refuse(f"<{tag}> inside <a>")

    def _attributes(self, tag: str, attributes: dict[str, str]) -> None:
        for name in attributes:
            if tag != "a" or name not in _ATTRIBUTES:
                _refuse(f"attribute {name} on <{tag}>")
        if tag == "a" and not attributes:
            _refuse("<a> without href or data-asana-gid")
        if "href" in attributes and not is_allowed(attributes["href"], self.hosts):
            _refuse(f"a link to {attributes['href'][:60]!r}; allowed hosts: {', '.join(sorted(self.hosts))}")
        if not attributes.get("data-asana-gid", "0").isdecimal():
            _refuse(f"data-asana-gid {attributes['data-asana-gid'][:20]!r} is no gid")


class _Plain:
    """Hears a document's tags in order and writes them down as lines."""

    def __init__(self) -> None:
        self.lines: list[str] = [""]
        self.lists: list[int] = []
        self.kinds: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _LISTS:
            self._fresh_line()
            self.lists.append(0)
            self.kinds.append(tag)
        elif tag == "li" and self.lists:
            self._fresh_line()
            self.lists[-1] += 1
            bullet = "- " if self.kinds[-1] == "ul" else f"{self.lists[-1]}. "
            self.lines[-1] = "  " * (len(self.lists) - 1) + bullet
        elif tag == "a" and "href" not in attributes:
            self.data(f"[{attributes.get('data-asana-gid', 'link')}]")

    def data(self, text: str) -> None:
        first, *rest = text.split("\n")
        self.lines[-1] += first
        self.lines += rest

    def end(self, tag: str) -> None:
        if tag in _LISTS:
            self.lists.pop()
            self.kinds.pop()
        if tag in _LISTS or tag in {"blockquote", "pre"}:
            self._fresh_line()

    def close(self) -> None:
        """The lines are read with `text`."""

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines).strip("\n")

    def _fresh_line(self) -> None:
        if self.lines[-1]:
            self.lines.append("")


def _refuse(problem: str) -> NoReturn:
    raise RichTextError(problem)
