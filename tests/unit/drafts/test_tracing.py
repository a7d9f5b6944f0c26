"""Lines of a comment and what stands behind them: what is shown is the real comment, and its bullets know their names."""

from pathlib import Path

import pytest

from facilitator.board.facts import Facts
from facilitator.drafts.draft import parse_draft
from facilitator.drafts.rendering import render_comment
from facilitator.drafts.tracing import blocks, traced

ROOT = Path(__file__).resolve().parents[3]
CEREMONIES = ("standup", "weekly_status", "retro")


def rendered(ceremony: str) -> tuple[str, str]:
    """The example's comment, and the same with marks."""
    examples = ROOT / "rubrics" / "examples" / ceremony
    facts = Facts.from_json((examples / "facts.json").read_text())
    draft = parse_draft((examples / "good-normal.json").read_text())
    templates, line = ROOT / "templates", "ref x/1/harbour"
    plain = render_comment(draft, facts, templates=templates, marker=line)
    return plain, render_comment(draft, facts, templates=templates, marker=line, lens=traced)


@pytest.mark.parametrize("ceremony", CEREMONIES)
def test_marks_change_no_line(ceremony: str) -> None:
    """Without its marks the traced comment reads as the real one, so that every line finds its names."""
    plain, marked = rendered(ceremony)
    assert [[line.html for line in block.lines] for block in blocks(marked)] == [
        [line.html for line in block.lines] for block in blocks(plain)
    ]


@pytest.mark.parametrize("ceremony", CEREMONIES)
def test_every_bullet_knows_its_names(ceremony: str) -> None:
    """The headline and each line of a list name a bullet, a fact or a task."""
    plain, marked = rendered(ceremony)
    found = blocks(plain, marked)
    assert any("headline" in line.what for block in found for line in block.lines)
    nameless = [line.html for block in found if block.kind == "ul" for line in block.lines if not line.what]
    assert nameless == []


def test_a_line_without_marks_is_shown_all_the_same() -> None:
    """What was approved is shown byte for byte, whatever the present template would make of it."""
    (block, gap, other) = blocks("<body>Old <strong>words</strong>\n\nref x</body>", "<body>New words</body>")
    assert (block.lines[0].html, block.lines[0].what) == ("Old <strong>words</strong>", ())
    assert (gap.kind, other.lines[0].html) == ("gap", "ref x")


def test_only_our_hosts_are_linked() -> None:
    """An address elsewhere, or of another scheme, becomes plain text; what a name holds stays text."""
    body = (
        '<body><a href="https://evil.example/">a</a> <a href="javascript:alert(1)">b</a> '
        '<a href="https://app.asana.com/0/0/1/f">c &lt;b&gt;</a></body>'
    )
    (block,) = blocks(body)
    assert block.lines[0].html == (
        'a b <a href="https://app.asana.com/0/0/1/f" rel="noopener noreferrer" target="_blank">c &lt;b&gt;</a>'
    )
