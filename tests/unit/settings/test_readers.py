"""Single values: what a person may write, and what they are told otherwise."""

from datetime import time

import pytest

from facilitator.settings.faults import Refused
from facilitator.settings.nearest import did_you_mean, quoted
from facilitator.settings.readers import (
    read_day,
    read_gid,
    read_holidays,
    read_pattern,
    read_slug,
    read_time,
    read_url,
    read_zone,
    slug_of,
)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("Europe/Berln", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("US/New_York", "America/New_York"),
        ("europe/london", "Europe/London"),
        ("Mars/Base", "Write one such as"),
        ("../../etc/passwd", "Write one such as"),
        (7, "Write one such as"),
    ],
)
def test_an_unknown_zone_gets_the_nearest_ones(wrong: object, hint: str) -> None:
    """By its whole name or by its city alone."""
    with pytest.raises(Refused) as caught:
        read_zone(wrong)
    assert hint in caught.value.suggestion


def test_a_known_zone_is_taken() -> None:
    """As the IANA database has it."""
    assert read_zone("Australia/Lord_Howe").key == "Australia/Lord_Howe"


@pytest.mark.parametrize(
    ("value", "expected"), [("9:05", time(9, 5)), ("23:59:30", time(23, 59, 30)), (time(9, 15), time(9, 15))]
)
def test_times_may_be_text_or_toml_times(value: object, expected: time) -> None:
    """Seconds may be left out in text."""
    assert read_time(value) == expected


@pytest.mark.parametrize("wrong", ["24:00", "9", "09:60", "09:15Z", "\u0669:15", 915, None])
def test_what_is_no_time_of_day_is_refused(wrong: object) -> None:
    """Hours that do not exist, zones, digits of other scripts, numbers."""
    with pytest.raises(Refused, match="not a time of day"):
        read_time(wrong)


@pytest.mark.parametrize(("value", "expected"), [("Mon", 0), ("sunday", 6), ("thurs", 3)])
def test_days_go_by_name(value: str, expected: int) -> None:
    """Whole or cut, in any letter case."""
    assert read_day(value) == expected


@pytest.mark.parametrize(
    ("wrong", "hint"), [("mondey", "monday"), ("", "Write one of"), (1, "Write one of"), (True, "one")]
)
def test_numbers_are_no_days(wrong: object, hint: str) -> None:
    """Nobody agrees whether 1 is Monday."""
    with pytest.raises(Refused) as caught:
        read_day(wrong)
    assert hint in caught.value.suggestion


@pytest.mark.parametrize("value", ["1200000000000001", 1200000000000001, "7"])
def test_gids_may_be_text_or_numbers(value: object) -> None:
    """A gid is text to Asana and looks like a number to everyone else."""
    assert read_gid(value) == str(value)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("https://app.asana.com/0/1200000000000001/list", 'Write "1200000000000001"'),
        ("https://app.asana.com/1/1111111111/project/2222222222", "long number"),
        ("my project", "long number"),
        ("", "long number"),
        (-5, "long number"),
        (True, "long number"),
        (1.5, "long number"),
        ("1\u0661\u0662", "long number"),
    ],
)
def test_what_is_no_gid_is_refused(wrong: object, hint: str) -> None:
    """A pasted address gives the one gid in it; two would be a guess."""
    with pytest.raises(Refused, match="gid") as caught:
        read_gid(wrong)
    assert hint in caught.value.suggestion


@pytest.mark.parametrize(
    ("wrong", "better"),
    [("Payments Team", "payments-team"), ("-a", '"a"'), ("\u00e4", "payments"), (3, "such as")],
)
def test_short_names_stay_plain(wrong: object, better: str) -> None:
    """They are typed in commands and stand in run keys."""
    with pytest.raises(Refused, match="short name") as caught:
        read_slug(wrong)
    assert better in caught.value.suggestion


def test_a_short_name_made_from_a_name_is_one() -> None:
    """However long and strange the name is."""
    assert read_slug(slug_of("  Payments & Billing / EMEA! " * 9))


@pytest.mark.parametrize(
    "value",
    [
        "https://app.asana.com/api/1.0/",
        "http://127.0.0.1:8080",
        "http://[::1]:80",
        "http://sandbox:1",
        "http://10.0.0.7",
    ],
)
def test_addresses_lose_their_last_slash(value: str) -> None:
    """Plain http is fine on this machine and on private hosts."""
    assert read_url(value) == value.rstrip("/")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("http://app.asana.com/api/1.0", "unencrypted"),
        ("http://8.8.8.8", "unencrypted"),
        ("app.asana.com", "web address"),
        ("ftp://x", "web address"),
        ("https://user:pw@host.example", "web address"),
        ("https://host:port", "web address"),
        ("https://host.example/?a=1", "web address"),
        (5, "web address"),
    ],
)
def test_an_address_that_leaks_or_means_nothing_is_refused(wrong: object, message: str) -> None:
    """A token goes with every request."""
    with pytest.raises(Refused, match=message):
        read_url(wrong)


@pytest.mark.parametrize(
    ("value", "expected"), [("DE", ("DE", "")), ("DE-BE", ("DE", "BE")), ("US-CA", ("US", "CA"))]
)
def test_holidays_are_a_country_and_a_part(value: str, expected: tuple[str, str]) -> None:
    """ISO 3166 codes."""
    assert read_holidays(value) == expected


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [("de", "DE"), ("QQ", "ISO code"), ("DE-XY", "BE"), ("DE-be", "BE"), ("", "DE-BE"), (4, "DE-BE")],
)
def test_unknown_holidays_get_a_hint(wrong: object, hint: str) -> None:
    """The nearest code, or what a code looks like."""
    with pytest.raises(Refused) as caught:
        read_holidays(wrong)
    assert hint in caught.value.suggestion


def test_patterns_must_compile() -> None:
    """The reason is the expression's own."""
    assert read_pattern(r"Iteration \d+") == r"Iteration \d+"
    for wrong in ("(", "", 4):
        with pytest.raises(Refused, match="regular expression"):
            read_pattern(wrong)


def test_values_in_messages_are_one_visible_line() -> None:
    """A hostile name cannot clear a terminal or flood it."""
    shown = quoted("\x1b[2J" + "x" * 500 + "\n")

    assert "\x1b" not in shown
    assert len(shown) < 80


def test_far_names_are_not_suggested() -> None:
    """A wrong hint is worse than none."""
    assert did_you_mean("elephant", ["standup", "retro"]) == ""
