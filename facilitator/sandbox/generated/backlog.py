"""Ideas that do not take the way through a sprint: waiting in the backlog, closed there, or done as support.

Data only; `titles.py` has the ideas of the sprints.
"""

from __future__ import annotations

from facilitator.sandbox.generated.titles import BUG, CHORE, IMPROVEMENT, STORY, Idea

WAITING = (
    Idea(
        "Commuter pass with ten crossings",
        STORY,
        8,
        "payments",
        "Finance wants to see a season of data first.",
    ),
    Idea(
        "Interline tickets with the railway",
        STORY,
        None,
        "booking",
        "Needs a contract. Nothing to build before that.",
    ),
    Idea("Choose a table in the restaurant while booking", STORY, 5, "booking"),
    Idea("Suggest a crossing from the address of the hotel", STORY, None, "booking"),
    Idea(
        "Wallet passes for phones",
        STORY,
        5,
        "booking",
        "Both wallets; the pass must update when the berth changes.",
    ),
    Idea("Chat with the harbour desk", STORY, None, "ops"),
    Idea("Carbon figure per crossing and vehicle", STORY, 3, "timetable"),
    Idea("Fuel-dependent price supplement", STORY, 3, "payments"),
    Idea("Forecast of no-shows per sailing", STORY, 8, "capacity"),
    Idea(
        "Reserve charging points for electric cars",
        STORY,
        5,
        "capacity",
        "Twelve points on the Nordlys, none on the other ships.",
    ),
    Idea("Two vehicles in one booking", STORY, 5, "booking"),
    Idea("Timetable widget for the partner campsites", STORY, 3, "timetable"),
    Idea("Screen reader test with members of the blind association", CHORE, 2, "access"),
    Idea("Sign language video for the safety briefing", STORY, 3, "access"),
    Idea("Quiet boarding for travellers who cannot queue", STORY, None, "access"),
    Idea("Replace the PDF invoices of the freight desk", IMPROVEMENT, 5, "payments"),
    Idea("Crew app: show the weather at the next harbour", IMPROVEMENT, 2, "crew"),
    Idea("Digital logbook for the ramp", STORY, 8, "crew"),
    Idea("Split the price service from the booking service", CHORE, None, "ops"),
    Idea("Remove the last pages of the 2014 site", CHORE, 3, "ops"),
    Idea("Offer travel insurance after payment", STORY, 3, "payments"),
    Idea("Translate the crew app into Polish", STORY, 2, "crew"),
    Idea("Slow query when the desk searches by licence plate", BUG, 2, "ops"),
    Idea("Footer overlaps the price on foldable phones", BUG, 1, "booking"),
)

CLOSED = (
    (
        Idea("Pay with bitcoin", STORY, None, "payments"),
        "Won't Do",
        "Nobody has asked since 2021 and the bank will not settle it. Closing.",
    ),
    (
        Idea("Fax confirmation for the freight desk", STORY, None, "ops"),
        "Won't Do",
        "The last fax machine left the freight desk in February.",
    ),
    (
        Idea("Calendar opens on the wrong month on phones", BUG, 2, "booking"),
        "Duplicate",
        "Same as the calendar bug for small screens, which has the better description.",
    ),
    (
        Idea("Prices flicker on the results page", BUG, 2, "booking"),
        "Cannot Reproduce",
        "Tried on five devices and two networks. Please reopen with a recording.",
    ),
    (
        Idea("Animated waves on the start page", IMPROVEMENT, 3, "booking"),
        "Won't Do",
        "Decision: costs two seconds on the phones at the pier, and we sell crossings, not waves.",
    ),
    (
        Idea("Export all bookings to a spreadsheet every hour", CHORE, 2, "ops"),
        "Won't Do",
        "Replaced by the reporting database, which everybody who asked now reads.",
    ),
    (
        Idea("Second refund button in the footer", IMPROVEMENT, 1, "refunds"),
        "Won't Do",
        "Usability sessions: four of five people found the first one.",
    ),
    (
        Idea("Kiosk prints a blank page after midnight", BUG, 2, "ops"),
        "Cannot Reproduce",
        "Not seen since the printer got its new firmware.",
    ),
    (
        Idea("Ask for the phone number twice", IMPROVEMENT, 1, "booking"),
        "Won't Do",
        "We check the number by SMS instead.",
    ),
    (
        Idea("Delay messages arrive two times", BUG, 2, "timetable"),
        "Duplicate",
        "Covered by the work on delay subscriptions.",
    ),
    (
        Idea("Crew roster inside the crew app", STORY, 8, "crew"),
        "Won't Do",
        "The shipping company bought a roster product. Not ours to build.",
    ),
    (
        Idea("Own map tiles for the route map", CHORE, 5, "timetable"),
        "Won't Do",
        "Caching brought the cost under the limit.",
    ),
)

SUPPORT = (
    Idea("Customer charged in euro instead of kroner, booking 7Q4M", BUG, None, "payments"),
    Idea("Unlock the desk account in Trelleborg", CHORE, None, "ops"),
    Idea("Resend 41 confirmations after the mail outage", CHORE, None, "ops"),
    Idea("Correct the name on a manifest that is already sent", CHORE, None, "crew"),
    Idea("Harbour screen in Kiel shows the test banner", BUG, None, "timetable"),
    Idea("Remove a test sailing from the public timetable", CHORE, None, "timetable"),
    Idea("Desk cannot open bookings with an apostrophe in the name", BUG, None, "booking"),
    Idea("Expired certificate on the staging kiosk", CHORE, None, "ops"),
    Idea("Give the auditors read access to settlements", CHORE, None, "payments"),
    Idea("Voucher code printed with the letter O instead of zero", BUG, None, "refunds"),
    Idea("Wrong departure harbour on a printed group ticket", BUG, None, "booking"),
    Idea("Reset the counter of the ticket gate in Gedser", CHORE, None, "ops"),
    Idea("Refund stuck for a card that was replaced", BUG, None, "refunds"),
    Idea("Lane metres of the Skerry off by four after a repair", BUG, None, "capacity"),
    Idea("Assistance request missing on the loading list", BUG, None, "access"),
    Idea("School class booked on two ships at once", BUG, None, "booking"),
    Idea("Handheld scanners in Rostock lost their Wi-Fi profile", CHORE, None, "crew"),
)
