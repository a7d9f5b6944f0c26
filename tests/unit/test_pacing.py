"""Quotas are kept before they are hit, and everybody gets a turn."""

import asyncio
from collections.abc import Callable

import pytest

from facilitator.pacing import Level, LocalBucket, Pace, Turnstile, at_once_please, claiming, spend

pytestmark = pytest.mark.anyio


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        """Jump, and let the others go on."""
        self.now += seconds
        await asyncio.sleep(0)


def turnstile(clock: Clock, pace: Pace = Pace(60, 1), **lanes: int) -> Turnstile:  # noqa: B008 - it is frozen
    """One call a second."""
    return Turnstile(LocalBucket(pace, clock=lambda: clock.now), sleep=clock.sleep, lanes=lanes)


async def served(*calls: tuple[str, Callable[[], object]]) -> list[str]:
    """Ask for all turns at one instant, after one that took the only token; the order in which they came."""
    gate, order = turnstile(Clock()), list[str]()
    async with gate.turn():
        pass

    async def one(name: str, rank: Callable[[], object]) -> None:
        with rank():  # type: ignore[attr-defined]
            async with gate.turn():
                order.append(name)

    await asyncio.gather(*(one(*call) for call in calls))
    return order


def team(name: str, *, late: bool = False) -> Callable[[], object]:
    """A call for this team."""
    return lambda: claiming(name, late=late)


async def test_teams_take_turns() -> None:
    """A team with many calls waiting holds up nobody: each team that waits gets every n-th turn."""
    large = [(f"large {number}", team("large")) for number in range(4)]

    order = await served(
        *large, ("small 1", team("small")), ("tiny 1", team("tiny")), ("small 2", team("small"))
    )

    assert order == ["large 0", "small 1", "tiny 1", "large 1", "small 2", "large 2", "large 3"]


async def test_an_answer_goes_before_a_late_run_and_both_before_the_rest() -> None:
    """A session that waits for a tool costs money; a run near its deadline has no time to lose."""
    order = await served(("usual", team("a")), ("late", team("b", late=True)), ("answer", at_once_please))

    assert order == ["answer", "late", "usual"]


async def test_a_quota_is_never_exceeded_and_never_left_unused() -> None:
    """300 a minute, at most five at once: a hundred calls take nineteen seconds, whoever asks."""
    clock = Clock()
    gate = turnstile(clock, Pace.steady(300))

    async def one() -> float:
        async with gate.turn():
            return clock.now

    times = sorted(await asyncio.gather(*(one() for _ in range(100))))

    assert times[-1] == pytest.approx(19.0, abs=0.01)
    assert all(times[place + 10] - times[place] >= 0.999 for place in range(90))


async def test_a_refusal_holds_everybody_back() -> None:
    """`Retry-After` speaks for the organisation; after it the calls come one by one."""
    clock = Clock()
    gate = turnstile(clock, Pace(60, 30))
    gate.pause(20)
    for _ in range(3):
        async with gate.turn():
            pass

    assert clock.now == pytest.approx(23, abs=0.01)


async def test_a_full_lane_holds_up_its_own_kind_only() -> None:
    """Reads in flight leave room for writes."""
    gate, order = turnstile(Clock(), Pace(6000, 100), read=1, write=1), list[str]()
    landed = asyncio.Event()

    async def call(name: str, lane: str) -> None:
        async with gate.turn(lane):
            order.append(name)
            if name == "first":
                await landed.wait()

    tasks = [
        asyncio.create_task(call(*one)) for one in (("first", "read"), ("second", "read"), ("third", "write"))
    ]
    for _ in range(5):
        await asyncio.sleep(0)
    assert order == ["first", "third"]
    landed.set()
    await asyncio.gather(*tasks)

    assert order == ["first", "third", "second"]


async def test_who_gives_up_waiting_costs_nobody_a_turn() -> None:
    """A cancelled call leaves the queue; the next one goes in its place."""
    clock = Clock()
    gate = turnstile(clock, read=1)
    async with gate.turn("read"):
        impatient = asyncio.create_task(_pass(gate))
        patient = asyncio.create_task(_pass(gate))
        await asyncio.sleep(0)
        impatient.cancel()
    await asyncio.wait_for(patient, 5)

    assert impatient.cancelled() or impatient.cancelling()


async def _pass(gate: Turnstile) -> None:
    async with gate.turn("read"):
        pass


async def test_a_quota_that_cannot_be_asked_lets_nobody_through() -> None:
    """The database of a cluster is away: callers hear of it, and none is let through uncounted."""

    class Away:
        """A bucket without its database."""

        asked = 0

        def take(self) -> float:
            """One wait, then nothing."""
            self.asked += 1
            if self.asked == 1:
                return 1.0
            raise OSError("away")

        def pause(self, seconds: float) -> None:
            """Nothing."""

    gate = Turnstile(Away(), sleep=Clock().sleep)
    with pytest.raises(OSError, match="away"):
        async with gate.turn():
            pass


async def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    """Two refusals at once: the longer wait holds, in one process or in ten."""
    level = Level(5, 0).paused(10, 20).paused(11, 2)

    assert spend(level, Pace(60, 5), 12)[1] == pytest.approx(18)
