"""Charts: what is in the picture, the same bytes every time, and nothing a title can break."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from facilitator import charts
from facilitator.board.burndown import Burndown
from facilitator.board.burndown import burndown as computed
from facilitator.board.flow import Pace
from facilitator.board.forecast import Interval
from facilitator.board.refusal import Refused
from facilitator.board.series import Finished, Velocity
from facilitator.charts.canvas import LONGEST_TITLE, printable
from facilitator.charts.sprints import short_names
from tests.unit.board_forecast.drawing import board, task

MONDAY = date(2026, 3, 2)
BAND = Interval(12, 14, 21, 30, 33, 14)
NONE = Refused("only 2 of the 10 finished sprints a forecast needs")
SVG = "{http://www.w3.org/2000/svg}"


def sprint(as_of: str = "03-16 09:00", closed: str = "2026-03-14T00:00:00Z") -> Burndown:
    """Three tasks, 8 points added on the first Wednesday, read after the close unless told otherwise."""
    drawn = board(
        task("1", ("03-03 15:00", "done"), points=5),
        task("2", ("03-06 15:00", "done"), points=5),
        task("3", points=3),
        task("4", ("03-04 10:00", "join"), points=8, joined=False),
        as_of=as_of,
        closed=closed,
    )
    return computed(drawn, drawn.sprints[0])


def weeks(count: int) -> list[tuple[date, int]]:
    days = (MONDAY + timedelta(days=n) for n in range(7 * count))
    return [(day, 1) for day in days if day.weekday() < 5]


def tasks(*cycles: int) -> list[Finished]:
    return [Finished(str(n), MONDAY + timedelta(days=2 * n), days) for n, days in enumerate(cycles)]


def sprints(count: int) -> list[Velocity]:
    return [Velocity(f"Sprint {n}", 20 + n, 18 + 2 * n) for n in range(1, count + 1)]


def burndown(as_format: charts.Format) -> bytes:
    return charts.burndown(sprint(), title="Burndown", as_format=as_format)


def throughput(as_format: charts.Format) -> bytes:
    return charts.throughput(weeks(6), title="Throughput", as_format=as_format)


def cycle_times(as_format: charts.Format) -> bytes:
    return charts.cycle_times(
        tasks(1, 3, 2, 2, 8, 40), Pace(6, 2.5, 7), title="Cycle time", as_format=as_format
    )


def velocity(as_format: charts.Format) -> bytes:
    return charts.velocity(sprints(12), BAND, unit="points", title="Velocity", as_format=as_format)


ALL = pytest.mark.parametrize("draw", [burndown, throughput, cycle_times, velocity])
Drawing = Callable[[charts.Format], bytes]


def _tree(svg: bytes) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def words(svg: bytes) -> list[str]:
    return [text.text or "" for text in _tree(svg).iter(f"{SVG}text")]


def ids(svg: bytes) -> list[str]:
    return [found for one in _tree(svg).iter() if (found := one.get("id"))]


@ALL
def test_equal_data_gives_equal_bytes(draw: Drawing) -> None:
    """No date, version or random id: a chart attached twice is the same file."""
    assert draw("png") == draw("png")
    assert draw("svg") == draw("svg")


@ALL
def test_a_png_is_twice_800_by_400(draw: Drawing) -> None:
    """Sharp on a dense screen, readable at the size Asana shows."""
    picture = draw("png")
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1600, 800)


@ALL
def test_an_svg_is_well_formed_titled_and_undated(draw: Drawing) -> None:
    """Its text is text, its ids are unique, and it says nothing of when and by what it was made."""
    svg = draw("svg")
    found = ids(svg)
    assert len(found) == len(set(found))
    assert words(svg)
    assert b"<title>" in svg
    assert not any(word in svg for word in (b"dc:date", b"Matplotlib", b"dc:creator"))


@ALL
def test_the_machine_s_own_settings_change_nothing(draw: Drawing) -> None:
    """A person's matplotlib settings neither show in the chart nor are changed by it."""
    plain = draw("svg")
    with mpl.rc_context({"font.size": 31, "axes.facecolor": "black", "svg.fonttype": "path"}):
        assert draw("svg") == plain
        assert mpl.rcParams["font.size"] == 31


def test_the_burndown_has_its_three_lines_and_names_two_with_their_value() -> None:
    """Remaining, scope and ideal; the ends carry what is left and what is in."""
    svg = burndown("svg")
    assert {"burndown-remaining", "burndown-scope", "burndown-ideal"} <= set(ids(svg))
    assert {"Scope 21", "Left 11", "ideal"} <= set(words(svg))


