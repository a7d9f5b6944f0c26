"""What happened on purpose in the closed sprints: one script for each thing a retrospective should find.

Data only. A sprint is named by its distance from the active one: -1 is the last closed.
"""

from __future__ import annotations

from facilitator.sandbox.generated.blueprint import BACKLOG, CEREMONIES, IMPROVEMENTS, IN_PROGRESS, TO_DO
from facilitator.sandbox.generated.people import FORMER
from facilitator.sandbox.generated.script import Script, on
from facilitator.sandbox.generated.titles import BUG, CHORE, IMPROVEMENT, STORY, Idea

CARRIED_THREE_TIMES = Script(
    "zebra",
    Idea("Print boarding passes on the old Zebra printers", STORY, 5, "ops", "Forty printers at the small harbours. They speak a dialect of 2009."),
    (
        on(-5, -6, "10:12", FORMER, "create", BACKLOG),
        on(-5, 0, "14:06", "ingrid", "plan", "-5"),
        on(-5, 0, "14:06", "ingrid", "due", "10"),
        on(-5, 4, "11:20", "fatima", "start"),
        on(-5, 8, "15:31", "fatima", "say", "The printer in Gedser prints the code upside down. The vendor calls it a feature."),
        on(-5, 10, "16:20", "tomasz", "say", "Carried over: we have only one printer in the office and it is the wrong model."),
        on(-4, 3, "09:44", "fatima", "say", "Borrowed the right printer from Trelleborg, it arrives by ferry. Of course."),
        on(-4, 10, "16:31", "tomasz", "say", "Second carry-over. The printer came without its power supply."),
        on(-3, 4, "13:15", "fatima", "submit", "{pr} prints all four formats. Needs a test at a real desk."),
        on(-3, 6, "10:02", "mateo", "say", "At the Gedser desk the second page is still blank."),
        on(-3, 6, "10:03", "mateo", "move", IN_PROGRESS),
        on(-3, 10, "16:12", "tomasz", "say", "Third carry-over. Let us talk in the retro about work that needs hardware we do not have."),
        on(-2, 2, "14:48", "fatima", "submit", "{pr}: the blank page was a form feed too many."),
        on(-2, 4, "11:30", "fatima", "say", "Root cause of the delay: we planned it three times without the printer on the desk. The code was two days of work."),
        on(-2, 4, "11:32", "fatima", "done"),
    ),
)  # fmt: skip

REMOVED = Script(
    "loyalty",
    Idea("Loyalty points for foot passengers", STORY, 3, "booking"),
    (
        on(-4, -8, "13:40", "ingrid", "create", BACKLOG),
        on(-4, 0, "14:09", "ingrid", "plan", "-4"),
        on(-4, 4, "10:55", "ingrid", "drop", "Decision with the commercial team: no loyalty scheme this year. Out of the sprint, and we keep the idea."),
    ),
)  # fmt: skip

NOT_DONE_ON_PURPOSE = (
    Script(
        "kiosk_ie",
        Idea("Keep the kiosk running in Internet Explorer mode", CHORE, 2, "ops"),
        (
            on(-3, -7, "09:50", "mateo", "create", BACKLOG),
            on(-3, 0, "14:11", "ingrid", "plan", "-3"),
            on(-3, 5, "15:05", "tomasz", "say", "Decision: won't do. The new kiosks arrive in July and the old ones stay on the frozen version."),
            on(-3, 5, "15:06", "tomasz", "done", "Won't Do"),
        ),
    ),
    Script(
        "qr_twice",
        Idea("QR code is missing on the second page of the ticket", BUG, 1, "booking"),
        (
            on(-2, -3, "16:20", "oskar", "create", BACKLOG),
            on(-2, 0, "14:13", "ingrid", "plan", "-2"),
            on(-2, 3, "10:31", "linh", "say", "This is the blank second page of the printers again, fixed there."),
            on(-2, 3, "10:32", "linh", "done", "Duplicate"),
        ),
    ),
)  # fmt: skip

NO_SHOW_FEE = (
    Script(
        "mandates",
        Idea("Store card mandates for returning customers", STORY, 3, "payments"),
        (
            on(-3, -9, "11:02", "ingrid", "create", BACKLOG),
            on(-3, 0, "14:15", "ingrid", "plan", "-3"),
            on(-3, 2, "09:35", "amara", "start"),
            on(-3, 6, "14:10", "amara", "submit", "{pr}. The mandate text is the one legal sent in March."),
            on(-3, 7, "11:18", "fatima", "say", "Approved after two rounds with test cards."),
            on(-3, 7, "11:40", "amara", "done"),
        ),
    ),
    Script(
        "no_show",
        Idea("Charge the no-show fee automatically", STORY, 3, "payments"),
        (
            on(-3, -9, "11:10", "ingrid", "create", BACKLOG),
            on(-3, 0, "14:16", "ingrid", "plan", "-3"),
            on(-3, 3, "10:20", "mateo", "start"),
            on(-3, 3, "15:20", "mateo", "depend", "mandates"),
            on(-3, 3, "15:22", "mateo", "block", "Blocked: without a stored mandate there is nothing to charge."),
            on(-3, 7, "13:05", "mateo", "unblock", "Mandates are in. Going on."),
            on(-3, 9, "11:48", "mateo", "submit", "{pr}, fee is a setting per route."),
            on(-3, 9, "16:33", "mateo", "done"),
        ),
    ),
)  # fmt: skip

