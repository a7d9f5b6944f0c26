"""Rate limits."""

from facilitator.sandbox.asana.limits import RateLimits

ANN = {"authorization": "Bearer ann"}
BEN = {"authorization": "bearer ben"}


class _Timer:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _call(limits: RateLimits, headers: dict[str, str] = ANN, method: str = "GET") -> tuple[str, int] | None:
    refusal = limits.enter(method, "/tasks/1", headers)
    limits.leave(method, headers)
    return refusal


def test_calls_past_the_limit_are_refused_until_the_minute_is_over() -> None:
    """The refusal says how long to wait, and waiting that long helps."""
    timer = _Timer()
    limits = RateLimits(2, monotonic=timer)
    assert (_call(limits), _call(limits)) == (None, None)
    timer.now += 15
    refusal = _call(limits)
    assert refusal is not None
    assert refusal[1] == 45
    timer.now += 60
    assert _call(limits) is None


def test_refused_calls_count_too() -> None:
    """Who does not wait makes it worse."""
    timer = _Timer()
    limits = RateLimits(1, monotonic=timer)
    _call(limits)
    timer.now += 59
    _call(limits)
    timer.now += 1
    assert _call(limits) == ("You have made too many requests recently. Please, be chill.", 59)


def test_each_token_has_its_own_limit() -> None:
    """One token's haste is not another's."""
    limits = RateLimits(1)
    _call(limits, ANN)
    assert _call(limits, BEN) is None


def test_the_51st_read_at_once_is_refused() -> None:
    """Fifty reads may be in flight, and writes are counted apart."""
    limits = RateLimits(None)
    flying = [limits.enter("GET", "/tasks/1", ANN) for _ in range(51)]
    assert flying[:50] == [None] * 50
    assert flying[50] is not None
    assert limits.enter("POST", "/tasks/1", ANN) is None


def test_the_16th_write_at_once_is_refused_and_the_next_is_not() -> None:
    """When one has landed there is room again."""
    limits = RateLimits(None)
    flying = [limits.enter("PUT", "/tasks/1", ANN) for _ in range(16)]
    assert flying[15] is not None
    limits.leave("PUT", ANN)
    limits.leave("PUT", ANN)
    assert limits.enter("PUT", "/tasks/1", ANN) is None


def test_a_batch_is_charged_as_its_actions() -> None:
    """Ten actions break a limit of five."""
    limits = RateLimits(5)
    assert limits.charge("ann", 4) is None
    assert limits.charge("ann", 4) is not None


def test_without_a_limit_nothing_is_counted_by_the_minute() -> None:
    """The counter can be off."""
    limits = RateLimits(None)
    assert limits.charge("ann", 10_000) is None
