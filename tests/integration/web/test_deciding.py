"""Deciding in the browser: the same verbs as everywhere, about exactly the draft that was shown, and nobody else's."""

import json
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from facilitator.runs.run import DecisionKind, ParcelKind, Run, RunState
from tests.integration.web.conftest import SignedIn, browser
from tests.integration.web.house import House, example_draft
from tests.integration.web.test_door import csrf

ACTS = ("approve", "reject", "revise", "edit")


def decide(client: TestClient, run: Run, act: str, **words: str) -> int:
    """Send a form as its page would."""
    form = {"csrf": csrf(client), "digest": run.draft_digest or "", "because": "Wrong sprint", **words}
    return client.post(f"/runs/{run.id}/{act}", data=form).status_code


def state(house: House, run: Run) -> RunState:
    return house.app.store.get(run.id).state


def test_a_yes_fixes_the_bytes_to_be_written(house: House, as_: SignedIn) -> None:
    """Approving leads to the run's page; the decision names Alice, the draft and the channel."""
    run = house.run()
    assert decide(as_("Alice"), run, "approve") == 303
    assert state(house, run) is RunState.APPROVED
    (decision,) = house.app.store.decisions(run.id)
    assert (decision.by, decision.channel, decision.draft_digest) == ("Alice", "web", run.draft_digest)
    assert house.app.store.parcels(run.id)[0].body.startswith("<body>")


def test_a_no_is_final_and_needs_a_reason(house: House, as_: SignedIn) -> None:
    """Without a reason nothing happens; with one the run is over and says why."""
    run = house.run()
    assert decide(as_("Alice"), run, "reject", because=" ") == 409
    assert state(house, run) is RunState.JUDGED
    assert decide(as_("Alice"), run, "reject") == 303
    assert house.app.store.get(run.id).reason == "rejected by Alice: Wrong sprint"


def test_a_revision_sends_the_reason_to_the_writer(house: House, as_: SignedIn) -> None:
    """The run goes back to its session; its next draft waits anew."""
    run = house.run()
    assert decide(as_("Alice"), run, "revise") == 303
    assert state(house, run) is RunState.GATHERED
    assert house.app.store.decisions(run.id)[0].kind is DecisionKind.REVISE


def test_an_edit_is_a_new_draft_with_its_own_decision(house: House, as_: SignedIn) -> None:
    """Saved words are shown, wait again, and the old draft can no longer be approved."""
    run, client = house.run(), as_("Alice")
    words = {"blocked[0].text": "waits for the sandbox keys of the vendor"}
    assert decide(client, run, "edit", **words) == 303
    assert "sandbox keys of the vendor" in client.get(f"/approvals/{run.id}").text
    assert decide(client, run, "approve") == 409
    fresh = house.app.store.get(run.id)
    assert fresh.draft_digest != run.draft_digest
    assert decide(client, fresh, "approve") == 303


def test_a_fault_is_shown_beside_its_line_and_nothing_is_changed(house: House, as_: SignedIn) -> None:
    """A typed figure is refused: the visitor's words stay in the form, with the fault in the line's own list."""
    run, client = house.run(), as_("Alice")
    form = {
        "csrf": csrf(client),
        "digest": run.draft_digest or "",
        "headline": example_draft("standup").headline,
        "blocked[0].text": "waits for 17 sandbox keys",
    }
    answer = client.post(f"/runs/{run.id}/edit", data=form)
    assert answer.status_code == 409
    assert 'aria-describedby="f-blocked-0-text-faults"' in answer.text
    assert "waits for 17 sandbox keys</textarea>" in answer.text
    assert house.app.store.get(run.id) == run
    checked = client.post(f"/runs/{run.id}/check", data=form)
    assert "blocked[0]" in checked.text


@pytest.mark.parametrize("act", ACTS)
def test_who_may_only_look_decides_nothing(house: House, as_: SignedIn, act: str) -> None:
    """A viewer, and an admin who is no approver, see the draft without a form, and a form of theirs is refused."""
    run = house.run()
    for who in ("Bob", "Carol"):
        client = as_(who)
        assert f"/runs/{run.id}/approve" not in client.get(f"/approvals/{run.id}").text
        assert decide(client, run, act) == 409
    assert house.app.store.get(run.id) == run


