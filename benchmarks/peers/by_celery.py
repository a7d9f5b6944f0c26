"""Celery beat: so many entries due at one instant, each a no-op that notes when it began; prints the latenesses as JSON.

Beat and one worker (pool `solo`) in one process over the broker in memory, which is the kindest to it: nothing is kept.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta, timezone

from celery import Celery
from celery.beat import EmbeddedService, Scheduler
from celery.contrib.testing.worker import start_worker
from celery.schedules import schedule


def main(count: int, ahead: float, bound: float) -> None:
    """Fire and print."""
    app = Celery("bench", broker="memory://", backend=None)
    started: list[float] = []

    @app.task(name="noop", ignore_result=True)
    def noop() -> None:
        started.append(time.time())

    due = time.time() + ahead
    hour = timedelta(hours=1)
    last = datetime.fromtimestamp(due, timezone.utc) - hour  # noqa: UP017 - of every Python that Celery runs on
    app.conf.beat_schedule = {
        str(number): {"task": "noop", "schedule": schedule(hour), "last_run_at": last}
        for number in range(count)
    }
    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR"):
        beat = EmbeddedService(app, thread=True, scheduler_cls=Scheduler)
        beat.start()
        while len(started) < count and time.time() < due + bound:
            time.sleep(0.05)
        print(json.dumps([at - due for at in started]), flush=True)
        beat.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
