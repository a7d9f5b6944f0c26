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


def team(name: str, *, late: bool = False, begun: bool = False) -> Callable[[], object]:
    """A call for this team."""
    return lambda: claiming(name, late=late, begun=begun)


async def test_teams_take_turns() -> None:
    """A team with many calls waiting holds up nobody: each team that waits gets every n-th turn."""
    large = [(f"large {number}", team("large")) for number in range(4)]

    order = await served(
        *large, ("small 1", team("small")), ("tiny 1", team("tiny")), ("small 2", team("small"))
    )

    assert order == ["large 0", "small 1", "tiny 1", "large 1", "small 2", "large 2", "large 3"]


async def test_an_answer_goes_before_a_late_run_and_what_is_begun_before_what_is_not() -> None:
    """A session that waits for a tool costs money; a run near its deadline has no time to lose; finishing goes before starting."""
    order = await served(
        ("start", team("a")),
        ("late start", team("b", late=True)),
        ("begun", team("c", begun=True)),
        ("late", team("d", late=True, begun=True)),
        ("answer", at_once_please),
    )

    assert order == ["answer", "late", "late start", "begun", "start"]


async def left(pace: Pace, calls: int, *, clock: Clock | None = None) -> list[float]:
    """When each of so many calls left that were all asked for at one instant."""
    clock = clock or Clock()
    gate = turnstile(clock, pace)

    async def one() -> float:
        async with gate.turn():
            return clock.now

    return sorted(await asyncio.gather(*(one() for _ in range(calls))))


async def test_a_quota_counted_all_the_time_is_used_up_but_for_a_second_in_a_minute() -> None:
    """300 a minute: 297 calls take a minute, and no second holds more than five, also where it was quiet before."""
    times = await left(Pace.steady(300), 297)

    assert times[-1] == pytest.approx(60, abs=0.5)
    assert all(later - earlier >= 0.5 for earlier, later in zip(times, times[5:], strict=False))


@pytest.mark.parametrize("quota", [6, 120, 150, 1500])
async def test_no_minute_holds_more_than_its_quota(quota: int) -> None:
    """Where a service counts the calls of the last minute, what may leave at once is part of the quota, not on top of it."""
    times = await left(Pace.in_any_minute(quota), 3 * quota)

    assert all(later - earlier >= 60 for earlier, later in zip(times, times[quota:], strict=False))


async def test_a_large_quota_is_nearly_used_up() -> None:
    """Of 1,500 calls a minute not more than 25 are kept back."""
    times = await left(Pace.in_any_minute(1500), 3000)

    assert times[-1] <= 3000 / 1475 * 60


async def test_a_batch_pays_for_each_of_its_calls() -> None:
    """Ten in one go are ten calls to the quota: at 60 a minute the next ones wait ten seconds."""
    clock = Clock()
    gate = turnstile(clock, Pace(60, 10))
    for _ in range(3):
        async with gate.turn(calls=10):
            pass

    assert clock.now == pytest.approx(20, abs=0.01)


async def test_a_batch_larger_than_the_bucket_is_paid_for_afterwards() -> None:
    """It leaves when the bucket is full, and what follows waits the longer for it."""
    clock = Clock()
    gate = turnstile(clock, Pace(60, 2))
    for _ in range(2):
        async with gate.turn(calls=10):
            pass

    assert clock.now == pytest.approx(10, abs=0.01)


async def test_a_batch_waits_for_as_many_places_and_is_not_overtaken_for_ever() -> None:
    """Of eight places it needs five: what ranks lower waits behind it, though there is room for one."""
    gate, order = turnstile(Clock(), Pace.boundless(), read=8), list[str]()
    landed = asyncio.Event()

    async def call(name: str, calls: int, claim: Callable[[], object]) -> None:
        with claim():  # type: ignore[attr-defined]
            async with gate.turn("read", calls=calls):
                order.append(name)
                if name == "first":
                    await landed.wait()

    tasks = [
        asyncio.create_task(call(*one))
        for one in (("first", 5, team("a")), ("batch", 5, team("b", late=True)), ("single", 1, team("c")))
    ]
    for _ in range(5):
        await asyncio.sleep(0)
    assert order == ["first"]
    landed.set()
    await asyncio.gather(*tasks)

    assert order == ["first", "batch", "single"]


async def test_without_a_quota_nobody_waits() -> None:
    """A service on this machine is nobody's quota."""
    assert set(await left(Pace.boundless(), 1000)) == {0.0}


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

        def take(self, calls: int = 1) -> float:
            """One wait, then nothing."""
            self.asked += calls
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
