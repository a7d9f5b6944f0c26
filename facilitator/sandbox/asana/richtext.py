"""Asana's rich text: strict XML with few tags, refused whole where one thing is wrong.

Owns which tags and attributes a comment or a note may hold, the filling in of links to Asana objects, and the plain text of it all.
The tag lists are those of the published guide; messages other than `html_lacks_body` are this simulator's own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from facilitator.sandbox.asana.errors import bad

COMMENT_TAGS = frozenset(
    {"body", "strong", "em", "u", "s", "code", "ol", "ul", "li", "a", "blockquote", "pre"}
)
NOTE_TAGS = COMMENT_TAGS | {"h1", "h2", "hr", "img"}
# Which tags a status update takes is not published; a note's without pictures are assumed.
STATUS_TAGS = NOTE_TAGS - {"img"}
LINK_ATTRIBUTES = frozenset(
    {
        "href",
        "data-asana-gid",
        "data-asana-dynamic",
        "data-asana-project",
        "data-asana-type",
        "data-asana-accessible",
        "data-asana-tag",
    }
)
IMAGE_ATTRIBUTES = frozenset({"data-asana-gid", "src", "alt", "width", "height"})
TEXT_ONLY = {"code", "pre"}
SCHEMES = ("http://", "https://", "mailto:")


@dataclass(frozen=True)
class Target:
    """An Asana object a link points at."""

    gid: str
    kind: str
    name: str
    url: str


@dataclass(frozen=True)
class RichText:
    """Rich text as it is read back, and its plain form."""

    html: str
    text: str


Resolve = Callable[[str], Target | None]


def read_rich_text(source: str, tags: frozenset[str], resolve: Resolve, label: str) -> RichText:
    """Check rich text and answer it as it will be read back. Raises a 400 for anything outside the subset."""
    root = _parse(source, label)
    if root.tag != "body":
        raise bad(f"{label}: html_lacks_body: rich text must be wrapped in one <body> element")
    _check(root, tags, label, inside=())
    for link in root.iter("a"):
        _fill_in(link, resolve, label)
    return RichText(_markup(root), _plain(root))


def as_html(text: str) -> str:
    """Answer the rich form of plain text."""
    return f"<body>{escape(text)}</body>"


def _parse(source: str, label: str) -> ET.Element:
    if "<!" in source or "<?" in source:
        raise bad(
            f"{label}: xml_parsing_error: comments, CDATA, declarations and instructions are not allowed"
        )
    if not source.strip().startswith("<body"):
        raise bad(f"{label}: html_lacks_body: rich text must be wrapped in one <body> element")
    try:
        # Declarations are refused above, so no entity can be defined and none can grow.
        return ET.fromstring(source)  # noqa: S314
    except (ET.ParseError, ValueError) as error:
        raise bad(f"{label}: xml_parsing_error: {error}") from None


def _check(element: ET.Element, tags: frozenset[str], label: str, inside: tuple[str, ...]) -> None:
    tag = element.tag
    if tag not in tags or (tag == "body" and inside):
        raise bad(f"{label}: xml_unsupported_tag: <{tag}> is not allowed here")
    _check_attributes(element, label)
    _check_place(element, label, inside)
    for child in element:
        _check(child, tags, label, (*inside, tag))


def _check_attributes(element: ET.Element, label: str) -> None:
    allowed = {"a": LINK_ATTRIBUTES, "img": IMAGE_ATTRIBUTES}.get(element.tag, frozenset())
    for name in element.attrib:
        if name not in allowed:
            raise bad(f"{label}: xml_unsupported_attribute: {name} is not allowed on <{element.tag}>")


def _check_place(element: ET.Element, label: str, inside: tuple[str, ...]) -> None:
    tag, parent = element.tag, inside[-1] if inside else ""
    content = [element.text or "", *(child.tail or "" for child in element)]
    if parent in TEXT_ONLY:
        raise bad(f"{label}: xml_unsupported_tag: <{parent}> holds text only, not <{tag}>")
    if parent in ("ol", "ul") and tag != "li":
        raise bad(f"{label}: xml_unsupported_tag: <{parent}> holds only <li>, not <{tag}>")
    if tag == "li" and parent not in ("ol", "ul"):
        raise bad(f"{label}: xml_unsupported_tag: <li> stands outside a list")
    if tag == "a" and "a" in inside:
        raise bad(f"{label}: xml_unsupported_tag: <a> inside <a>")
    if tag in ("ol", "ul") and any(part.strip() for part in content):
        raise bad(f"{label}: xml_unsupported_text: <{tag}> holds only <li>, not text")
    if tag in ("h1", "h2") and any("\n" in part for part in content):
        raise bad(f"{label}: xml_unsupported_text: <{tag}> holds no line break")


def _fill_in(link: ET.Element, resolve: Resolve, label: str) -> None:
    gid, href = link.get("data-asana-gid"), link.get("href", "")
    if gid is None:
        if not href.startswith(SCHEMES):
            raise bad(f"{label}: invalid_link: <a> needs a data-asana-gid or a valid href")
        return
    target = resolve(gid)
    if target is None and not href.startswith(SCHEMES):
        raise bad(f"{label}: invalid_link: no access to {gid}, and no href beside it")
    dynamic = link.get("data-asana-dynamic") != "false"
    link.attrib.clear()
    if target is None:
        link.attrib.update(
            {"href": href, "data-asana-accessible": "false", "data-asana-dynamic": str(dynamic).lower()}
        )
        _rename(link, "Private Link" if dynamic else None)
        return
    link.attrib.update(
        {
            "href": target.url,
            "data-asana-accessible": "true",
            "data-asana-dynamic": str(dynamic).lower(),
            "data-asana-type": target.kind,
            "data-asana-gid": target.gid,
        }
    )
    _rename(link, f"{'@' if target.kind == 'user' else ''}{target.name}" if dynamic else None)


def _rename(link: ET.Element, name: str | None) -> None:
    if name is not None:
        for child in list(link):
            link.remove(child)
        link.text = name


def _markup(element: ET.Element) -> str:
    attributes = "".join(f' {name}="{escape(value, {chr(34): "&quot;"})}"' for name, value in element.items())
    inner = escape(element.text or "") + "".join(
        _markup(child) + escape(child.tail or "") for child in element
    )
    return (
        f"<{element.tag}{attributes}>{inner}</{element.tag}>"
        if inner or element.tag != "hr"
        else f"<{element.tag}/>"
    )


def _plain(root: ET.Element) -> str:
    """Derive the text: list items on lines of their own, dynamic links as their address, the rest as it stands.

    How the real service writes lists in `text` is not published; a bullet on its own line is assumed.
    """
    return "".join(_pieces(root)).strip("\n")


def _pieces(element: ET.Element) -> Iterator[str]:
    if element.tag == "a" and element.get("data-asana-dynamic") == "true":
        yield element.get("href", "")
        return
    if element.tag == "li":
        yield "\n• "
    yield element.text or ""
    for child in element:
        yield from _pieces(child)
        if child.tag in ("ol", "ul", "h1", "h2", "pre", "blockquote"):
            yield "\n"
        yield child.tail or ""
