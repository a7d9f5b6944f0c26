"""Webhooks: asked for, shaken hands over, and then told of every event of their resource, signed.

Owns the handshake, the filters and the posting, which happens in a thread of its own so that no call waits for a target. Two
things differ from the real service on purpose: only targets on this machine are called (the real one refuses those with 403),
and a delivery is tried three times within a second instead of for 24 hours. What the error of a failed handshake says is assumed.
"""

import contextlib
import hashlib
import hmac
import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from facilitator.sandbox.asana.calls import Answer, Call, Done, Found, Listed, nodes
from facilitator.sandbox.asana.errors import ApiError, bad
from facilitator.sandbox.asana.fields import COMPACT, Renderer, View
from facilitator.sandbox.asana.shapes import SHAPES
from facilitator.sandbox.asana.values import read_gid
from facilitator.sandbox.asana.world import Node, Record, World

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TIMEOUT_SECONDS = 10.0
TRIES = 3
TOGETHER_SECONDS = 0.02
"""How long events are gathered into one delivery."""
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def create_webhook(call: Call) -> Answer:
    """Ask for a webhook: its target must answer the handshake while this call is open."""
    call.only("resource", "target", "filters")
    world, target = call.world, call.required("target")
    resource = read_gid(call.required("resource"), "resource")
    kind = next((kind for kind in ("project", "task") if world.get(kind, resource)), None)
    if kind is None:
        raise ApiError(404, f"resource: Unknown object: {resource}")
    if not isinstance(target, str) or urlsplit(target).hostname not in LOOPBACK:
        raise ApiError(403, "target: The sandbox calls no machine but this one")
    secret = hashlib.sha256(f"{resource}{target}{world.last_gid}".encode()).hexdigest()
    if not _shakes_hands(target, secret):
        raise bad("The remote server did not respond with the handshake secret.")
    webhook = {
        "gid": world.new_gid(),
        "resource": {"gid": resource, "kind": kind},
        "target": target,
        "filters": call.data.get("filters") or [],
        "created_at": world.now(),
        "secret": secret,
    }
    world.add("webhook", webhook)
    if not world.listeners:
        world.listeners.append(Post(world).offer)
    return Found(Node("webhook", webhook), 201, {"X-Hook-Secret": secret})


def list_webhooks(call: Call) -> Answer:
    """List the webhooks of a workspace, or of one resource in it."""
    if "workspace" not in call.query:
        raise bad("workspace: Missing input")
    call.world.find("workspace", call.query["workspace"])
    wanted = call.query.get("resource")
    found = [one for one in call.world.all("webhook") if wanted in (None, one["resource"]["gid"])]
    return Listed(nodes("webhook", found))


def get_webhook(call: Call) -> Answer:
    """Answer one webhook."""
    return Found(Node("webhook", call.target("webhook")))


def delete_webhook(call: Call) -> Answer:
    """End a webhook; a delivery may still be on its way."""
    webhook = call.target("webhook")
    del call.world.tables["webhook"][webhook["gid"]]
    return Done()


class Post:
    """The thread that delivers: what is offered to it is rendered at once and sent a little later, in order."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: queue.SimpleQueue[tuple[Record, dict[str, Any]]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True).start()

    def offer(self, scopes: Iterable[str], event: Record) -> None:
        """Take in one event of these streams, for every webhook that wants it."""
        wanted = [
            hook
            for hook in self._world.all("webhook")
            if hook["resource"]["gid"] in scopes and passes(hook["filters"], event)
        ]
        if wanted:
            view = View(self._world, self._world.bot_gid)
            shown = Renderer(SHAPES, view).show(Node("event", event), COMPACT)
            for hook in wanted:
                self._waiting.put((hook, shown))

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            time.sleep(TOGETHER_SECONDS)
            with contextlib.suppress(queue.Empty):
                while len(batch) < 100:
                    batch.append(self._waiting.get_nowait())
            for gid in dict.fromkeys(hook["gid"] for hook, _event in batch):
                hook = next(hook for hook, _event in batch if hook["gid"] == gid)
                events = [event for other, event in batch if other["gid"] == gid]
                _deliver(hook, json.dumps({"events": events}).encode())


def passes(filters: list[Record], event: Record) -> bool:
    """Whether any filter lets an event pass; no filters let all pass."""
    change = event.get("change") or {}
    return not filters or any(
        one.get("resource_type") == event["resource"]["kind"]
        and one.get("action", event["action"]) == event["action"]
        and (not one.get("fields") or change.get("field") in one["fields"])
        for one in filters
    )


def _shakes_hands(target: str, secret: str) -> bool:
    answered = _post(target, b"{}", {"X-Hook-Secret": secret})
    return answered is not None and answered.get("X-Hook-Secret") == secret


def _deliver(hook: Record, body: bytes) -> None:
    signature = hmac.new(hook["secret"].encode(), body, hashlib.sha256).hexdigest()
    for attempt in range(TRIES):
        if _post(hook["target"], body, {"X-Hook-Signature": signature}) is not None:
            return
        time.sleep(0.1 * (attempt + 1))


def _post(target: str, body: bytes, headers: dict[str, str]) -> Any:
    """Post to a target on this machine; its answer's headers, or None where it did not take it."""
    sent = urllib.request.Request(  # noqa: S310 - the caller checked that it is a loopback address
        target, data=body, headers={"Content-Type": "application/json", **headers}, method="POST"
    )
    try:
        with _DIRECT.open(sent, timeout=TIMEOUT_SECONDS) as answer:
            return answer.headers if answer.status in (200, 204) else None
    except (urllib.error.URLError, OSError, ValueError):
        return None
