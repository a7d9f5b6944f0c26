"""Briefs carry a version in a first line nobody is shown, and a changed brief needs a new one."""

from __future__ import annotations

from pathlib import Path

from facilitator.drafts.versions import UNVERSIONED, load_brief, read_lock, version_faults

BRIEFS = Path(__file__).resolve().parents[3] / "templates" / "briefs"
FRAME = BRIEFS / "_draft.md.j2"
OURS = sorted(path for path in BRIEFS.glob("*.md.j2") if not path.name.startswith("_"))


def test_our_briefs_are_the_versions_they_say() -> None:
    """Whoever edits a brief, or the frame all of them include, raises its version and adds it to the lock."""
    briefs = [load_brief(path, FRAME) for path in OURS]
    assert UNVERSIONED not in {brief.version for brief in briefs}
    assert version_faults(briefs, read_lock(BRIEFS / "VERSIONS.lock")) == []


def test_a_changed_word_or_frame_changes_the_digest(tmp_path: Path) -> None:
    """Under the same version that is a fault."""
    brief, frame = tmp_path / "toast.md.j2", tmp_path / "_draft.md.j2"
    brief.write_text("{#- toast@1.2.0: how to toast. -#}\nToast it.\n")
    frame.write_text("Read the facts.\n")
    first = load_brief(brief, frame)
    assert (first.id, first.version) == ("toast", "1.2.0")
    frame.write_text("Read all the facts.\n")
    assert version_faults([load_brief(brief, frame)], {"toast@1.2.0": first.digest}) == [
        "toast changed and is still 1.2.0; raise its version, then add it to VERSIONS.lock"
    ]


def test_a_brief_that_names_no_version_or_another_brief_has_none(tmp_path: Path) -> None:
    """A team's own brief may leave the line out; a copied line is not its version."""
    brief = tmp_path / "toast.md.j2"
    for line in ("# Toast it", "{#- retro@1.0.0: copied. -#}"):
        brief.write_text(f"{line}\n")
        assert load_brief(brief).version == UNVERSIONED
