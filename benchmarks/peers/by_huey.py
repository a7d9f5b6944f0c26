"""Huey: so many tasks put off to one instant, each a no-op that notes when it began; prints the latenesses as JSON.

Queue and schedule in memory, one worker thread, and the scheduler looks each second, which is the soonest that Huey allows.
"""

from __future__ import annotations

import json
import math
import sys
import time
from datetime import datetime

from huey import MemoryHuey


def main(count: int, ahead: float, bound: float) -> None:
    """Fire and print."""
    huey = MemoryHuey("bench", results=False)
    started: list[float] = []

    @huey.task()
    def noop() -> None:
        started.append(time.time())

    due = math.ceil(time.time() + ahead)
    for _ in range(count):
        noop.schedule(eta=datetime.fromtimestamp(due))  # noqa: DTZ006 - Huey takes local time
    consumer = huey.create_consumer(workers=1, scheduler_interval=1, periodic=False)
    consumer.start()
    while len(started) < count and time.time() < due + bound:
        time.sleep(0.05)
    print(json.dumps([at - due for at in started]), flush=True)
    consumer.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
