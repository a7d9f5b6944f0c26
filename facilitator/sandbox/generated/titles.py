"""What the Harbour team works on in its sprints: one line an idea, by area of the product.

Data only. Ideas that stay in the backlog, or never enter a sprint, are in `backlog.py`; the tasks with a fixed
fate are in the storyboards.
"""

from __future__ import annotations

from dataclasses import dataclass

STORY, BUG, IMPROVEMENT, CHORE = "Story", "Bug", "Improvement", "Chore"


@dataclass(frozen=True, slots=True)
class Idea:
    """A piece of work before anybody has touched it; `points` None means nobody could say."""

    name: str
    kind: str
    points: int | None
    area: str
    notes: str = ""


def _area(area: str, *rows: tuple[str, str, int] | tuple[str, str, int, str]) -> tuple[Idea, ...]:
    return tuple(Idea(row[0], row[1], row[2], area, row[3] if len(row) == 4 else "") for row in rows)


PAYMENTS = _area(
    "payments",
    (
        "Accept MobilePay for crossings sold in Denmark",
        STORY,
        5,
        "Checkout on the Rødby and Gedser routes first. Same receipt as for cards.",
    ),
    ("Show the surcharge for company cards before the last step", STORY, 2),
    ("Retry a failed capture once before cancelling the booking", IMPROVEMENT, 3),
    ("Card form loses its contents after switching language", BUG, 2),
    (
        "Store receipts for ten years and purge the rest",
        CHORE,
        3,
        "Agreed with the accountant: receipts ten years, card traces thirteen months.",
    ),
    ("Round Norwegian kroner the way the till does", BUG, 1),
    ("Pay the balance of a group booking by bank transfer", STORY, 5),
    ("Reconcile the nightly settlement file against bookings", STORY, 5),
    ("Alert when the authorisation rate drops below 90 percent", CHORE, 2),
    ("Voucher and card in the same payment", STORY, 3),
    (
        "Wrong VAT line on receipts for cabins",
        BUG,
        2,
        "Cabins are 7 percent, meals 19. The receipt adds both under 19.",
    ),
)

BOOKING = _area(
    "booking",
    ("Remember the vehicle of a returning customer", STORY, 3),
    (
        "Let passengers pick a cabin on the deck plan",
        STORY,
        5,
        "Start with the Nordlys; the other two ships have no vector plans yet.",
    ),
    ("Return trip defaults to the same vehicle length", IMPROVEMENT, 1),
    ("Calendar jumps to the wrong month on small screens", BUG, 2),
    ("Add a bicycle trailer as a vehicle kind", STORY, 2),
    ("Hold seats for ten minutes during checkout", STORY, 5),
    ("Show the cheapest day of the week above the results", STORY, 3),
    ("Duplicate passenger rows after the back button", BUG, 2),
    ("Shorter confirmation page with the QR code on top", IMPROVEMENT, 2),
    ("Pets: ask for size only when the kennel deck is limited", IMPROVEMENT, 1),
    ("Move the booking funnel off the old session store", CHORE, 5),
    ("Send the calendar file with the sailing's local time", BUG, 1),
    ("Autocomplete harbours by nickname as well as by name", IMPROVEMENT, 2),
)

TIMETABLE = _area(
    "timetable",
    ("Publish the winter timetable as GTFS", STORY, 5),
    (
        "Mark sailings that depend on the tide",
        STORY,
        3,
        "Only the two shallow harbours. The harbour master sends a table each quarter.",
    ),
    ("Departure board shows yesterday's delay after midnight", BUG, 2),
    ("Timetable search by arrival time", STORY, 3),
    ("Warn when a connection is shorter than 45 minutes", STORY, 3),
    ("Import public holidays of all four countries", CHORE, 2),
    ("One extra sailing shows twice on the day the clocks change", BUG, 3),
    ("Weekly export of punctuality for the harbour authority", STORY, 2),
    ("Cache the route map so the start page loads under two seconds", IMPROVEMENT, 3),
    ("Subscribe to delays of one sailing by SMS", STORY, 5),
)

