"""The strict XML a comment may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from facilitator.drafts.richtext import (
    MAX_CHARS,
    RichTextError,
    clean,
    compact,
    escape,
    is_allowed,
    link,
    one_line,
    to_text,
    validate,
)

TASK = "https://app.asana.com/0/900/1200"


@given(st.text(max_size=200))
def test_any_text_escaped_is_a_valid_comment(text: str) -> None:
    """Nothing a person can type, or a machine can send, breaks the comment it is put in."""
    validate(f"<body>{escape(text)}{link(TASK, text)}</body>")


@given(st.text(max_size=200))
def test_any_text_escaped_reads_as_itself(text: str) -> None:
    """Escaping changes no visible character."""
    shown = to_text(f"<body>x{escape(text)}x</body>")
    assert [part.rstrip() for part in shown.split("\n")] == [
        part.rstrip() for part in f"x{clean(text)}x".split("\n")
    ]


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("pay\u202egnp.exe", "paygnp.exe"),
        ("zero\u200bwidth\ufeff\u2060", "zerowidth"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("a\u200db", "ab"),
        ("\ud800half", "half"),
        ("line\u2028line\r\nline\x85line", "line\nline\nline\nline"),
    ],
)
def test_what_hides_or_turns_text_is_removed(hostile: str, shown: str) -> None:
    """Control, bidi, zero-width and tag characters never reach a reader."""
    assert clean(hostile) == shown


@pytest.mark.parametrize("honest", ["👩‍💻 pair", "می‌خواهم", "Zoë – “naïve” 日本", "a\tb\nc", "שלום"])
def test_honest_scripts_stay_whole(honest: str) -> None:
    """Joiners inside emoji and Persian carry meaning, and right-to-left letters are not controls."""
    assert clean(honest) == honest


def test_a_name_fits_one_line() -> None:
    """Newlines and runs of blanks become one blank; a long name is cut with an ellipsis."""
    assert one_line("a\n b\t\u2029c") == "a b c"
    assert one_line("x" * 3000, 80) == "x" * 79 + "…"
    assert one_line("x" * 80, 80) == "x" * 80


def test_markup_is_not_escaped_twice() -> None:
    """What was escaped where it was built passes."""
    assert escape(Markup("<em>&amp;</em>")) == "<em>&amp;</em>"
    assert escape(7) == "7"


def test_a_link_is_the_escaped_name() -> None:
    """Ampersands and quotes of both address and name stay inside their places."""
    made = link(f'{TASK}?a=1&b="', "R&D <b>")
    assert made == f'<a href="{TASK}?a=1&amp;b=&quot;">R&amp;D &lt;b&gt;</a>'


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://app.asana.com/0/1",
        "https://app.asana.com.evil.example/0/1",
        "https://app.asana.com@evil.example/",
        "https://app.asana.com:444/0",
        "https://evil.example/app.asana.com",
        "javascript:alert(1)",
        "//app.asana.com/0/1",
        "https://app.asana.com/0/1\n",
        "https://app.asana.com\\@evil.example",
        "https://[app.asana.com/",
        "https://app.asana.com/\u202e1",
    ],
)
def test_an_address_elsewhere_is_never_linked(url: str) -> None:
    """Only plain https on an allowed host; otherwise the name stands alone."""
    assert not is_allowed(url)
    assert link(url, "Payment") == "Payment"


def test_another_host_can_be_allowed() -> None:
    """A team's own Asana host is configuration."""
    assert is_allowed("https://asana.harbour.example/1", {"asana.harbour.example"})