def test_the_burndown_s_axis_has_the_team_s_dates() -> None:
    """Every day of a fortnight by weekday and number, the month once; the subtitle spans them."""
    found = words(burndown("svg"))
    assert {"Mon", "2 Mar", "Fri", "13"} <= set(found)
    assert "Points left at the end of each day, Mon 2 Mar to Fri 13 Mar" in found


def test_a_scope_jump_carries_its_size() -> None:
    """8 points on 13: `+8` stands beside the line."""
    assert "+8" in words(burndown("svg"))


def test_a_running_sprint_shows_the_days_to_come() -> None:
    """Read on Wednesday: the axis still ends on the Friday of next week."""
    svg = charts.burndown(sprint("03-04 12:00", "-"), title="Now", as_format="svg")
    assert {"13", "Left 16"} <= set(words(svg))
    assert "burndown-planned-end" not in ids(svg)


def test_a_sprint_closed_late_shows_its_planned_end() -> None:
    """Closed on Wednesday after the last Friday: a line where it should have ended."""
    svg = charts.burndown(sprint("03-20 09:00", "2026-03-18T12:00:00Z"), title="Late", as_format="svg")
    assert "burndown-planned-end" in ids(svg)
    assert "planned end" in words(svg)


def test_a_long_sprint_is_dated_by_its_mondays() -> None:
    """Thirty days do not get thirty labels."""
    late = charts.burndown(sprint("04-20 09:00", "2026-04-10T12:00:00Z"), title="Long", as_format="svg")
    found = words(late)
    assert {"2 Mar", "9", "6 Apr"} <= set(found)
    assert "Tue" not in found


def test_throughput_names_its_weeks_its_counts_and_their_mean() -> None:
    """A bar a week by its Monday, the count above it, the mean of whole weeks at the side."""
    svg = throughput("svg")
    assert {"2", "Mar", "Apr", "mean 5.0"} <= set(words(svg))
    assert "throughput-mean" in ids(svg)
    assert "Tasks finished in each week, by its Monday" in words(svg)