DECOMPOSED = (
    Script(
        "bulk",
        Idea("Rebook passengers in bulk when a sailing is cancelled", STORY, 8, "refunds", "In the April storm the desk rebooked 312 people by hand."),
        (
            on(-2, -11, "10:30", "ingrid", "create", BACKLOG),
            on(-2, 0, "14:18", "ingrid", "plan", "-2"),
            on(-2, 0, "14:18", "ingrid", "due", "9"),
            on(-2, 2, "10:05", "amara", "start"),
            on(-2, 2, "11:10", "amara", "say", "Eight points is three things in one. Split into subtasks with Linh and Oskar, the estimate moves there."),
            on(-2, 2, "11:11", "amara", "estimate"),
            on(-2, 8, "15:45", "amara", "say", "All three parts are on staging, the desk staff try it next."),
            on(-2, 9, "15:52", "amara", "done"),
        ),
        priority="High",
    ),
    Script(
        "bulk_find",
        Idea("Find seats on later sailings for a whole list of passengers", STORY, 3, "refunds"),
        (
            on(-2, 2, "11:14", "amara", "create", TO_DO),
            on(-2, 2, "11:14", "amara", "split_from", "bulk"),
            on(-2, 2, "11:15", "amara", "plan", "-2"),
            on(-2, 2, "13:30", "amara", "start"),
            on(-2, 5, "16:02", "amara", "submit", "{pr}: families stay together, then by time of booking."),
            on(-2, 6, "11:44", "amara", "done"),
        ),
    ),
    Script(
        "bulk_desk",
        Idea("Desk page to confirm a bulk rebooking", STORY, 3, "refunds"),
        (
            on(-2, 2, "11:16", "amara", "create", TO_DO),
            on(-2, 2, "11:16", "amara", "split_from", "bulk"),
            on(-2, 2, "11:17", "amara", "plan", "-2"),
            on(-2, 3, "09:50", "linh", "start"),
            on(-2, 7, "10:25", "linh", "submit", "{pr}. One list, one button, and an undo for ten minutes."),
            on(-2, 7, "16:10", "linh", "done"),
        ),
    ),
    Script(
        "bulk_mail",
        Idea("Tell rebooked passengers by SMS and e-mail", STORY, 2, "refunds"),
        (
            on(-2, 2, "11:18", "amara", "create", TO_DO),
            on(-2, 2, "11:18", "amara", "split_from", "bulk"),
            on(-2, 2, "11:19", "amara", "plan", "-2"),
            on(-2, 4, "10:10", "oskar", "start"),
            on(-2, 6, "15:20", "oskar", "submit", "{pr} with texts in five languages."),
            on(-2, 8, "10:40", "oskar", "done"),
        ),
    ),
)  # fmt: skip

REOPENED = Script(
    "reminder",
    Idea("Send the boarding reminder two hours before departure", STORY, 2, "timetable"),
    (
        on(-1, -5, "15:12", "oskar", "create", BACKLOG),
        on(-1, 0, "14:20", "ingrid", "plan", "-1"),
        on(-1, 2, "10:40", "mateo", "start"),
        on(-1, 3, "14:25", "mateo", "submit", "{pr}, switched on for Kiel only."),
        on(-1, 4, "10:15", "mateo", "done"),
        on(-1, 6, "09:22", "fatima", "say", "Reopened: passengers from Helsinki got the reminder one hour before departure."),
        on(-1, 6, "09:23", "fatima", "reopen", IN_PROGRESS),
        on(-1, 7, "13:50", "mateo", "say", "Root cause: the job read the sailing's time in our zone instead of the harbour's. Fix in {pr}."),
        on(-1, 7, "15:15", "mateo", "done"),
    ),
)  # fmt: skip

