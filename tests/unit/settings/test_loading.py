"""From facilitator.toml and the environment to `Settings`."""

import subprocess
import sys
from contextlib import chdir
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from facilitator.board.rules import (
    ConfiguredSprints,
    FieldSprints,
    NoSprints,
    ProjectSprints,
    SectionSprints,
    SprintRule,
)
from facilitator.calendar import Cadence, Cron, EndOfSprint, Monthly, Once, Weekdays, Weekly
from facilitator.errors import ConfigurationError
from facilitator.settings import Person, Settings, load_settings, read_settings
from facilitator.settings.notify import Contact, QuietHours

TEAM = """
[[teams]]
slug = "payments"
project = "1200000000000001"
zone = "Europe/Berlin"
approvers = ["Alice"]
"""
FULL = """
[asana]
base_url = "http://127.0.0.1:9000/api/1.0/"
requests_per_minute = 600
[agents]
agent = "facilitator-eu"
model = "some-model"
max_iterations = 4
deadline_minutes = 20
budget_cents = 80
[[teams]]
slug = "payments"
name = "Payments"
project = 1200000000000001
zone = "Europe/Berlin"
approvers = ["Alice", "1100000000000001", { name = "Bob", gid = "1100000000000002" }]
working_days = ["mon", "tue", "wed", "thu"]
holidays = "DE-BE"
days_off = [2026-12-24]
[teams.board]
points_field = "SP"
blocked_field = "Stuck"
blocked_names = ["stuck"]
wip_limit = 5
stale_after_days = 7
excluded_sections = []
excluded_tasks = ["Chores"]
states = { "Ready for QA" = "in_review" }
[teams.ceremonies.standup]
at = "09:30"
days = ["mon", "thu"]
mode = "auto"
task = "1200000000000002"
quiet = "nothing"
expires_after_hours = 3
max_iterations = 2
deadline_minutes = 5
budget_cents = 10
catch_up = "each"
grace_hours = 2
[teams.ceremonies.retro]
enabled = false
task_name = "Retrospective"
"""


def read(text: str, environ: dict[str, str] | None = None) -> Settings:
    """The settings of a text, beside which the database would lie in /conf."""
    return read_settings(text, Path("/conf/facilitator.toml"), environ or {})


def ceremony(wish: str, default: Cadence) -> Cadence:
    """The cadence that these keys make of a ceremony's own."""
    team = read(f"{TEAM}[teams.ceremonies.x]\n{wish}").team("payments")
    return team.ceremony("x").cadence(default)


def test_the_least_configuration_is_a_team() -> None:
    """Everything else has a default that is safe: approval by a person, the services' own addresses."""
    settings = read(TEAM)
    team = settings.team("payments")

    assert (team.name, team.project, team.zone) == ("payments", "1200000000000001", ZoneInfo("Europe/Berlin"))
    assert team.approvers == (Person("Alice"),)
    assert settings.asana.base_url == "https://app.asana.com/api/1.0"
    assert settings.agents.base_url == "https://api.anthropic.com"
    assert settings.database_url == "sqlite:////conf/facilitator.sqlite3"


def test_everything_that_is_written_arrives() -> None:
    """Every key of a team, its people and its ceremonies."""
    settings = read(FULL)
    team = settings.team("payments")
    standup = team.ceremony("standup")

    assert (settings.asana.base_url, settings.asana.requests_per_minute) == (
        "http://127.0.0.1:9000/api/1.0",
        600,
    )
    assert (settings.agents.agent, settings.agents.model) == ("facilitator-eu", "some-model")
    assert team.approvers == (
        Person("Alice"),
        Person("1100000000000001", "1100000000000001"),
        Person("Bob", "1100000000000002"),
    )
    assert (standup.mode, standup.task, standup.quiet) == ("auto", "1200000000000002", "nothing")
    assert (standup.max_iterations, standup.budget_cents, standup.catch_up) == (2, 10, "each")
    assert (standup.expires_after, standup.deadline) == (timedelta(hours=3), timedelta(minutes=5))
    assert standup.grace_for(Weekdays(time(9))) == timedelta(hours=2)
    assert standup.cadence(Weekdays(time(9))) == Weekdays(time(9, 30), frozenset({0, 3}))


