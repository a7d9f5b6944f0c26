"""Who gets in, who sees what, and what a request must bring along."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from facilitator.runs.signins import SignIns
from tests.integration.web.conftest import SignedIn, browser
from tests.integration.web.house import CONFIGURATION, House, furnished

PAGES = ("/", "/approvals", "/runs")


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_without_signing_in(house: House, path: str) -> None:
    """A stranger is sent to the sign-in page, a program is told so in JSON."""
    client = browser(house)
    assert client.get(path).headers["location"].startswith("/signin?next=")
    api = client.get(f"/api{path}".rstrip("/").replace("/api/", "/api/") if path != "/" else "/api/today")
    assert (api.status_code, api.json()["error"]["code"]) == (401, "sign_in_needed")


def test_a_link_signs_in_once(house: House) -> None:
    """The button of the page uses the link up; looking at the page does not."""
    token = SignIns(house.app.database).make_link("Alice", now=house.now, lasts=timedelta(minutes=15))
    client = browser(house)
    assert "Sign in as Alice" in client.get("/signin", params={"token": token}).text
    answer = client.post("/signin", data={"token": token, "next": "/runs"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert client.get("/").status_code == 200
    assert browser(house).post("/signin", data={"token": token}).status_code == 403


def test_a_link_grows_old(house: House) -> None:
    """After its few minutes a link opens nothing, used or not."""
    token = SignIns(house.app.database).make_link("Alice", now=house.now, lasts=timedelta(minutes=15))
    house.later(timedelta(minutes=15))
    assert browser(house).post("/signin", data={"token": token}).status_code == 403


def test_a_session_ends_by_itself(house: House, as_: SignedIn) -> None:
    """Half a day after signing in the visitor is asked again."""
    client = as_("Alice")
    assert client.get("/").status_code == 200
    house.later(house.app.settings.web.session)
    assert client.get("/").status_code == 303


def test_signing_out_ends_the_session_everywhere(house: House, as_: SignedIn) -> None:
    """A copy of the cookie opens nothing afterwards, and only the session's own page can sign it out."""
    client = as_("Alice")
    assert client.post("/signout", data={"csrf": "forged"}).status_code == 403
    copied = client.cookies.get("facilitator_session") or ""
    client.post("/signout", data={"csrf": csrf(client)})
    again = browser(house)
    again.cookies.set("facilitator_session", copied, domain="127.0.0.1")
    assert again.get("/").status_code == 303


def test_sign_in_is_slowed_down(house: House) -> None:
    """The eleventh attempt within a minute is not even looked at."""
    client = browser(house)
    codes = [client.post("/signin", data={"token": f"guess-{n}"}).status_code for n in range(11)]
    assert codes == [403] * 10 + [429]


def test_sign_in_leads_to_our_own_pages_only(house: House) -> None:
    """A link cannot send the visitor elsewhere after signing in."""
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        token = SignIns(house.app.database).make_link("Alice", now=house.now, lasts=timedelta(minutes=15))
        house.later(timedelta(minutes=1))
        answer = browser(house).post("/signin", data={"token": token, "next": elsewhere})
        assert answer.headers["location"] == "/"


def test_another_name_for_this_machine_is_refused(house: House) -> None:
    """A page elsewhere that points its own name at us gets nothing (DNS rebinding)."""
    client = browser(house)
    assert client.get("/signin", headers={"Host": "evil.example"}).status_code == 421


def test_a_person_sees_their_own_teams_only(house: House, as_: SignedIn) -> None:
    """Another team's name, runs and people are nowhere: not on a page, not under /api."""
    theirs = house.run(team="quay")
    client = as_("Bob")
    for path in ("/", "/approvals", "/runs", "/runs?team=quay", "/api/today", "/api/runs?team=quay"):
        text = client.get(path).text
        assert "Quay" not in text
        assert theirs.id not in text
    assert client.get(f"/runs/{theirs.id}").status_code == 404
    assert client.get(f"/api/runs/{theirs.id}").status_code == 404


def test_someone_the_configuration_drops_is_out(house: House, as_: SignedIn) -> None:
    """A session of a name that stands in no team any more opens nothing."""
    assert as_("Mallory").get("/").status_code == 303


def test_every_answer_is_strict(house: House, as_: SignedIn) -> None:
    """No inline script, no frame, no sniffing, nothing kept by caches; also where it is an error."""
    client = as_("Alice")
    for path in ("/", "/nope", "/api/today", "/signin"):
        headers = client.get(path).headers
        assert "'unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_no_page_holds_inline_code(house: House, as_: SignedIn) -> None:
    """Nothing on a page would need the policy to be weaker."""
    house.run()
    for path in PAGES:
        text = as_("Alice").get(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert " onclick" not in text


def test_a_link_from_elsewhere_finds_the_session(house: House, as_: SignedIn) -> None:
    """The strict cookie stays behind when a link is followed from Asana: the visitor is sent round once, not to sign in."""
    stranger = browser(house)
    answer = stranger.get("/runs?team=harbour", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert 'content="0;url=/runs?team=harbour"' in answer.text
    assert stranger.get("/runs?team=harbour", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


PROXIED = CONFIGURATION.replace(
    "port = 8484", 'trusted_header = "X-Forwarded-User"\ntrusted_peers = ["127.0.0.1"]\nport = 8484'
).replace('"Alice", ', '{ name = "Alice", login = "alice@example.org" }, ')


@pytest.fixture
def proxied(tmp_path_factory: pytest.TempPathFactory) -> House:
    return furnished(tmp_path_factory.mktemp("proxied"), PROXIED)


def from_peer(house: House, peer: str) -> TestClient:
    return TestClient(
        browser(house).app, base_url="http://127.0.0.1", follow_redirects=False, client=(peer, 4711)
    )


def test_a_proxy_on_the_list_names_the_visitor(proxied: House) -> None:
    """Its word opens a session, which counts only while it names the same person."""
    client = from_peer(proxied, "127.0.0.1")
    alice, bob = {"X-Forwarded-User": "alice@example.org"}, {"X-Forwarded-User": "Bob"}
    assert "Sign in as Alice" in client.get("/signin", headers=alice).text
    assert client.post("/signin", headers=alice).status_code == 303
    assert client.get("/", headers=alice).status_code == 200
    assert client.get("/", headers=bob).status_code == 303
    assert client.get("/").status_code == 303


def test_nobody_else_is_believed(proxied: House) -> None:
    """The same header from another address is worth nothing."""
    client = from_peer(proxied, "10.0.0.9")
    answer = client.post("/signin", headers={"X-Forwarded-User": "alice@example.org"})
    assert answer.status_code == 403


def csrf(client: TestClient) -> str:
    """The token on the session's own pages."""
    text = client.get("/").text
    return text.partition('name="csrf" value="')[2].partition('"')[0]
