"""What is a request, and what is only people talking."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from facilitator.board.snapshot import TaskGid, UserGid
from facilitator.runs.ports import Remark
from facilitator.service.commands import Request, sayings, understand
from facilitator.service.ears import how_often
from facilitator.settings.triggers import Triggers, plain

ME = "590"
TRIGGERS = Triggers(
    enabled=True,
    phrases={"plan sprint": "retro"},
    sections={"ready for retro": "retro"},
    tasks={"plan sprint": "retro"},
)
KNOWN = sayings(
    {"standup": "Daily stand-up", "weekly_status": "Weekly status", "retro": "Sprint retro"}, TRIGGERS
)
AT_ME = f'<a href="https://app.asana.com/0/{ME}" data-asana-gid="{ME}" data-asana-type="user">@Facil</a>'


def remark(kind: Any = "comment", **more: str) -> Remark:
    return Remark("31", kind, TaskGid("11"), UserGid("501"), datetime(2026, 6, 10, tzinfo=UTC), **more)


def heard(text: str = "", html: str = "") -> Request | None:
    return understand(remark(text=text, html=html or f"<body>{text}</body>"), TRIGGERS, KNOWN, ME)


@pytest.mark.parametrize(
    ("text", "ceremony"),
    [
        ("@facilitator standup", "standup"),
        ("  @Facilitator:  Weekly Status. ", "weekly_status"),
        ("@facilitator weekly-status", "weekly_status"),
        ("@facilitator Daily stand-up", "standup"),
        ("@facilitator plan sprint", "retro"),
        ("@facilitator make coffee", ""),
        ("@facilitator", ""),
    ],
)
def test_what_follows_our_name_is_a_request(text: str, ceremony: str) -> None:
    """By name, title or phrase; anything else was not understood, and is said so."""
    assert heard(text) == Request(ceremony, "mention")


@pytest.mark.parametrize(
    "text",
    [
        "standup",
        "thanks @facilitator, nice standup",
        "@facilitators standup",
        "@facilitator the retro was fun and long, thank you",
        "please plan sprint",
        "",
    ],
)
def test_people_talking_is_no_request(text: str) -> None:
    """A name alone, a mention in the middle, a sentence that begins with one: nobody asked for anything."""
    assert heard(text) is None


def test_a_phrase_of_the_team_stands_by_itself() -> None:
    """As a whole comment, in any letter case."""
    assert heard("Plan  Sprint") == Request("retro", "comment")


@pytest.mark.parametrize(
    ("html", "ceremony"),
    [
        (f"<body>{AT_ME} standup</body>", "standup"),
        (f"<body>\n <strong>{AT_ME}</strong> <em>weekly</em> status!</body>", "weekly_status"),
        (f"<body>hello {AT_ME} standup</body>", None),
        (f"<body>{AT_ME.replace(ME, '591')} standup</body>", None),
        (f"<body>{AT_ME} standup", None),
        (f'<!DOCTYPE b [<!ENTITY a "x">]><body>{AT_ME} &a;</body>', None),
        ("<body>" + "<b>" * 5000 + "</b>" * 5000 + "</body>", None),
    ],
)
def test_a_mention_is_known_by_its_gid(html: str, ceremony: str | None) -> None:
    """Whatever the bot is called; broken, hostile or foreign markup is nothing."""
    found = heard("https://app.asana.com/0/590 standup", html)
    assert found == (None if ceremony is None else Request(ceremony, "mention"))


def test_a_move_into_a_named_column_and_a_task_of_a_name_are_requests() -> None:
    """Other columns and tasks are not."""

    def asked(one: Remark) -> Request | None:
        return understand(one, TRIGGERS, KNOWN, ME)

    assert asked(remark("moved", section="Ready for Retro")) == Request("retro", "section")
    assert asked(remark("added", text="Plan sprint")) == Request("retro", "task")
    assert asked(remark("moved", section="Done")) is None
    assert asked(remark("added", text="standup")) is None


@pytest.mark.parametrize(
    ("teams", "per_minute", "seconds"), [(1, 120, 30), (6, 120, 30), (50, 120, 250), (50, 1500, 30)]
)
def test_listening_takes_a_tenth_of_the_quota_at_most(teams: int, per_minute: float, seconds: int) -> None:
    """One call for each team and look: many teams on a small plan are asked less often."""
    assert how_often(teams, per_minute) == timedelta(seconds=seconds)


def test_words_are_compared_as_people_mean_them() -> None:
    """Case, blanks, dashes and underscores do not count."""
    assert plain(" Weekly_Status!\u00a0") == plain("weekly-status") == "weekly status"
