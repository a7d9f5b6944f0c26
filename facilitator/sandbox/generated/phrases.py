"""What people of the built-in world write in comments. Data only; `{pr}` becomes a pull request link.

Sentences are written so that each fits any task of its kind: a reader of one task must not stumble.
"""

from __future__ import annotations

PULL_REQUEST = (
    "PR is up: {pr}. Tests included, the second commit is only renames.",
    "{pr} ready for review. Best read commit by commit.",
    "Opened {pr}. Not in there: the translations, they come with the next export.",
    "{pr}. Behind a switch, off by default, so it can go out any time.",
    "Review please: {pr}. I added the case from the description as a test.",
    "{pr}. Smaller than I feared, most of it is fixtures.",
    "Up for review: {pr}. Screenshots are in the pull request.",
    "{pr} does the main case. The rare one gets its own error message now.",
    "Pull request: {pr}. Please look hardest at the migration, the rest is plain.",
)

APPROVED = {
    "screen": (
        "Looks good, merged. Tried it on staging with the Nordlys data.",
        "Approved. One naming remark in the pull request, up to you.",
        "Checked on a phone, a tablet and the kiosk. Fine from my side.",
        "Works with a screen reader and without a mouse. Approved.",
        "Tested with three bookings on staging, all as described.",
    ),
    "service": (
        "Approved, and thanks for the tests, they explain it better than the ticket.",
        "Merged. It goes out with tonight's release.",
        "Ran it on staging over lunch, the graphs stay flat. Approved.",
        "Read it twice, could not break it. Approved.",
    ),
}

CHANGES = {
    "screen": (
        "Two things before it can go: the empty list shows an error, and the Danish text is cut off.",
        "It fails when the booking has no vehicle. Test attached to the pull request.",
        "On staging the second click does it twice. Needs a guard.",
    ),
    "service": (
        "Please keep the old parameter for one release, the kiosks update a week later.",
        "It reads the whole season. With a limit on the sailing it is fast enough.",
        "When the second replica starts at the same time, both do it. Needs a guard.",
    ),
}

SERVICE_AREAS = ("capacity", "ops")
"""Areas whose work nobody sees on a screen; all others are reviewed by trying them."""

REWORKED = (
    "Both points fixed, same pull request.",
    "Added the guard and a test for it. Ready again.",
    "Done, and I wrote down why in the code.",
    "Reworked after the review, {pr} is up to date.",
)

BLOCKED = (
    (
        "Blocked: the harbour office has to open the firewall for staging, request is with them.",
        "Firewall is open since this morning. Going on.",
    ),
    (
        "Blocked by the broken staging database, restore is running.",
        "Staging is restored. Moving again, a few days late.",
    ),
    (
        "Cannot go on: legal has not said whether we may store this.",
        "Legal says yes, for thirteen months. I put it into the handbook.",
    ),
    (
        "Stuck: we need last summer's data to test this, and the shipping company has not sent it.",
        "The data arrived. Unblocked.",
    ),
    (
        "Waiting for an access key from the security team. Asked last week, asked again today.",
        "Got the key. Unblocked.",
    ),
    (
        "Blocked. The only device to try this on is on board, and the ship is back in a few days.",
        "Got the device from the ship, works as hoped.",
    ),
)

CARRIED = (
    "Not finished: the review took two rounds. Carried into the next sprint.",
    "Carrying over. The estimate assumed the old data model.",
    "Carried over, about a day of work left.",
    "Moves on with us. We started it too late, after the support cases of the first week.",
    "Carried over. Only the release is missing.",
)

RETURNED = (
    "We did not get to it. Back to the backlog until its turn comes.",
    "Not started and no longer urgent, back to the backlog.",
)

DESCOPED = (
    "Out of the sprint: the fix for the ramp scanners needs the room. Agreed in the stand-up.",
    "Taken out, the partner moved their date by a month.",
)

ADDED = (
    "Came in through the harbour desk, cannot wait for the next planning.",
    "Added after the call with the shipping company: they need it for the weekend.",
    "Into this sprint, please. Twelve complaints since Friday.",
    "Small, but the auditors ask for it now.",
    "Found while testing the release, we fix it before it goes out.",
)

RE_ESTIMATED = (
    "Bigger than we thought: three services are involved, not one. New estimate.",
    "Smaller after all, the library does most of it. Estimate lowered.",
    "Changed the estimate after looking at the data.",
)

ROOT_CAUSE = (
    "Why it took so long: the staging data had no cancelled sailings, so we found the error only after the first release.",
    "Root cause of the delay: two people changed the same module and merging took a day and a half.",
    "Late because the review waited for three days. We should have asked in the stand-up.",
    "Cause of the delay: the estimate left out the kiosks.",
    "Took longer because the old code had no tests and we wrote them first.",
)

REOPENED = (
    "Reopened: on the kiosk it still happens, the cache holds the old file.",
    "Has to come back. With two children in the booking the sum is wrong.",
    "Reopened, the Swedish text is missing.",
)

CHATTER = {
    "payments": (
        "Question for Ingrid: does this apply to bookings paid before the change? Answer from the call: no, only new ones.",
        "Talked to finance. They want the booking number in the reference, not the customer number.",
        "Note: the sandbox of the bank answers with test amounts only up to 1,000.",
    ),
    "booking": (
        "Tried three versions with people at the pier. The simplest won, sketch is in the shared folder.",
        "The desk staff ask that the order of the fields stays as it is. Will do.",
        "Half of the visitors are on phones here, so I start with the small screen.",
    ),
    "timetable": (
        "Checked against the printed timetable of last year, two sailings differ and both are printing errors.",
        "Times are kept in the harbour's zone from here on, not in ours.",
        "The harbour authority accepts the file as it is. Good.",
    ),
    "capacity": (
        "Dispatch confirms: lane metres first, height second, weight third.",
        "I compared with the loading lists of Easter weekend, the numbers agree.",
        "Decision from refinement: sailings already sold stay on the old rule.",
    ),
    "refunds": (
        "Customer service would like a reason on each refund. Four choices are enough.",
        "Decision: the fee stays, but we show it one step earlier.",
        "The bank needs one working day, so the text must not promise more.",
    ),
    "access": (
        "Tested with two screen readers. The second one needs the label on the group.",
        "Thanks to the people from the association for trying it. Their list is in the shared folder.",
        "Colours agreed with design, they go into the style guide as well.",
    ),
    "ops": (
        "Rehearsed on a copy: eleven minutes, no errors.",
        "Agreed with the harbours: Tuesday 04:30, before the first sailing.",
        "Wrote the steps down in the handbook while doing it.",
    ),
    "crew": (
        "Went along on the 07:15 to see how boarding works. Gloves! Buttons must be larger.",
        "The bosun would rather have a sound than a colour. We do both.",
        "Radio link is gone behind the breakwater for about four minutes. The app has to survive that.",
    ),
}
