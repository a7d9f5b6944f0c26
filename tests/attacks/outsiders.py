"""What people without a right do, carried out: answers on an approval task, and deliveries to our web port.

Each act goes over HTTP as that person's own, or as nobody's. What came of it is asked of the run log and of the bells.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
from starlette.testclient import TestClient

from facilitator.board.snapshot import ProjectGid
from facilitator.runs.approval_tasks import ApprovalTasks
from facilitator.runs.run import Run, RunState
from facilitator.sandbox import Sandbox
from facilitator.service.application import Application
from facilitator.web.app import build_web
from tests.attacks.corpus_files import Attack, AttackClass, filled
from tests.attacks.planting import BOB, project_of, words_of

BOBS_TOKEN = f"token-{BOB}"
OUTSIDER = httpx.Client(verify=False, trust_env=False)  # noqa: S501 - loopback only; a context of certificates is slow to build

Settle = Callable[[Run], Awaitable[Run]]


async def answered(
    app: Application, world: Sandbox, klass: AttackClass, run: Run, settle: Settle
) -> list[tuple[str, str]]:
    """Bob, who is no approver, answers in every way; what he reached, by canary. The chore looks after each answer."""
    reached = []
    for attack in klass.attacks:
        act = _ACTS.get(attack.where)
        if act is None:
            continue
        before = app.store.draft(run.id, run.draft_digest or "")
        asked = ApprovalTasks(app.database).find(run.id, run.draft_digest or "")
        if asked is None or asked.gid is None:
            return [(attack.canary, "nobody was asked, so nothing was tried")]
        _does(world, f"/tasks/{asked.gid}", act(filled(attack.text, words_of(klass, attack.canary))))
        run = await settle(app.store.get(run.id))
        if not run.waits_for_a_person or app.store.draft(run.id, run.draft_digest or "") != before:
            reached.append(
                (attack.canary, f"{attack.where} {attack.text[:40]!a}: {run.state}, {run.reason[:80]}")
            )
    return reached


Act = Callable[[str], tuple[str, str, dict[str, Any]]]
"""From an attack's text to the call: method, the end of the path, and what is sent."""

_ACTS: dict[str, Act] = {
    "says": lambda text: ("POST", "/stories", {"text": text}),
    "sets": lambda text: ("PUT", "", {"approval_status": text}),
    "rewrites": lambda text: ("PUT", "", {"notes": text}),
    "completes": lambda _text: ("PUT", "", {"completed": True}),
    "reassigns": lambda text: ("PUT", "", {"assignee": text}),
}


def _does(world: Sandbox, task: str, call: tuple[str, str, dict[str, Any]]) -> None:
    method, path, data = call
    headers = {"Authorization": f"Bearer {BOBS_TOKEN}"}
    answer = OUTSIDER.request(method, f"{world.asana_url}{task}{path}", json={"data": data}, headers=headers)
    assert answer.is_success, answer.text


def pushed(app: Application, klass: AttackClass) -> Iterator[tuple[str, str]]:
    """Deliveries that nobody signed for us, sent to the program's own port; what each reached, by canary."""
    attacks = [attack for attack in klass.attacks if attack.where == "pushes"]
    if not attacks:
        return
    app.hooks.expect("hooked", ProjectGid(project_of(klass)), now=app.clock())
    assert app.hooks.shake("hooked", "a-secret-of-asanas", now=app.clock())
    web = TestClient(build_web(app), base_url="http://127.0.0.1:8484", raise_server_exceptions=False)
    for attack in attacks:
        yield from ((attack.canary, why) for why in _pushed(app, web, attack, klass))
    if (
        app.hooks.get("guessed")
        or (kept := app.hooks.get("hooked")) is None
        or kept.secret != "a-secret-of-asanas"
    ):
        yield attacks[0].canary, "a secret of somebody else's was kept"


def _pushed(app: Application, web: TestClient, attack: Attack, klass: AttackClass) -> Iterator[str]:
    wanted = json.loads(filled(attack.text, words_of(klass, attack.canary)))
    before = (app.board_bell.rings, app.run_bell.rings, len(app.store.recent(limit=500)))
    answer = web.post(f"/hooks/{wanted['to']}", content=json.dumps(wanted["body"]), headers=wanted["headers"])
    if answer.status_code not in (401, 404, 413):
        yield f"it was answered with {answer.status_code}"
    if before != (app.board_bell.rings, app.run_bell.rings, len(app.store.recent(limit=500))):
        yield "it rang a bell, or started a run"


def unwanted(run: Run) -> Iterator[str]:
    """Why a run that nobody may have decided on is not where it should be."""
    if run.state is not RunState.JUDGED or not run.waits_for_a_person:
        yield f"nobody decided, and yet {run.state} in mode {run.mode}: {run.reason}"