CAPACITY = _area(
    "capacity",
    ("Count motorhomes by real length instead of by class", STORY, 5),
    ("Keep five lane metres free for the ambulance", STORY, 2),
    ("Overbooking limit per sailing, editable by dispatch", STORY, 3),
    (
        "Waiting list for full weekend sailings",
        STORY,
        5,
        "First come, first served; two hours to confirm; no payment until confirmed.",
    ),
    ("Capacity drifts by one after a cancelled trailer", BUG, 3),
    ("Lock capacity rows in sailing order to stop deadlocks", BUG, 3),
    ("Heavy goods deck: refuse vehicles over 4.2 metres", STORY, 2),
    ("Seat map counts wheelchair places as ordinary seats", BUG, 2),
    ("Nightly check that sold and boarded numbers agree", CHORE, 2),
)

REFUNDS = _area(
    "refunds",
    ("Refund to the original card within one click", STORY, 3),
    ("Partial refund when only one passenger cancels", STORY, 5),
    ("Explain the cancellation fee before the customer confirms", IMPROVEMENT, 1),
    ("Refund e-mail names the wrong harbour", BUG, 1),
    ("Queue refunds while the bank is closed", STORY, 3),
    (
        "Storm cancellations: offer credit worth 110 percent",
        STORY,
        3,
        "Decided by the commercial team; legal has approved the wording.",
    ),
    ("Report of open refunds older than seven days", CHORE, 2),
    ("Customer service can refund without opening a ticket", STORY, 3),
    ("Refund of a voucher creates a second voucher", BUG, 3),
)

ACCESS = _area(
    "access",
    ("Book an assistance slot at the ramp", STORY, 5),
    ("Contrast of the price tags fails WCAG AA", BUG, 1),
    ("Keyboard focus disappears inside the date picker", BUG, 2),
    ("Plain-language version of the conditions of carriage", STORY, 2),
    ("Read out seat numbers in the seat map", STORY, 3),
    ("Larger touch targets on the check-in kiosk", IMPROVEMENT, 2),
    ("Captions for the safety film", CHORE, 2),
    ("Let travellers save assistance needs in their profile", STORY, 3),
)

OPS = _area(
    "ops",
    (
        "Upgrade the booking database to the next major version",
        CHORE,
        5,
        "Rehearsed on a copy first. Needs a quiet hour: Tuesday before the first sailing.",
    ),
    ("Blue-green switch for the checkout service", CHORE, 5),
    ("Dashboards for queue length at the three harbours", STORY, 3),
    ("Page the on-call person when check-in stops answering", CHORE, 2),
    ("Logs leak the passport number on validation errors", BUG, 2),
    ("Load test for the first day of summer sales", CHORE, 3),
    ("Backups of the manifest store are restored every month", CHORE, 2),
    ("Memory of the price service grows until it restarts", BUG, 3),
    ("Rotate the keys of the partner API without downtime", CHORE, 3),
    ("Feature switch for each harbour", IMPROVEMENT, 3),
)

CREW = _area(
    "crew",
    ("Crew app: scan boarding passes in bright sunlight", STORY, 3),
    (
        "Passenger count by muster station",
        STORY,
        5,
        "Required before the season: the count must be right with the radio link down.",
    ),
    ("Hand over the shift with open remarks", STORY, 3),
    ("Crew app logs out in the middle of boarding", BUG, 2),
    ("Show dangerous goods on the loading list", STORY, 3),
    ("Loading order by weight as well as by destination", STORY, 5),
    ("Crew app: dark theme for the bridge at night", IMPROVEMENT, 2),
    ("Vibrate on a refused scan", IMPROVEMENT, 1),
    ("Manifest shows the maiden name after a correction", BUG, 2),
    ("Send the manifest to the coast guard as soon as the ramp closes", STORY, 3),
)

SPRINT_IDEAS = PAYMENTS + BOOKING + TIMETABLE + CAPACITY + REFUNDS + ACCESS + OPS + CREW
"""Work that is planned into sprints, or added to one on the way."""