@pytest.mark.parametrize("act", ACTS)
def test_another_team_gets_nothing(house: House, as_: SignedIn, act: str) -> None:
    """For an approver of another team the run is not there."""
    run = house.run()
    dora = as_("Dora")
    assert dora.get(f"/approvals/{run.id}").status_code == 404
    assert decide(dora, run, act) == 404
    assert house.app.store.get(run.id) == run


@pytest.mark.parametrize("act", ACTS)
def test_a_forged_form_gets_nothing(house: House, as_: SignedIn, act: str) -> None:
    """Without the session's own token, with another session's, or from another site, nothing is done."""
    run, alice, erin = house.run(), as_("Alice"), as_("Erin")
    form = {"digest": run.draft_digest or "", "because": "x"}
    for token in ("", "0" * 64, csrf(erin)):
        assert alice.post(f"/runs/{run.id}/{act}", data={**form, "csrf": token}).status_code == 403
    good = {**form, "csrf": csrf(alice)}
    elsewhere = {"Origin": "https://evil.example"}
    assert alice.post(f"/runs/{run.id}/{act}", data=good, headers=elsewhere).status_code == 403
    assert browser(house).post(f"/runs/{run.id}/{act}", data=good).status_code == 303
    assert house.app.store.get(run.id) == run


def test_a_form_sent_twice_decides_once(house: House, as_: SignedIn) -> None:
    """The same yes again changes nothing; a no that was sent again is told that it is over."""
    run, client = house.run(), as_("Alice")
    assert [decide(client, run, "approve") for _ in range(2)] == [303, 303]
    assert len(house.app.store.decisions(run.id)) == 1
    other = house.run(end=run.window.end - timedelta(days=1))
    assert [decide(client, other, "reject") for _ in range(2)] == [303, 409]
    assert len(house.app.store.decisions(other.id)) == 1


def test_two_approvers_at_once(house: House, as_: SignedIn) -> None:
    """Whoever is second is told what the first one did."""
    run, erin = house.run(), as_("Erin")
    assert decide(as_("Alice"), run, "reject") == 303
    form = {"csrf": csrf(erin), "digest": run.draft_digest or ""}
    answer = erin.post(f"/runs/{run.id}/approve", data=form)
    assert answer.status_code == 409
    assert "rejected by Alice: Wrong sprint" in answer.text


def test_a_draft_that_expired_while_its_page_was_open(house: House, as_: SignedIn) -> None:
    """The page says that silence meant no, and nothing is written."""
    run, client = house.run(), as_("Alice")
    token = csrf(client)
    house.later(timedelta(hours=11))
    form = {"csrf": token, "digest": run.draft_digest or ""}
    house.app.store  # noqa: B018 - the run log stays open
    with house.app.store.step(house.app.store.get(run.id), now=house.now) as step:
        step.set(expires_at=house.now)
    answer = client.post(f"/runs/{run.id}/approve", data=form)
    assert answer.status_code == 409
    assert "silence means no" in answer.text
    assert state(house, run) is RunState.JUDGED


def test_nothing_is_decided_about_an_unnamed_draft(house: House, as_: SignedIn) -> None:
    """A form that does not say which draft it is about is refused."""
    run = house.run()
    assert decide(as_("Alice"), run, "approve", digest="") == 409
    assert state(house, run) is RunState.JUDGED


