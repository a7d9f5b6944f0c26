"""Rich text: what is refused, what is filled in, what text comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.sandbox.asana.errors import ApiError
from facilitator.sandbox.asana.richtext import (
    COMMENT_TAGS,
    NOTE_TAGS,
    RichText,
    Target,
    as_html,
    read_rich_text,
)

ANN = Target("501", "user", "Ann", "https://app.asana.com/0/profile/501")
TASK = Target("11", "task", "Ship <it>", "https://app.asana.com/0/0/11")
KNOWN = {"501": ANN, "11": TASK}


def _read(source: str, tags: frozenset[str] = COMMENT_TAGS) -> RichText:
    return read_rich_text(source, tags, KNOWN.get, "html_text")


def _refusal(source: str) -> str:
    with pytest.raises(ApiError) as raised:
        _read(source)
    assert raised.value.status == 400
    return raised.value.message


@pytest.mark.parametrize("source", ["", "hello", "<p>hi</p>", "<strong>hi</strong>", " text <body/>"])
def test_text_without_a_body_is_refused(source: str) -> None:
    """The real service's own word for it is in the message."""
    assert "html_lacks_body" in _refusal(source)


@pytest.mark.parametrize(
    "source",
    [
        "<body>a & b</body>",
        "<body>a&nbsp;b</body>",
        "<body><strong>a</body>",
        "<body>a</body><body>b</body>",
        "<body>\x01</body>",
        "<body><a href=x>b</a></body>",
        "<body><!-- ref --></body>",
        "<body><![CDATA[x]]></body>",
        '<?xml version="1.0"?><body>x</body>',
        '<!DOCTYPE body [<!ENTITY a "aaaa">]><body>&a;</body>',
    ],
)
def test_what_is_not_plain_xml_is_refused(source: str) -> None:
    """Entities, comments, declarations and unclosed tags are parsing errors."""
    assert "xml_parsing_error" in _refusal(source)


@pytest.mark.parametrize(
    "tag",
    ["p", "br", "div", "span", "table", "h1", "h3", "img", "b", "i", "script", "STRONG", "body", "object"],
)
def test_tags_outside_the_list_are_refused_whole(tag: str) -> None:
    """One wrong tag and the comment is not taken."""
    assert f"<{tag}> is not allowed" in _refusal(f"<body>ok <{tag}>x</{tag}></body>")


@pytest.mark.parametrize(
    "source",
    [
        '<body><strong class="x">a</strong></body>',
        '<body style="x">a</body>',
        '<body><a href="https://x.test" onclick="y">a</a></body>',
    ],
)
def test_attributes_outside_the_list_are_refused(source: str) -> None:
    """Only links may carry attributes, and only theirs."""
    assert "xml_unsupported_attribute" in _refusal(source)


@pytest.mark.parametrize(
    "source",
    [
        "<body><li>a</li></body>",
        "<body><ul>a</ul></body>",
        "<body><ul><strong>a</strong></ul></body>",
        "<body><code><em>a</em></code></body>",
        "<body><pre><em>a</em></pre></body>",
        '<body><a href="https://x.test"><a href="https://y.test">a</a></a></body>',
    ],
)
def test_tags_in_the_wrong_place_are_refused(source: str) -> None:
    """Lists hold items, code holds text, links hold no links."""
    assert "xml_unsupported" in _refusal(source)


def test_notes_take_headings_without_line_breaks() -> None:
    """A note may have what a comment may not, on one line."""
    assert _read("<body><h1>Plan</h1>go<hr/></body>", NOTE_TAGS).html == "<body><h1>Plan</h1>go<hr/></body>"
    with pytest.raises(ApiError, match="no line break"):
        _read("<body><h1>a\nb</h1></body>", NOTE_TAGS)


@pytest.mark.parametrize("link", ["<a>x</a>", '<a href="javascript:x">x</a>', '<a data-asana-gid="999"/>'])
def test_a_link_to_nowhere_is_refused(link: str) -> None:
    """A link needs an address or an object that can be seen."""
    assert "invalid_link" in _refusal(f"<body>{link}</body>")


def test_a_mention_is_filled_in() -> None:
    """The server adds address, kind and name, so what is read is not what was sent."""
    rich = _read('<body>Hi <a data-asana-gid="501"/>!</body>')
    assert rich.html == (
        '<body>Hi <a href="https://app.asana.com/0/profile/501" data-asana-accessible="true" '
        'data-asana-dynamic="true" data-asana-type="user" data-asana-gid="501">@Ann</a>!</body>'
    )
    assert rich.text == "Hi https://app.asana.com/0/profile/501!"


def test_a_label_of_ones_own_stays() -> None:
    """A link that is not dynamic keeps its words."""
    rich = _read('<body><a data-asana-gid="11" data-asana-dynamic="false">the <em>task</em></a></body>')
    assert rich.text == "the task"
    assert 'data-asana-type="task" data-asana-gid="11">the <em>task</em></a>' in rich.html


def test_a_name_is_escaped_on_the_way_out() -> None:
    """A task's name cannot become markup."""
    assert ">Ship &lt;it&gt;</a>" in _read('<body><a data-asana-gid="11">x<em>y</em></a></body>').html


def test_an_unseen_target_reads_private_link() -> None:
    """With an address of its own the link is taken, but gives nothing away."""
    rich = _read('<body><a data-asana-gid="999" href="https://app.asana.com/0/0/999"/></body>')
    assert ">Private Link</a>" in rich.html
    assert "data-asana-gid" not in rich.html


def test_lists_become_lines() -> None:
    """Each item stands on a line of its own in the text."""
    assert (
        _read("<body>Done:<ul><li>a</li><li><strong>b</strong></li></ul>ref x</body>").text
        == "Done:\n• a\n• b\nref x"
    )


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_any_escaped_text_survives(text: str) -> None:
    """Escaped text, however hostile, is taken and read back as it was."""
    if "\ufffe" in text or "\uffff" in text:
        return
    rich = _read(as_html(text))
    assert (rich.html, rich.text) == (as_html(text), text)