NOTIFY = """
[notify]
channels = ["log", "slack", "email", "slack"]
people = [{ name = "Carol", email = "carol@example.org" }]
mute = ["waiting"]
quiet_hours = "20:00-07:00"
[notify.email]
host = "smtp.example.org"
sender = "facilitator@example.org"
user = "facilitator"
"""


def test_a_team_is_told_as_everybody_unless_it_says_otherwise() -> None:
    """Key by key; secrets are named, not read."""
    own = '[teams.notify]\nslack_variable = "PAYMENTS_SLACK"\nmute = []\n'
    settings = read(f"{NOTIFY}{TEAM}{own}", {"PAYMENTS_SLACK": "hush", "SMTP_PASSWORD": "hush"})
    everybody, team = settings.notify, settings.team("payments").notify

    assert everybody.channels == team.channels == ("log", "slack", "email")
    assert team.people == (Contact("Carol", email="carol@example.org"),)
    assert team.quiet_hours == QuietHours(time(20), time(7))
    assert (sorted(everybody.mute), sorted(team.mute)) == (["waiting"], [])
    assert (everybody.slack.name, team.slack.name) == ("SLACK_WEBHOOK_URL", "PAYMENTS_SLACK")
    assert (everybody.slack.is_set, team.slack.is_set) == (False, True)
    assert settings.mailbox is not None
    assert (settings.mailbox.port, settings.mailbox.security) == (587, "starttls")
    assert "hush" not in repr(settings)


def test_where_nothing_is_said_the_log_tells_the_approvers() -> None:
    """Nothing leaves the machine unasked."""
    team = read(TEAM).team("payments")
    assert (team.notify.channels, team.notify.people) == (("log",), (Contact("Alice"),))


@pytest.mark.parametrize(
    ("clock", "end"),
    [("10T19:59", None), ("10T20:00", "11T07:00"), ("11T06:59", "11T07:00"), ("11T07:00", None)],
)
def test_quiet_hours_end_in_the_morning(clock: str, end: str | None) -> None:
    """Over midnight, in the instant's own zone."""
    local = datetime.fromisoformat(f"2026-06-{clock}+02:00")
    found = QuietHours(time(20), time(7)).end_of(local)
    assert found == (datetime.fromisoformat(f"2026-06-{end}+02:00") if end else None)


def test_what_a_ceremony_leaves_open_is_taken_from_agents() -> None:
    """Also for a ceremony the configuration does not name, which is not enabled but can be run by hand."""
    team = read(FULL).team("payments")

    for name in ("retro", "weekly_status"):
        wish = team.ceremony(name)
        assert (wish.name, wish.enabled, wish.mode) == (name, False, "approve")
        assert (wish.max_iterations, wish.budget_cents, wish.deadline) == (4, 80, timedelta(minutes=20))
        assert wish.grace_for(Weekdays(time(9))) == timedelta(hours=12)


def test_a_teams_rules_are_what_metrics_need() -> None:
    """Zone, calendar, fields, sections; the tasks that only hold our comments are no work."""
    rules = read(FULL).team("payments").rules()

    assert (rules.zone.key, rules.points_field, rules.blocked_field) == ("Europe/Berlin", "SP", "Stuck")
    assert (rules.blocked_names, rules.wip_limit, rules.stale_after_days) == (("stuck",), 5, 7)
    assert (rules.excluded_sections, rules.excluded_tasks) == ((), ("Chores", "Retrospective"))
    assert rules.states["ready for qa"] == "in_review"
    assert rules.states["doing"] == "in_progress"
    free = [date(2026, 6, 5), date(2026, 12, 24), date(2026, 5, 14)]
    assert [rules.working_day(day) for day in free] == [False, False, False]
    assert rules.working_day(date(2026, 6, 4))


