"""Frames held out: written last, in other words than `frames`, and never tuned on.

They show how the gate does on sentences it was not made for. Earlier held-out sets became part of `frames` once they had
been looked at. Slots as in `frames`.
"""

from __future__ import annotations

from tests.gate.frames import Frame

S, W, R = ("standup",), ("weekly",), ("retro",)

HELD_OUT_HEADLINES = (
    Frame("headline", "[sprint] is at day [n:sprint.day] of [of:sprint.day] with [n:sprint.done_points] points delivered. [verdict].", shapes=S),
    Frame("headline", "[verdict]: the plan called for [n:sprint.expected_points] points by today, the team has [n:sprint.done_points].", shapes=S),
    Frame("headline", "[n:blocked] of our [of:blocked] open [u:blocked] wait on others; [n:moved.done] were finished since [sinceday].", shapes=S),
    Frame("headline", "[verdict]: [n:stale] stale and [n:overdue] overdue [u:overdue] need a look.", shapes=S),
    Frame("headline", "[verdict]. This week [n:throughput] [u:throughput] were completed, [morefewer:throughput] than last week.", shapes=W),
    Frame("headline", "[verdict]: with even odds we finish by [date:forecast.p50].", shapes=W),
    Frame("headline", "[verdict]. Cycle time has a median of [n:cycle.p50] [u:cycle.p50] ([prev:cycle.p50] last week).", shapes=W),
    Frame("headline", "[sprint]: [n:sprint.committed_points] points committed, [n:sprint.done_points] done, [n:sprint.added_points] added on the way.", shapes=R),
    Frame("headline", "The team finished [n:sprint.done_points] of [of:sprint.done_points] points and carries over [n:carried] [u:carried].", shapes=R),
)  # fmt: skip

HELD_OUT_ITEMS = (
    Frame("blocked", "held back for [tf:blocked_days] [tu:blocked_days] by a certificate that has expired", "blocked", next_step="renew it with operations"),
    Frame("blocked", "[owner] cannot test it until the bank answers", "blocked", next_step="agree a stub"),
    Frame("blocked", "[task] is still [state:blocked] after [tf:blocked_days] [tu:blocked_days]", "blocked"),
    Frame("blocked", "without a reply this will miss [due], its due date", "blocked"),
    Frame("ageing", "the work is [tf:age_days] [tu:age_days] old and its last part is unclear", "ageing", shapes=("standup", "weekly")),
    Frame("ageing", "[state:in progress] for [tf:age_days] [tu:age_days]; p85 is [n:ageing.p85]", "ageing", shapes=S),
    Frame("ageing", "a [pts]-point task that has now run for [tf:age_days] [tu:age_days]", "ageing", shapes=("standup", "weekly")),
    Frame("moved", "sailings appear in the calendar: [task] is [state:done]", "moved.done", shapes=S),
    Frame("moved", "[count] small repairs, all [state:done]", "moved.done", tasks=3, shapes=S),
    Frame("moved", "with [owner] gone to the harbour, someone else reads it: it is [state:in review]", "moved.in_review", shapes=S),
    Frame("moved", "just [state:started], expected on [dueon]", "moved.started", shapes=S),
    Frame("help", "it is [state:overdue], its date was [due]", "overdue", shapes=S),
    Frame("accomplished", "[task] and [task:1]: both [state:done], both in daily use", "accomplished", tasks=2, shapes=W),
    Frame("accomplished", "invoices carry the right number again, a fix worth [pts] points", "accomplished", shapes=W),
    Frame("risks", "[task] has been [state:blocked] for [tf:blocked_days] [tu:blocked_days] and the sprint ends on [date:sprint.end]", "blocked", shapes=W),
    Frame("risks", "nobody owns it and [due] is close", "unassigned", shapes=W),
    Frame("risks", "[n:overdue] [u:overdue] have passed their due date, [n:unassigned] have no owner", "overdue", shapes=W),
    Frame("numbers", "Throughput: [n:throughput] this week, [prev:throughput] last week", shapes=W),
    Frame("numbers", "Scope growth: [n:scope.added] points, [trend:scope.added] from [prev:scope.added]", shapes=W),
    Frame("numbers", "Points: [n:sprint.done_points] done, [rest:sprint.done_points] open", shapes=W),
    Frame("numbers", "Forecast range [date:forecast.p50] to [date:forecast.p85]", shapes=W),
    Frame("next", "start it once review is free; it is due [due]", "todo", shapes=W),
    Frame("patterns", "[n:carried] carried tasks had waited for reviews; is review our narrow place?", "carried", tasks=2, shapes=R),
    Frame("patterns", "p85 of cycle time moved from [prev:cycle.p85] to [n:cycle.p85] [u:cycle.p85]; what changed?", "carried", shapes=R),
    Frame("deviations", "an estimate of [pts] points met [tf:age_days] [tu:age_days] of work", "carried", shapes=R),
    Frame("deviations", "[task]: [state:carried over], no cause recorded", "carried", shapes=R),
    Frame("discuss", "[n:sprint.added_points] points were added and [n:sprint.removed_points] taken out. What decides that?", shapes=R),
    Frame("discuss", "Predictability (say/do) came to [n:say_do]; the sprint before had [prev:say_do]. Should we plan less?", shapes=R),
    Frame("actions", "free the [n:carried] carried tasks first", shapes=R),
)  # fmt: skip
