"""Frames held out: written last, in other words than `frames`, and never tuned on.

They show how the gate does on sentences it was not made for. Earlier held-out sets became part of `frames` once they had
been looked at. Slots as in `frames`.
"""

from __future__ import annotations

from tests.gate.frames import Frame

S, W, R = ("standup",), ("weekly",), ("retro",)

HELD_OUT_HEADLINES = (
    Frame("headline", "Day [n:sprint.day] of [sprint]: [verdict], [n:sprint.done_points] of [of:sprint.done_points] points in the bag.", shapes=S),
    Frame("headline", "[verdict]: by now [n:sprint.expected_points] points should be done, and [n:sprint.done_points] are.", shapes=S),
    Frame("headline", "[verdict]. [n:unassigned] tasks lack an owner, [n:overdue] are late.", shapes=S),
    Frame("headline", "The sprint is [plan], [n:blocked] [u:blocked] being stuck.", shapes=S),
    Frame("headline", "[verdict]: [n:moved.in_review] tasks sit in review and [n:wip] are in progress against a limit of [n:wip.limit].", shapes=S),
    Frame("headline", "[verdict]: [n:throughput] tasks left the board finished; a week ago it was [prev:throughput].", shapes=W),
    Frame("headline", "[verdict], and the p85 forecast for the rest is [date:forecast.p85].", shapes=W),
    Frame("headline", "[verdict]: median cycle time [rosefell:cycle.p50] to [n:cycle.p50] days.", shapes=W),
    Frame("headline", "[sprint] closed with [n:carried] [u:carried] carried over and [n:sprint.done_points] points done.", shapes=R),
    Frame("headline", "From [n:sprint.committed_points] committed points [sprint] arrived at [n:sprint.done_points] done.", shapes=R),
)  # fmt: skip

HELD_OUT_ITEMS = (
    Frame("blocked", "the queue at the vendor has cost [tf:blocked_days] [tu:blocked_days] so far", "blocked", next_step="ask for a named contact"),
    Frame("blocked", "[task] is [state:blocked], and [owner] is on it", "blocked"),
    Frame("blocked", "stopped by a missing key; promised for [due]", "blocked"),
    Frame("blocked", "among the [n:blocked] blocked [u:blocked] this is the one to free first", "blocked"),
    Frame("ageing", "at [tf:age_days] [tu:age_days] it is the oldest piece of work on the board", "ageing", shapes=("standup", "weekly")),
    Frame("ageing", "[pts] points were the guess, [tf:age_days] [tu:age_days] the reality so far", "ageing", shapes=("standup", "weekly")),
    Frame("ageing", "[owner] has had it open for [tf:age_days] [tu:age_days]", "ageing", shapes=("standup", "weekly")),
    Frame("moved", "[task], [state:done] since yesterday's call, removes a manual step", "moved.done", shapes=S),
    Frame("moved", "the [count] tasks are [state:done], so the report can be built", "moved.done", tasks=2, shapes=S),
    Frame("moved", "[state:in review] now, with the harder half left to read", "moved.in_review", shapes=S),
    Frame("moved", "[task] got [state:started] and has a date: [dueon]", "moved.started", shapes=S),
    Frame("help", "[task] has been [state:overdue] since [due]; who closes it?", "overdue", shapes=S),
    Frame("help", "due [dueday] and [state:no owner]", "unassigned", shapes=S),
    Frame("accomplished", "finance gets its export: [task] is [state:done]", "accomplished", shapes=W),
    Frame("accomplished", "the team got [task] and [task:1] [state:done]", "accomplished", tasks=2, shapes=W),
    Frame("risks", "with [n:overdue] overdue [u:overdue] the end of the sprint on [date:sprint.end] is tight", "overdue", shapes=W),
    Frame("risks", "[task] is [state:not done] although it was due on [due]", "overdue", next_step="cut it in half", shapes=W),
    Frame("risks", "[state:blocked] for [tf:blocked_days] [tu:blocked_days], with [pts] points at stake", "blocked", shapes=W),
    Frame("numbers", "Tasks finished: [n:throughput] (previous week: [prev:throughput])", shapes=W),
    Frame("numbers", "Added to scope: [n:scope.added] points, after [prev:scope.added] last week", shapes=W),
    Frame("numbers", "Half of all forecasts end by [date:forecast.p50], 85 % by [date:forecast.p85]", shapes=W),
    Frame("numbers", "Hygiene at [n:hygiene] against [prev:hygiene] last week", shapes=W),
    Frame("numbers", "[n:blocked] blocked, [n:overdue] overdue, [n:stale] stale", shapes=W),
    Frame("next", "[owner] takes [task] to done by [due]", "progress", shapes=W),
    Frame("patterns", "[n:carried] tasks did not get finished; did [n:sprint.added_points] added points crowd them out?", "carried", tasks=2, shapes=R),
    Frame("patterns", "cycle time at p85 is [n:cycle.p85] [u:cycle.p85]", "carried", shapes=R),
    Frame("patterns", "waiting took [n:blocked.days] [u:blocked.days] of this sprint; could we ask earlier?", "blocked", shapes=R),
    Frame("deviations", "[task] came to [tf:age_days] [tu:age_days]; it was sized at [pts] points", "carried", shapes=R),
    Frame("deviations", "[state:not done] when the sprint closed on [date:sprint.end]", "carried", shapes=R),
    Frame("discuss", "Why did [n:sprint.removed_points] points leave the sprint?", shapes=R),
    Frame("discuss", "Say/do is [n:say_do] now, [prev:say_do] in the sprint before: does it tell us anything?", shapes=R),
    Frame("actions", "no new work while [n:carried] carried tasks are open", shapes=R),
)  # fmt: skip