def test_a_week_that_is_not_over_is_not_in_the_mean() -> None:
    """Two weeks of 5 and a Monday with 0 so far: the mean stays 5, and the pale bar is explained."""
    days = [(MONDAY + timedelta(days=n), 1) for n in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
    found = words(charts.throughput([*days, (date(2026, 3, 16), 0)], title="T", as_format="svg"))
    assert "mean 5.0" in found
    assert any(text.endswith("pale: not a whole week") for text in found)


def test_the_cycle_scatter_has_p50_and_p85_and_n() -> None:
    """Both lines with their value; the subtitle says of how many tasks."""
    svg = cycle_times("svg")
    assert {"cycle-tasks", "cycle-p50", "cycle-p85"} <= set(ids(svg))
    assert {"p50: 2.5 days", "p85: 7 days"} <= set(words(svg))
    assert any("6 tasks" in text for text in words(svg))


def test_one_very_slow_task_does_not_flatten_the_others() -> None:
    """40 days where p85 is 7: it is a triangle on the edge, with its value beside."""
    svg = cycle_times("svg")
    assert "cycle-slower" in ids(svg)
    assert {"\u25b2 1 slower,", "up to 40 days"} <= set(words(svg))
    assert "40" not in words(svg)


def test_too_few_tasks_have_no_percentile_lines() -> None:
    """Dots only, and the subtitle says why."""
    svg = charts.cycle_times(tasks(1, 3), Pace(2, None, None), title="C", as_format="svg")
    assert not {"cycle-p50", "cycle-p85"} & set(ids(svg))
    assert any(text.endswith("too few for percentiles") for text in words(svg))


def test_velocity_shows_the_next_sprint_s_band() -> None:
    """p10, p50 and p90 beside the pale bar of the next sprint."""
    svg = velocity("svg")
    assert "velocity-forecast" in ids(svg)
    assert {"next", "p10: 12", "p50: 21", "p90: 33"} <= set(words(svg))


def test_velocity_without_a_forecast_says_why_and_names_bar_and_line() -> None:
    """No band is drawn from two sprints."""
    svg = charts.velocity(sprints(2), NONE, unit="points", title="V", as_format="svg")
    assert "velocity-forecast" not in ids(svg)
    assert {"completed", "committed"} <= set(words(svg))
    assert any(text.endswith(NONE.reason) for text in words(svg))


def test_only_the_last_twelve_sprints_are_shown() -> None:
    """Forty bars would be a fence."""
    found = words(charts.velocity(sprints(40), BAND, unit="points", title="V", as_format="svg"))
    assert ("29" in found, "28" in found) == (True, False)


def test_sprint_names_lose_the_words_they_share() -> None:
    """What tells sprints apart stays; a name made of shared words alone stays whole; one name stays as it is."""
    assert short_names(["2015 Sprint 7 Team", "2015 Sprint 8 Team"]) == ["7", "8"]
    assert short_names(["Sprint 7", "Sprint 8", "Sprint"]) == ["7", "8", "Sprint"]
    assert short_names(["Sprint 1"]) == ["Sprint 1"]
    assert short_names([]) == []


@pytest.mark.parametrize("as_format", ["png", "svg"])
def test_no_data_is_said_and_not_an_error(as_format: charts.Format) -> None:
    """An empty board has charts that say so."""
    drawn = board(as_of="01-05 09:00")
    empty = computed(drawn, drawn.sprints[0])
    assert charts.burndown(empty, title="Later", as_format=as_format)
    assert charts.throughput([], title="T", as_format=as_format)
    assert charts.cycle_times([], Pace(0, None, None), title="C", as_format=as_format)
    assert charts.velocity([], NONE, unit="points", title="V", as_format=as_format)


def test_a_free_time_without_any_day_is_an_empty_chart() -> None:
    """Neither a working day nor a day gone by: there is not even an axis."""
    later = sprint()
    empty = Burndown(later.sprint, "points", 0, (), (), 0)
    assert "This sprint has no days yet." in words(charts.burndown(empty, title="B", as_format="svg"))


def test_a_fortnight_of_holidays_is_drawn_without_an_ideal() -> None:
    """Work done although nobody should: days and lines, no planned end."""
    found = sprint()
    free = Burndown(found.sprint, "points", found.committed, (), found.days, 2)
    assert not {"burndown-ideal", "burndown-planned-end"} & set(
        ids(charts.burndown(free, title="B", as_format="svg"))
    )


def test_a_forecast_without_sprints_to_show_is_an_empty_chart() -> None:
    """A band with nothing beside it says nothing."""
    found = words(charts.velocity([], BAND, unit="points", title="V", as_format="svg"))
    assert "No closed sprint yet." in found
    assert not any("pale" in text for text in found)


def test_an_empty_chart_has_a_sentence_in_its_middle() -> None:
    """Nothing drawn is explained."""
    assert "No closed sprint yet." in words(
        charts.velocity([], NONE, unit="points", title="V", as_format="svg")
    )


def test_one_point_is_drawn() -> None:
    """One task, one day, one sprint: no scale collapses."""
    one_task = charts.cycle_times(tasks(4), Pace(1, None, None), title="C", as_format="svg")
    one_day = charts.throughput([(MONDAY, 0)], title="T", as_format="svg")
    one_sprint = charts.velocity([Velocity("S1", 0, 0)], NONE, unit="tasks", title="V", as_format="svg")
    assert "2 Mar" in words(one_task)
    assert "0" in words(one_day)
    assert "S1" in words(one_sprint)


def test_a_sprint_without_a_commitment_has_no_ideal_line() -> None:
    """Nothing planned: there is no way down to draw."""
    drawn = board(task("4", ("03-04 10:00", "join"), points=8, joined=False))
    svg = charts.burndown(computed(drawn, drawn.sprints[0]), title="B", as_format="svg")
    assert "burndown-ideal" not in ids(svg)


@pytest.mark.parametrize(
    "title", ["$\\frac{1}$", "<script>alert(1)</script>", "\u202e\x00\n\t", "\u65e5\u672c \U0001f6a2", ""]
)
def test_no_title_breaks_a_chart(title: str) -> None:
    """Formulas, markup, control marks and letters the font lacks are printed, escaped or replaced."""
    svg = charts.throughput(weeks(3), title=title, as_format="svg")
    assert b"<script" not in svg
    assert words(svg)
    assert charts.throughput(weeks(3), title=title)


def test_what_is_printed_is_one_bounded_line() -> None:
    """Letters the font lacks are squares; long titles end in an ellipsis inside the picture."""
    assert printable("a\n  b\U0001f6a2", 50) == "a b\u25a1"
    assert len(printable("long " * 40, LONGEST_TITLE)) <= LONGEST_TITLE
    assert printable("long " * 40, LONGEST_TITLE).endswith("\u2026")


def test_drawing_never_loads_pyplot_and_importing_loads_nothing() -> None:
    """Matplotlib is loaded by the first chart, not by the import, and without its global figure list."""
    program = (
        "import sys; from facilitator import charts; assert 'matplotlib' not in sys.modules; "
        "charts.throughput([], title='T'); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