def test_a_board_may_be_several_projects_with_states_in_a_field() -> None:
    """And may have the tone of its comments counted; all three are off where nothing is said."""
    more = TEAM.replace("zone =", 'projects = ["123456"]\nzone =', 1)
    team = read(f'{more}[teams.board]\nstatus_field = "Status"\nsentiment = true').team("payments")
    assert (team.projects, team.rules().status_field, team.rules().sentiment) == (("123456",), "Status", True)
    plain = read(TEAM).team("payments")
    assert (plain.projects, plain.rules().status_field, plain.rules().sentiment) == ((), "", False)


@pytest.mark.parametrize(
    ("sprint", "rule"),
    [
        ("", FieldSprints("Sprint")),
        ('source = "field"\nfield = "Iteration"', FieldSprints("Iteration")),
        ('source = "section"\npattern = "^S\\\\d+"', SectionSprints(r"^S\d+")),
        (
            'source = "dates"\nfirst_day = 2026-01-05\nlength_days = 21\nname = "S{n}"\nfirst_number = 4',
            ConfiguredSprints(date(2026, 1, 5), 21, "S{n}", 4),
        ),
        ('source = "projects"\npattern = "^S"\nprojects = ["123456"]', ProjectSprints(("123456",), "^S")),
        ('source = "none"', NoSprints()),
    ],
)
def test_each_sprint_source_has_its_rule(sprint: str, rule: SprintRule) -> None:
    """A field, sections, dates, or none at all."""
    assert read(f"{TEAM}[teams.board.sprint]\n{sprint}").team("payments").rules().sprint == rule


@pytest.mark.parametrize(
    ("wish", "default", "expected"),
    [
        ("", Weekdays(time(9)), Weekdays(time(9))),
        ("at = 08:00:00", Weekdays(time(9)), Weekdays(time(8))),
        ('at = "08:00"', EndOfSprint(time(9), 1), EndOfSprint(time(8), 1)),
        ('on_holiday = "previous"', Weekly("fri", time(9)), Weekly("fri", time(9), "previous")),
        ('day = "thu"', Weekly("fri", time(9)), Weekly("thu", time(9))),
        ('day = "thu"\nat = "16:00"\non_holiday = "skip"', EndOfSprint(time(9)), Weekly(3, time(16), "skip")),
        ("end_of_sprint = -1", Weekdays(time(9)), EndOfSprint(time(9), -1)),
        ('days = ["tue"]', Weekly("fri", time(9)), Weekdays(time(9), frozenset({1}))),
        ("", Once(datetime(2026, 1, 1, tzinfo=UTC)), Once(datetime(2026, 1, 1, tzinfo=UTC))),
        (
            'days = ["tue"]\non_holiday = "next"',
            Weekly("fri", time(9)),
            Weekdays(time(9), frozenset({1}), "next"),
        ),
        (
            'day = "thu"\nevery_weeks = 2\nanchor_week = 2026-01-05',
            Weekly("fri", time(9)),
            Weekly("thu", time(9), "next", 2, date(2026, 1, 5)),
        ),
        ('end_of_sprint = 1\non_holiday = "next"', Weekdays(time(9)), EndOfSprint(time(9), 1, "next")),
        ('on_holiday = "skip"', EndOfSprint(time(9)), EndOfSprint(time(9), shift="skip")),
        ('monthly = "last"', Weekdays(time(9)), Monthly(-1, time(9))),
        ('monthly = 3\nat = "10:00"', Weekdays(time(9)), Monthly(3, time(10))),
        ('at = "10:00"', Monthly(3, time(9)), Monthly(3, time(10))),
        ('cron = "0  9 1 * *"', Weekdays(time(9)), Cron("0 9 1 * *")),
        ('on_holiday = "next"', Cron("0 9 1 * *"), Cron("0 9 1 * *", "next")),
        (
            "once = 2026-12-01T10:00:00",
            Weekdays(time(9)),
            Once(datetime(2026, 12, 1, 10, tzinfo=ZoneInfo("Europe/Berlin"))),
        ),
        ("once = 2026-12-01T10:00:00Z", Weekdays(time(9)), Once(datetime(2026, 12, 1, 10, tzinfo=UTC))),
    ],
)
def test_a_team_may_change_time_and_kind_of_cadence(wish: str, default: Cadence, expected: Cadence) -> None:
    """What it leaves out stays as the ceremony has it."""
    assert ceremony(wish, default) == expected


