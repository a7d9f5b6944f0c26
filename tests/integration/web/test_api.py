"""The API: described by itself, answering what it describes, for the teams of whoever asks."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]  # the library has no types
import pytest
from starlette.testclient import TestClient

from facilitator.runs.run import RunState
from facilitator.web.openapi import document
from tests.integration.web.conftest import SignedIn, browser
from tests.integration.web.house import House
from tests.integration.web.test_door import csrf


@pytest.fixture
def filled(house: House) -> House:
    """Harbour with one run that waits, Quay with one that was written."""
    house.run()
    house.run(RunState.WRITTEN, ceremony="weekly_status")
    house.run(RunState.WRITTEN, team="quay")
    return house


def answer_of(client: TestClient, path: str) -> Any:
    """A path of the description with its places filled in."""
    run = client.get("/api/runs").json()["data"]["runs"][0]["id"]
    return client.get(path.replace("{run}", run).replace("{team}", "harbour"))


def test_the_description_is_openapi() -> None:
    """Every operation has a name of its own, every reference leads somewhere, every path begins with /api."""
    told = document()
    assert told["openapi"] == "3.1.0"
    operations = [one for path in told["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    assert all(path.startswith("/api/") for path in told["paths"])
    for reference in references(told):
        found: Any = told
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


READS = [path for path, one in document()["paths"].items() if "get" in one]


@pytest.mark.parametrize("path", READS)
def test_answers_keep_to_the_description(filled: House, as_: SignedIn, path: str) -> None:
    """What a path answers is valid by its own schema, in the envelope of every verb."""
    told = document()
    answer = answer_of(as_("Alice"), path)
    assert answer.status_code == 200
    content = told["paths"][path]["get"]["responses"]["200"]["content"]
    schema = {**content["application/json"]["schema"], "components": told["components"]}
    jsonschema.validate(answer.json(), schema)


@pytest.mark.parametrize("path", READS)
def test_a_refusal_keeps_to_the_description(filled: House, path: str) -> None:
    """Without a session every path answers the same envelope with an error that says what to do."""
    told = document()
    answer = browser(filled).get(path)
    assert answer.status_code == 401
    content = told["paths"][path]["get"]["responses"]["401"]["content"]
    jsonschema.validate(
        answer.json(), {**content["application/json"]["schema"], "components": told["components"]}
    )


def test_the_description_is_served_to_those_inside(filled: House, as_: SignedIn) -> None:
    """It names no team; still it is for people who are signed in."""
    assert as_("Bob").get("/api/openapi.json").json()["info"]["title"] == "facilitator"
    assert browser(filled).get("/api/openapi.json").status_code == 401


def test_only_an_admin_fires(house: House, as_: SignedIn) -> None:
    """Carol fires the window that ends now, once; Alice and Bob may not, and Dora finds no such team."""
    refused = [fire(as_(who)).status_code for who in ("Alice", "Bob", "Dora")]
    assert refused == [403, 403, 404]
    carol = as_("Carol")
    first, second = fire(carol), fire(carol)
    assert first.json() == second.json()
    run = house.app.store.get(first.json()["data"]["run_id"])
    assert (run.team, run.state, run.trigger) == ("harbour", RunState.SCHEDULED, "web")


def fire(client: TestClient) -> Any:
    return client.post("/api/teams/harbour/standup/fire", headers={"X-CSRF-Token": csrf(client)})


def test_an_unforeseen_fault_is_a_sentence(house: House, as_: SignedIn) -> None:
    """No traceback reaches a visitor, on a page or under /api."""
    client = as_("Alice")
    client.app.state.site.app.library.ceremonies = None  # type: ignore[attr-defined]
    quiet = TestClient(
        client.app, base_url="http://127.0.0.1", raise_server_exceptions=False, cookies=client.cookies
    )
    for path in ("/runs", "/api/runs"):
        answer = quiet.get(path)
        assert answer.status_code == 500
        assert "Traceback" not in answer.text
        assert "unforeseen" in answer.text