WAITED_FOR_VENDOR = Script(
    "ais",
    Idea("Live position of the ship on the delay page", STORY, 3, "timetable"),
    (
        on(-1, -8, "11:30", "ingrid", "create", BACKLOG),
        on(-1, 0, "14:22", "ingrid", "plan", "-1"),
        on(-1, 0, "14:22", "ingrid", "due", "7"),
        on(-1, 2, "09:40", "yuki", "start"),
        on(-1, 3, "11:05", "yuki", "block", "Blocked: the position provider has not opened our key. Ticket with their support, no answer yet."),
        on(-1, 5, "09:30", "yuki", "say", "Called them. The person who opens keys is on holiday until next week."),
        on(-1, 7, "10:20", "yuki", "unblock", "Key works since this morning. Four working days lost, and a long weekend in between."),
        on(-1, 9, "14:35", "yuki", "submit", "{pr}. Position is at most two minutes old."),
        on(-1, 10, "11:50", "yuki", "say", "Late because of the provider; next time we ask for keys in refinement."),
        on(-1, 10, "11:52", "yuki", "done"),
    ),
)  # fmt: skip

RENAMED = Script(
    "winter",
    Idea("Winter prices", IMPROVEMENT, 3, "payments"),
    (
        on(-2, -6, "09:55", "ingrid", "create", BACKLOG),
        on(-2, -2, "14:40", "ingrid", "rename", "Price table of the winter season can be edited by the commercial team"),
        on(-2, 0, "14:24", "ingrid", "plan", "-2"),
        on(-2, 3, "13:10", "fatima", "start"),
        on(-2, 4, "09:25", "fatima", "say", "The table has a hidden sheet with exceptions. Estimate goes up."),
        on(-2, 4, "09:26", "fatima", "estimate", "5"),
        on(-2, 8, "15:15", "fatima", "submit", "{pr}. Exceptions are rows like any other now."),
        on(-2, 9, "13:20", "fatima", "done"),
    ),
)  # fmt: skip

LEFT_BEHIND = Script(
    "brochure",
    Idea("Print-on-demand brochure for the tourist offices", IMPROVEMENT, None, "timetable"),
    (
        on(0, -55, "10:48", FORMER, "create", BACKLOG),
        on(0, -54, "15:17", FORMER, "say", "Tourist office in Visby would take 200 copies. I keep in touch with them."),
        on(0, -50, "11:00", "tomasz", "assign", "oskar"),
        on(0, -30, "09:31", None, "assign", ""),
    ),
)  # fmt: skip

CEREMONY_TASKS = tuple(
    Script(
        key,
        Idea(name, CHORE, None, "ops", notes),
        (on(0, -70, clock, "tomasz", "create", CEREMONIES), *comments),
        priority=None,
        untyped=True,
    )
    for key, name, clock, notes, comments in (
        ("standup", "Daily stand-up", "09:02", "The digest of each working day is posted here at nine.", ()),
        ("weekly", "Weekly status", "09:04", "The status of the week is posted here on Friday afternoon.", ()),
        (
            "retro",
            "Sprint retro",
            "09:06",
            "Summary of each retrospective. Actions are tasks in Process improvement.",
            (
                on(-3, 0, "16:40", "tomasz", "say", "Retro: reviews wait too long. One action, see Process improvement."),
                on(-1, 0, "16:42", "tomasz", "say", "Retro: we keep planning work that waits for hardware or keys from outside. One action."),
            ),
        ),
    )
)  # fmt: skip

IMPROVEMENT_ACTIONS = (
    Script(
        "act_review",
        Idea(
            "Start no new task while a review waits longer than a day",
            CHORE,
            None,
            "ops",
            "From the retro. Signal: no task waits in review longer than one working day for two sprints.",
        ),
        (
            on(-3, 0, "16:45", "tomasz", "create", IMPROVEMENTS),
            on(-3, 0, "16:45", "tomasz", "assign", "tomasz"),
            on(-3, 0, "16:45", "tomasz", "due", "10"),
            on(
                -2,
                6,
                "10:10",
                "tomasz",
                "say",
                "Third week with the rule. Reviews wait half a day now, it stays.",
            ),
            on(-2, 6, "10:12", "tomasz", "done"),
        ),
        priority=None,
        untyped=True,
    ),
    Script(
        "act_keys",
        Idea(
            "Ask for keys, devices and accounts in refinement, before planning",
            CHORE,
            None,
            "ops",
            "From the retro. Signal: fewer than two blocked tasks a sprint wait for something from outside.",
        ),
        (
            on(-1, 0, "16:46", "tomasz", "create", IMPROVEMENTS),
            on(-1, 0, "16:46", "tomasz", "assign", "fatima"),
            on(0, 0, "16:15", "fatima", "due", "10"),
            on(
                0,
                2,
                "11:25",
                "fatima",
                "say",
                "A line for it is in the refinement checklist. Two of six tasks had an answer last week.",
            ),
        ),
        priority=None,
        untyped=True,
    ),
)

PAST = (
    *CEREMONY_TASKS, CARRIED_THREE_TIMES, REMOVED, *NOT_DONE_ON_PURPOSE, *NO_SHOW_FEE, *DECOMPOSED, REOPENED,
    WAITED_FOR_VENDOR, RENAMED, LEFT_BEHIND, *IMPROVEMENT_ACTIONS,
)  # fmt: skip
