"""Pages over many runs: what readers said, sums that follow a decision at once, and lists that say what documents say."""

from datetime import timedelta

from facilitator.runs.followups import Opinion
from facilitator.runs.run import RunState
from tests.integration.web.conftest import SignedIn
from tests.integration.web.house import NOW, House


def said(run: str, kind: str, text: str = "", times: int = 1) -> Opinion:
    return Opinion(run, f"story-{kind}", kind, "901", text, times, NOW)


def test_what_readers_said_is_shown_beside_the_verdicts(house: House, as_: SignedIn) -> None:
    """A reply `wrong: ...` with its words and its document, reactions as counts; another team's are nobody's business."""
    ours, theirs = house.run(RunState.WRITTEN), house.run(RunState.WRITTEN, team="quay")
    followups = house.app.followups
    followups.heard(
        ours.id, [said(ours.id, "wrong", "that one is <done>"), said(ours.id, "like", times=3)], now=NOW
    )
    followups.heard(theirs.id, [said(theirs.id, "wrong", "not ours")], now=NOW)
    page = as_("Alice").get("/quality").text
    assert "that one is &lt;done&gt;" in page
    assert f'href="/runs/{ours.id}"' in page
    assert "not ours" not in page
    [told] = as_("Alice").get("/api/quality").json()["data"]["ceremonies"]
    assert (told["said_wrong"], told["likes"], told["dislikes"]) == (1, 3, 0)
    assert [one["text"] for one in told["wrong"]] == ["that one is <done>"]


def test_words_that_were_purged_leave_their_count(house: House, as_: SignedIn) -> None:
    """The complaint stays, and says why it is silent."""
    run = house.run(RunState.WRITTEN)
    house.app.followups.heard(run.id, [said(run.id, "wrong")], now=NOW)
    assert "The words were purged." in as_("Alice").get("/quality").text


def test_sums_follow_a_decision_at_once(house: House, as_: SignedIn) -> None:
    """Weeks that are kept summed up are summed up again when one of their runs moves, and only then."""
    run, client = house.run(), as_("Alice")

    def rejected() -> int:
        return int(client.get("/api/quality").json()["data"]["ceremonies"][0]["rejected"])

    assert rejected() == 0
    assignment = house.app.assignment(run.team, run.ceremony)
    house.app.approvals.reject(
        run, assignment, who="Alice", because="Wrong sprint", now=house.now, channel="web"
    )
    assert rejected() == 1


def test_lists_say_what_documents_say(house: House, as_: SignedIn) -> None:
    """A written run by its headline, others by where they stand."""
    run, client = house.run(end=NOW - timedelta(days=1)), as_("Alice")
    form = {
        "csrf": client.get("/").text.partition('name="csrf" value="')[2].partition('"')[0],
        "digest": run.draft_digest or "",
    }
    client.post(f"/runs/{run.id}/approve", data=form)
    with house.app.store.step(house.app.store.get(run.id), now=NOW) as step:
        step.move(RunState.WRITTEN, "comment 1300 on task 1299")
    [line] = client.get("/api/runs").json()["data"]["runs"]
    assert line["says"] in client.get("/runs").text
    assert line["says"] != "comment 1300 on task 1299"


def test_a_long_list_of_drafts_is_told_in_parts(house: House, as_: SignedIn) -> None:
    """With how many there are in all, and the way back; nonsense in the address is the first part."""
    for day in range(3):
        house.run(end=NOW - timedelta(days=day))
    client = as_("Alice")
    every, rest = (client.get(f"/api/approvals?after={after}").json()["data"] for after in ("-1", "2"))
    assert (every["count"], len(every["waiting"]), every["after"]) == (3, 3, None)
    assert (rest["count"], rest["first"], rest["waiting"]) == (3, 2, every["waiting"][2:])
    assert "3 to 3 of 3" in client.get("/approvals?after=2").text


def test_a_paused_ceremony_says_so(house: House, as_: SignedIn) -> None:
    """On Today and among what comes: who paused it and why, instead of an hour at which nothing will happen."""
    house.app.pauses.pause("harbour", "standup", who="Alice", because="the team is at the fair", now=NOW)
    client = as_("Bob")
    [team] = client.get("/api/today").json()["data"]["teams"]
    [slot] = [slot for slot in team["slots"] if slot["ceremony"] == "standup"]
    assert (slot["standing"], slot["paused"]["by"]) == ("paused", "Alice")
    coming = client.get("/api/teams/harbour").json()["data"]["coming"]
    assert {one["title"] for one in coming if one["paused"]} == {"Daily stand-up"}
    for path in ("/", "/teams/harbour"):
        assert "the team is at the fair" in client.get(path).text


def test_programs_are_told_who_they_are(house: House, as_: SignedIn) -> None:
    """What the frame around every page shows, and no other team's name."""
    house.run()
    me = as_("Bob").get("/api/me").json()["data"]
    assert me == {
        "name": "Bob",
        "roles": {"harbour": "viewer"},
        "teams": {"harbour": "Harbour"},
        "waiting": 1,
    }
