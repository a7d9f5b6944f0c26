"""WHEN: cadences, windows, working days and time zones. Pure; it knows nothing of ours but `errors`."""

from facilitator.calendar.cadence import (
    Cadence,
    Cron,
    EndOfSprint,
    Monthly,
    Once,
    Shift,
    Weekdays,
    Weekly,
)
from facilitator.calendar.fires import Fire, SprintSpan, fires
from facilitator.calendar.walltime import day_exists, instant_of, local_day
from facilitator.calendar.window import Window
from facilitator.calendar.windows import (
    CatchingUp,
    CatchUp,
    Due,
    Fate,
    Progress,
    Timetable,
    due,
    usual_grace,
)
from facilitator.calendar.workdays import WorkingDays, supported_countries, weekday_number

__all__ = [
    "Cadence",
    "CatchUp",
    "CatchingUp",
    "Cron",
    "Due",
    "EndOfSprint",
    "Fate",
    "Fire",
    "Monthly",
    "Once",
    "Progress",
    "Shift",
    "SprintSpan",
    "Timetable",
    "Weekdays",
    "Weekly",
    "Window",
    "WorkingDays",
    "day_exists",
    "due",
    "fires",
    "instant_of",
    "local_day",
    "supported_countries",
    "usual_grace",
    "weekday_number",
]
