"""The tone linter on its own corpus: what a team would not want to read, beside what merely looks like it."""

import pytest

from facilitator.drafts import tone
from facilitator.drafts.draft import Draft, DraftSection, Item

BAD = {
    "blame": (
        "The team failed to finish the import.",
        "Someone forgot to renew the certificate.",
        "She should have asked earlier.",
        "This is the fault of the reviewers.",
        "The delay is their fault.",
        "They neglected the review queue again.",
        "We should have known better.",
        "The developers ignored the warning.",
    ),
    "ranking": (
        "Mara was the top performer of the sprint.",
        "Linh is the best developer on this board.",
        "The most productive person closed the refund.",
        "Alex was slower than the others.",
        "Our weakest contributor took the kiosk.",
        "Juno outperformed everyone.",
    ),
    "total": (
        "Mara closed 5 tasks.",
        "Alex finished nine points.",
        "Five tasks by Mara were closed.",
        "Each developer closed three tasks.",
    ),
    "mood": (
        "The team seems frustrated.",
        "Morale is low.",
        "People feel tired after the release.",
        "Everyone is happy with the outcome.",
        "The mood was good.",
    ),
    "cheering": (
        "Great job on the release!",
        "The team crushed it.",
        "An amazing sprint.",
        "Kudos to everyone.",
        "What rockstars.",
        "Keep up the good work.",
    ),
    "padding": (
        "It is worth noting that the import is open.",
        "As we all know, reviews take time.",
        "In conclusion, two tasks are open.",
        "Going forward, the team reviews earlier.",
        "We leverage synergies between the teams.",
        "Needless to say, the work goes on.",
    ),
    "shouting": ("This is STILL BLOCKED TODAY.", "FINISH THIS NOW PLEASE."),
}

GOOD = (
    "The import failed at night and was started again.",
    "The payment call fails with a timeout.",
    "Waits for keys from the vendor.",
    "The test fails on the kiosk only.",
    "The best next step is to ask the vendor today.",
    "The top of the list is unchanged.",
    "Slower than planned: the review took longer than the work.",
    "Two tasks were finished.",
    "Five tasks are blocked.",
    "The review queue grew.",
    "Who can take the review?",
    "The happy path of the booking works.",
    "The low-season timetable is in place.",
    "A great-circle distance is used for the route.",
    "The API answers with JSON now.",
    "The GDPR export is in review.",
    "Refunds reach the bank within a day.",
    "The certificate expires this month.",
    "Nobody owns the certificate yet.",
    "The owner asks for a decision today.",
    "What would have let the waiting work move sooner?",
    "Agree today who takes it.",
    "The mood board for the new page is attached.",
    "Handed over for review.",
    "The score of the accessibility check rose.",
    "Going by the board, the work is done.",
    "It stays open until the vendor answers.",
    "The failed refund is visible to the passenger.",
    "The star icon marks a favourite route.",
    "Finish open work before starting more.",
)


def said(text: str, *more: str) -> Draft:
    """A draft whose items say this."""
    items = tuple(Item(text=one) for one in (text, *more))
    return Draft(ceremony="standup", headline="On track.", sections=(DraftSection(id="moved", items=items),))


def test_the_corpus_has_at_least_sixty_sentences() -> None:
    """A small corpus proves little."""
    assert sum(map(len, BAD.values())) + len(GOOD) >= 60


@pytest.mark.parametrize("sentence", [sentence for sentences in BAD.values() for sentence in sentences])
def test_what_a_team_would_not_want_to_read_is_refused(sentence: str) -> None:
    """Each is told with its place, its words and how to say it instead."""
    faults = tone.check(said(sentence), people=("Mara K.", "Alex T.", "Linh N.", "Juno A."))
    assert faults
    assert faults[0].check == "tone"
    assert (faults[0].where, faults[0].sentence) == ("moved[0].text", sentence)


@pytest.mark.parametrize("sentence", GOOD)
def test_plain_sentences_that_look_alike_pass(sentence: str) -> None:
    """A word is not an offence: what matters is what it says of people."""
    assert tone.check(said(sentence), people=("Mara K.", "Alex T.")) == []


def test_three_emojis_are_a_sign_and_four_a_wall() -> None:
    """The limit counts the whole document."""
    assert tone.check(said("🟢 calm", "🟡 close", "🔴 stuck")) == []
    assert "emoji" in tone.check(said("🟢 calm", "🟡 close", "🔴 stuck", "🟢 again"))[0].message