@pytest.mark.parametrize(
    "html",
    [
        "<body></body>",
        "<body>a &amp; b &#39;c&#39;\n<strong>d <em>e</em></strong></body>",
        "<body><ul><li>a<ul><li>b</li></ul></li></ul><ol><li><code>x</code></li></ol></body>",
        f'<body><a href="{TASK}">t</a><a data-asana-gid="12"/><blockquote>q</blockquote><pre>p</pre></body>',
        "<body><ul>\n<li>a</li>\n</ul></body>",
    ],
)
def test_what_asana_takes_is_valid(html: str) -> None:
    """Every tag of comments in its place."""
    validate(html)


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ("", "not well-formed"),
        ("plain", "not well-formed"),
        ("<body>", "not well-formed"),
        ("<body>&nbsp;</body>", "not well-formed"),
        ("<body>a & b</body>", "not well-formed"),
        ("<body><em>a</body></em>", "not well-formed"),
        ("<body/><body/>", "not well-formed"),
        ("<body>\x01</body>", r"U\+0001"),
        ("<body>\u202e</body>", r"U\+202E"),
        ("<strong>a</strong>", "root"),
        ("<body><body/></body>", "root"),
        ("<body><br/></body>", "<br>"),
        ("<body><p>a</p></body>", "<p>"),
        ("<body><h1>a</h1></body>", "<h1>"),
        ("<BODY></BODY>", "<BODY>"),
        ("<body><script>a</script></body>", "<script>"),
        ('<body><x:em xmlns:x="urn:x"/></body>', "urn:x"),
        ('<body class="x"/>', "attribute class on <body>"),
        ('<body><a href="https://app.asana.com/1" onclick="x">a</a></body>', "attribute onclick"),
        ("<body><a>x</a></body>", "without href"),
        ('<body><a href="https://evil.example/">x</a></body>', "evil.example"),
        ('<body><a data-asana-gid="12x"/></body>', "no gid"),
        ("<body><ul>text<li>a</li></ul></body>", "straight inside <ul>"),
        ("<body><ul><li>a</li>text</ul></body>", "straight inside <ul>"),
        ("<body><ul><em>a</em></ul></body>", "straight inside <ul>"),
        ("<body><li>a</li></body>", "outside a list"),
        ("<body><code><em>a</em></code></body>", "text only"),
        ('<body><a data-asana-gid="1"><em><a data-asana-gid="2"/></em></a></body>', "<a> inside <a>"),
        ('<body><a data-asana-gid="1"><ul><li/></ul></a></body>', "<ul> inside <a>"),
        ("<body><!-- hidden --></body>", "no declarations"),
        ("<body><![CDATA[x]]></body>", "no declarations"),
        ('<?xml version="1.0"?><body/>', "no declarations"),
        ('<!DOCTYPE b [<!ENTITY a "aaaa">]><body>&a;</body>', "no declarations"),
        (f"<body>{'x' * MAX_CHARS}</body>", "characters; at most 8000"),
    ],
)
def test_what_asana_refuses_is_refused_first(html: str, problem: str) -> None:
    """Each error names the first offence, so that a template's author finds it."""
    with pytest.raises(RichTextError, match=problem):
        validate(html)


def test_deep_nesting_is_read_without_depth() -> None:
    """A comment full of opening tags costs no stack."""
    validate("<body>" + "<u>" * 1100 + "</u>" * 1100 + "</body>")


def test_a_comment_reads_in_a_terminal() -> None:
    """Lists become bullets and numbers, links their names, the marker its own line."""
    html = (
        "<body><strong>Head</strong>\n<em>List</em><ul><li>a<ol><li>one</li><li>two</li></ol></li><li>b</li></ul>\n"
        f'<a href="{TASK}">Task</a> <a data-asana-gid="7"/><blockquote>q</blockquote>end\nref x</body>'
    )
    assert to_text(html).split("\n") == [
        "Head", "List", "- a", "  1. one", "  2. two", "- b", "", "Task [7]q", "end", "ref x",
    ]  # fmt: skip


def test_what_asana_gives_back_is_readable_too() -> None:
    """Attributes and tags Asana adds do not stop reading, broken XML does."""
    assert to_text('<body><h1 data-x="1">a</h1><li>b</li></body>') == "ab"
    with pytest.raises(RichTextError):
        to_text("<body>")


def test_templates_may_be_indented() -> None:
    """Indentation and blank lines of a template go; line ends stay, except around list tags; ¶ is an empty line."""
    html = "<body>\n  one\n\n  ¶\n  two\n <ul>\n  <li>\n a</li>\n </ul>\n  three\n</body>\n"
    assert compact(html) == "<body>one\n\ntwo<ul><li>a</li></ul>\nthree</body>"