def test_a_kind_of_cadence_without_any_time_of_day_is_refused() -> None:
    """A ceremony that happens once has no time of day to lend."""
    with pytest.raises(ConfigurationError, match="no time of day"):
        ceremony('day = "thu"', Once(datetime(2026, 1, 1, tzinfo=UTC)))


def test_days_off_may_be_spans_and_the_companys_hold_for_every_team() -> None:
    """Both ends of a span are off; the company's days stand apart, so that a preview can say which they are."""
    text = '[company]\ndays_off = ["2026-12-24/2026-12-26"]\n' + TEAM.replace(
        "[[teams]]", "[[teams]]\ndays_off = [2026-06-05, '2026-06-08/2026-06-08']"
    )

    working = read(text).team("payments").working

    assert working.company_days == {date(2026, 12, day) for day in (24, 25, 26)}
    assert working.days_off == {date(2026, 6, 5), date(2026, 6, 8)}


def test_the_environment_wins_over_the_file() -> None:
    """Addresses and the database for this process only; an empty variable counts as not set."""
    environ = {
        "ASANA_BASE_URL": "http://127.0.0.1:1/api/1.0",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:2/",
        "FACILITATOR_DATABASE_URL": "sqlite:////elsewhere.sqlite3",
    }

    settings = read(FULL, environ)

    assert settings.asana.base_url == "http://127.0.0.1:1/api/1.0"
    assert settings.agents.base_url == "http://127.0.0.1:2"
    assert settings.database_url == "sqlite:////elsewhere.sqlite3"
    assert read(FULL, {"ASANA_BASE_URL": ""}).asana.base_url == "http://127.0.0.1:9000/api/1.0"


def test_settings_never_show_a_secret() -> None:
    """Tokens and the database's password stay out of logs and tracebacks."""
    environ = {
        "ASANA_ACCESS_TOKEN": "hush-one",
        "ANTHROPIC_API_KEY": "hush-two",
        "FACILITATOR_DATABASE_URL": "postgresql://me:hush-three@db/x",
    }

    settings = read(TEAM, environ)

    assert "hush" not in f"{settings!r} {settings}"
    assert (settings.asana.token.reveal(), settings.agents.key.reveal()) == ("hush-one", "hush-two")


def test_the_same_configuration_twice_is_equal() -> None:
    """A change can be told from none."""
    assert read(FULL) == read(FULL)
    assert read(FULL) != read(FULL.replace("600", "601"))


def test_an_unknown_team_gets_the_nearest_one() -> None:
    """As wrong use, which ends a command with 2."""
    with pytest.raises(ConfigurationError) as caught:
        read(TEAM).team("payment")
    assert "payments" in caught.value.suggestion
    assert caught.value.exit_code == 2


def test_the_file_is_found_by_argument_variable_or_name(
    tmp_path: Path,
) -> None:
    """In that order; a byte order mark does no harm, and the database lies beside the file."""
    file = tmp_path / "facilitator.toml"
    file.write_bytes(b"\xef\xbb\xbf" + TEAM.encode())

    with chdir(tmp_path):
        found = [
            load_settings(file, {"FACILITATOR_CONFIG": "/nowhere.toml"}),
            load_settings(None, {"FACILITATOR_CONFIG": str(file)}),
            load_settings(None, {}),
        ]

    assert {settings.database_url for settings in found} == {
        f"sqlite:///{tmp_path.resolve()}/facilitator.sqlite3"
    }


def test_no_file_says_how_to_get_one(tmp_path: Path) -> None:
    """A first run ends with the command that helps, not with a traceback."""
    with pytest.raises(ConfigurationError, match="cannot be read: No such file") as caught:
        load_settings(tmp_path / "facilitator.toml", {})
    assert "facilitator init" in caught.value.suggestion


def test_importing_the_room_loads_nothing_heavy() -> None:
    """`--help` answers at once."""
    heavy = {"pydantic", "holidays", "sqlalchemy", "anthropic", "matplotlib", "httpx"}
    code = f"import sys, facilitator.settings; sys.exit(bool({heavy} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
