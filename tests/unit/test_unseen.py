"""Characters that hide, wherever text of others leaves us."""

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from facilitator.unseen import UNSAFE, clean, on_screen, one_line

JOINERS = "\u200c\u200d"


@given(st.text(st.characters(codec=None)))
def test_clean_text_hides_nothing_and_stays_clean(text: str) -> None:
    """Whatever stood there: no control, direction or invisible character is left, and cleaning again changes nothing."""
    left = clean(text)
    assert not UNSAFE.search(left)
    assert clean(left) == left
    kinds = {unicodedata.category(letter) for letter in left if letter not in "\n\t" + JOINERS}
    assert not kinds & {"Cc", "Cs"}
    assert not any(
        unicodedata.category(letter) == "Cf" and letter not in JOINERS and not _shows(letter)
        for letter in left
    )


def _shows(letter: str) -> bool:
    """Format characters that are signs people see: Arabic and other number marks, Egyptian joiners."""
    return unicodedata.name(letter, "").startswith(
        ("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN", "INTERLINEAR", "SHORTHAND", "MUSICAL")
    )


def test_blank_letters_and_selectors_go_and_emoji_stay() -> None:
    """Hangul fillers, tag letters and stray selectors are nothing to see; a family and a red heart are."""
    assert clean("a\u3164b\u115fc\U000e0041d\ufe01e\U000e0100f\u180eg") == "abcdefg"
    assert clean("\U0001f469\u200d\U0001f467 \u2764\ufe0f") == "\U0001f469\u200d\U0001f467 \u2764\ufe0f"


def test_one_line_is_cut_at_its_limit() -> None:
    """Every kind of line end becomes a blank; what is too long ends in an ellipsis."""
    assert one_line(" a\r\nb\u2028c\x85d ") == "a b c d"
    assert one_line("abcdef", 4) == "abc…"


def test_a_terminal_is_told_no_order() -> None:
    """Escapes, C1 controls and carriage returns are shown, not sent; line ends and tabs are kept."""
    assert on_screen("a\x1b[31mb\x9b2J\rc\td\ne\u202e") == "a\\u001b[31mb\\u009b2J\\rc\td\ne\\u202e"


@given(st.dictionaries(st.text(), st.text()))
def test_json_stays_the_same_json_on_a_screen(data: dict[str, str]) -> None:
    """An envelope means the same after what hides in it was escaped."""
    assert json.loads(on_screen(json.dumps(data, ensure_ascii=False))) == data
