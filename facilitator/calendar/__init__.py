"""WHEN: cadences, windows, working days and time zones. Pure; it knows nothing of ours but `errors`."""

from facilitator.calendar.cadence import (
    Cadence,
    EndOfSprint,
    Fire,
    Once,
    Shift,
    SprintEnd,
    Weekdays,
    Weekly,
    fires,
)
from facilitator.calendar.walltime import day_exists, instant_of, local_day
from facilitator.calendar.window import Window
from facilitator.calendar.windows import CatchUp, Timetable, usual_grace, windows_due
from facilitator.calendar.workdays import WorkingDays, supported_countries, weekday_number

__all__ = [
    "Cadence",
    "CatchUp",
    "EndOfSprint",
    "Fire",
    "Once",
    "Shift",
    "SprintEnd",
    "Timetable",
    "Weekdays",
    "Weekly",
    "Window",
    "WorkingDays",
    "day_exists",
    "fires",
    "instant_of",
    "local_day",
    "supported_countries",
    "usual_grace",
    "weekday_number",
    "windows_due",
]