def test_programs_use_the_same_verbs(house: House, as_: SignedIn) -> None:
    """Under /api a bearer token needs no form; a cookie needs the page's token in a header."""
    run, client = house.run(), as_("Alice")
    body = {"digest": run.draft_digest, "because": "Wrong sprint"}
    assert client.post(f"/api/runs/{run.id}/reject", json=body).status_code == 403
    program = browser(house)
    token = client.cookies.get("facilitator_session")
    answer = program.post(
        f"/api/runs/{run.id}/reject", json=body, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200
    assert answer.json()["data"]["run"]["standing"] == "rejected"
    again = program.post(
        f"/api/runs/{run.id}/reject", json=body, headers={"Authorization": f"Bearer {token}"}
    )
    assert (again.status_code, again.json()["error"]["code"]) == (409, "check_failed")


def test_a_whole_draft_may_be_handed_in(house: House, as_: SignedIn) -> None:
    """`edit` and `check` take a draft as JSON; faults come back named, and a check records nothing."""
    run, client = house.run(), as_("Alice")
    headers = {"X-CSRF-Token": csrf(client)}
    draft = json.loads(example_draft("standup").canonical())
    draft["sections"][0]["items"][0]["text"] = "waits for 17 keys"
    answer = client.post(f"/api/runs/{run.id}/check", json={"draft": draft}, headers=headers)
    assert answer.json()["data"]["faults"][0]["where"].startswith("blocked[0]")
    refused = client.post(
        f"/api/runs/{run.id}/edit", json={"draft": draft, "digest": run.draft_digest}, headers=headers
    )
    assert refused.status_code == 409
    assert house.app.store.get(run.id) == run


def test_looking_changes_nothing(house: House, as_: SignedIn) -> None:
    """No GET of any page or address leaves a trace in the run log."""
    run, client = house.run(), as_("Alice")
    for act in ACTS:
        assert client.get(f"/runs/{run.id}/{act}").status_code in (404, 405)
    for path in (f"/runs/{run.id}", f"/approvals/{run.id}", f"/runs/{run.id}/explain?what=headline"):
        assert client.get(path).status_code == 200
    assert house.app.store.get(run.id) == run


def test_every_line_of_a_document_explains_itself(house: House, as_: SignedIn) -> None:
    """Each line leads to reasons; those of a bullet name its rule and tasks."""
    run, client = house.run(), as_("Bob")
    page = client.get(f"/runs/{run.id}").text
    lines = page.count('class="line"')
    assert lines > 5
    assert page.count('class="why"') == lines
    reasons = client.get(f"/runs/{run.id}/explain?what=blocked[0]").text
    assert "Rule" in reasons
    assert "Waits for the sandbox keys" in reasons
    assert client.get(f"/api/runs/{run.id}/explain").json()["data"]["reasons"][0]["what"] == "coverage"


def test_hostile_words_stay_words(house: House, as_: SignedIn) -> None:
    """What a draft or a reason holds is shown as text, whatever it looks like."""
    run, client = house.run(), as_("Alice")
    decide(client, run, "reject", because="<script>alert(1)</script>")
    for path in (f"/runs/{run.id}", "/", "/runs"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_no_secret_is_on_any_page(house: House, as_: SignedIn) -> None:
    """Neither key of the deployment, nor the digest of a session, is shown anywhere."""
    run, client = house.run(), as_("Carol")
    session = client.cookies.get("facilitator_session") or "none"
    for path in ("/", "/runs", f"/runs/{run.id}", "/api/today", f"/api/runs/{run.id}"):
        text = client.get(path).text
        for secret in ("canary-asana-token", "canary-anthropic-key", session):
            assert secret not in text


def changes_of(house: House, run: Run) -> list[str]:
    return [one.target or "" for one in house.app.store.parcels(run.id) if one.kind is ParcelKind.CHANGE]


def test_proposed_changes_are_shown_and_only_those_ticked_are_meant(house: House, as_: SignedIn) -> None:
    """Each with a tick of its own; a page that showed none says yes to none."""
    run, alice = house.proposing(house.run()), as_("Alice")
    page = alice.get(f"/approvals/{run.id}").text
    assert "task (5): todo -&gt; done" in page
    assert page.count('name="change-2" value="yes" checked') == 1
    assert decide(alice, run, "approve") == 409
    assert decide(alice, run, "approve", changes="ticked", **{"change-9": "yes"}) == 409
    assert decide(alice, run, "approve", changes="ticked", **{"change-2": "yes"}) == 303
    assert changes_of(house, run) == ["6"]
    assert house.app.store.decisions(run.id)[-1].because == "changes 2"
    assert "task (6): todo -&gt; done" in alice.get(f"/runs/{run.id}").text


@pytest.mark.parametrize(("said", "meant"), [("none", []), ("1,2", ["5", "6"])])
def test_a_program_names_the_changes_it_means(
    house: House, as_: SignedIn, said: str, meant: list[str]
) -> None:
    """By number, or none; without a word nothing is decided."""
    run, alice = house.proposing(house.run()), as_("Alice")
    address, headers = f"/api/runs/{run.id}/approve", {"X-CSRF-Token": csrf(alice)}
    body = {"digest": run.draft_digest}
    assert alice.post(address, json=body, headers=headers).status_code == 409
    assert alice.post(address, json={**body, "changes": "some"}, headers=headers).status_code == 409
    assert alice.post(address, json={**body, "changes": said}, headers=headers).status_code == 200
    assert changes_of(house, run) == meant
