"""One queue in front of one token."""

import asyncio
from collections.abc import Callable

import pytest

from facilitator.asana import Limiter, Limits
from facilitator.errors import ConfigurationError
from tests.unit.asana.fake import FakeTime

pytestmark = pytest.mark.anyio


def limiter(time: FakeTime, **limits: int) -> Limiter:
    return Limiter(Limits(**limits), clock=time.clock, sleep=time.sleep)  # type: ignore[arg-type]


async def calls(queue: Limiter, count: int, *, write: bool = False) -> None:
    for _ in range(count):
        async with queue.turn(write=write):
            pass


async def test_a_burst_is_free_and_the_rest_keeps_the_pace() -> None:
    """At 120 a minute and a burst of 10, the 30th call leaves after ten seconds."""
    time = FakeTime()
    await calls(limiter(time, requests_per_minute=120, burst=10), 30)
    assert time.slept == pytest.approx(10, abs=0.01)


async def test_the_default_stays_within_a_free_workspace() -> None:
    """Any minute of the default pace holds at most the 150 requests of a free workspace."""
    time = FakeTime()
    queue = limiter(time)
    await calls(queue, 150)
    assert time.slept >= 59.9


async def test_idle_time_saves_no_more_than_a_burst() -> None:
    """An hour of silence does not buy an hour of calls."""
    time = FakeTime()
    queue = limiter(time, requests_per_minute=60, burst=5)
    await calls(queue, 5)
    await time.sleep(3600)
    time.naps.clear()
    await calls(queue, 8)
    assert time.slept == pytest.approx(3, abs=0.01)


async def test_a_pause_holds_reads_and_writes_of_the_token() -> None:
    """`Retry-After` speaks for the token, not for the one request."""
    time = FakeTime()
    queue = limiter(time)
    queue.pause(20)
    await calls(queue, 1, write=True)
    assert time.slept >= 20


async def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    """Two refusals at once: the longer wait holds."""
    time = FakeTime()
    queue = limiter(time)
    queue.pause(20)
    queue.pause(5)
    await calls(queue, 1)
    assert time.slept >= 20


async def test_the_bucket_starts_empty_after_a_pause() -> None:
    """After a refusal the calls come back one by one, not as a burst that is refused again."""
    time = FakeTime()
    queue = limiter(time, requests_per_minute=60, burst=30)
    queue.pause(10)
    await calls(queue, 3)
    assert time.slept == pytest.approx(13, abs=0.01)


@pytest.mark.parametrize(("write", "most"), [(False, 3), (True, 2)])
async def test_calls_in_flight_are_bounded(write: bool, most: int) -> None:
    """Asana refuses what is too much at once; reads and writes have their own bounds."""
    queue = limiter(FakeTime(), burst=100, reads_in_flight=3, writes_in_flight=2)
    seen: list[int] = []
    flying = 0

    async def call() -> None:
        nonlocal flying
        async with queue.turn(write=write):
            flying += 1
            seen.append(flying)
            await asyncio.sleep(0)
            flying -= 1

    await asyncio.gather(*(call() for _ in range(20)))
    assert max(seen) == most


@pytest.mark.parametrize(
    "make",
    [
        lambda: Limits(requests_per_minute=1501),
        lambda: Limits(requests_per_minute=0),
        lambda: Limits(reads_in_flight=51),
        lambda: Limits(writes_in_flight=16),
        lambda: Limits(attempts=0),
        lambda: Limits(story_reads=-1),
        lambda: Limits(burst=0),
    ],
)
def test_limits_beyond_asanas_own_are_refused(make: Callable[[], Limits]) -> None:
    """A limit above Asana's ceiling would only be answered with 429."""
    with pytest.raises(ConfigurationError, match="must lie between"):
        make()
