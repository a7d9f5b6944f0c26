"""B3: reading `large-sdk` for a retro, 50 ms added to each answer, against the official `asana` SDK: `make bench ONLY=B3`.

Both make the same calls of the same simulated Asana, in another process and without a quota: the project, its sections, its
tasks page by page, and the history of each task that the retro's Facts need. The SDK asks one after another, as its own
iterators do. Ours and the SDK's alternate, and the quickest of each counts: other work on the machine meets both. Then the next
day's read in another process, from the run log's snapshot: its calls against the first read's.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asana

from benchmarks.figures import Figure, measured
from benchmarks.world import serving
from facilitator.asana import AsanaTracker, Limits
from facilitator.asana.fields import PAID_TASK_FIELDS, PROJECT_FIELDS, STORY_FIELDS, TASK_FIELDS
from facilitator.board.snapshot import ProjectGid, Snapshot
from facilitator.runs.archive import pack, unpack
from jobs.retro import HISTORY
from tests.packs import packs_dir

DELAY = 0.05
FASTER, NEXT_DAY = 5.0, 10.0
ROUNDS = 2
SPRINT = timedelta(days=14)
LIMITS = Limits(requests_per_minute=1500, burst=1500, reads_in_flight=50)
"""What a paid plan allows; the burst, so that the quota is in nobody's way here."""


def measure() -> list[Figure]:
    """Seconds of both, and the calls of two days."""
    world = packs_dir() / "large-sdk.json"
    raw = json.loads(world.read_text())
    project, as_of = raw["projects"][0]["gid"], datetime.fromisoformat(raw["as_of"])
    ours, theirs = list[float](), list[float]()
    with serving(str(world), delay=DELAY) as environ:
        for _ in range(ROUNDS):
            before, began = _calls(environ), time.monotonic()
            snapshot = asyncio.run(_ours(environ, project, as_of, None))
            ours.append(time.monotonic() - began)
            calls = _calls(environ) - before
            read = [task.gid for task in snapshot.tasks if task.stories_read]
            before, began = _calls(environ), time.monotonic()
            stories = _theirs(environ, project, read)
            theirs.append(time.monotonic() - began)
            asked = _calls(environ) - before
            print(
                f"ours {ours[-1]:.1f} s, {calls} calls, {len(read)} histories; SDK {theirs[-1]:.1f} s, {asked} calls, {stories} stories"
            )
        kept, before = pack(snapshot), _calls(environ)
        next_day = asyncio.run(_ours(environ, project, as_of + timedelta(days=1), unpack(kept)))
        second = _calls(environ) - before
    assert len(next_day.tasks) == len(snapshot.tasks)
    quickest = f"ours {min(ours):.1f} s, the SDK {min(theirs):.1f} s, each the quickest of {ROUNDS}"
    return [
        Figure(
            "B3", min(theirs) / min(ours), FASTER, "x as fast", "the asana SDK asking the same", lower=False,
            note=f"{calls} calls, {len(snapshot.tasks)} tasks, {len(read)} histories; {quickest}; "
            "50 reads in flight as Asana allows; no quota, which at 1,500 calls a minute would bound both",
        ),
        Figure(
            "B3", 100 * second / calls, NEXT_DAY, "% of the calls the next day", "the first read",
            note=f"{second} calls; nothing changed in between, so this is the least a day costs; each changed task adds one",
        ),
    ]  # fmt: skip


async def _ours(
    environ: Mapping[str, str], project: str, as_of: datetime, earlier: Snapshot | None
) -> Snapshot:
    async with AsanaTracker(
        base_url=environ["ASANA_BASE_URL"], token=lambda: environ["ASANA_ACCESS_TOKEN"], limits=LIMITS
    ) as tracker:
        since = as_of - SPRINT - HISTORY
        return await tracker.read_project(
            ProjectGid(project), as_of=as_of, history_since=since, earlier=earlier
        )


def _theirs(environ: Mapping[str, str], project: str, histories: Sequence[str]) -> int:
    settings = asana.Configuration()
    settings.host, settings.access_token = environ["ASANA_BASE_URL"], environ["ASANA_ACCESS_TOKEN"]
    client: Any = asana.ApiClient(settings)
    asana.ProjectsApi(client).get_project(project, {"opt_fields": ",".join(PROJECT_FIELDS)})
    list(asana.SectionsApi(client).get_sections_for_project(project, {"limit": 100}))
    wanted = {"opt_fields": ",".join((*TASK_FIELDS, *PAID_TASK_FIELDS)), "limit": 100}
    list(asana.TasksApi(client).get_tasks_for_project(project, wanted))
    api, told = asana.StoriesApi(client), {"opt_fields": ",".join(STORY_FIELDS), "limit": 100}
    return sum(len(list(api.get_stories_for_task(gid, told))) for gid in histories)


def _calls(environ: Mapping[str, str]) -> int:
    base = urlsplit(environ["ASANA_BASE_URL"])
    with urllib.request.urlopen(f"{base.scheme}://{base.netloc}/_sandbox/tally") as answer:  # noqa: S310 - loopback
        return sum(one["count"] for one in json.load(answer))


def main(words: Sequence[str] = (), /) -> int:
    """Print the figures; 1 where a bar was missed."""
    return measured(measure, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
