"""Frames held out: written after the gate was tuned, in other words, and never tuned on.

They show how the gate does on sentences it was not made for. Slots as in `frames`.
"""

from __future__ import annotations

from tests.gate.frames import Frame

S, W, R = ("standup",), ("weekly",), ("retro",)

HELD_OUT_HEADLINES = (
    Frame("headline", "[verdict] with [rest:sprint.done_points] points left and [n:sprint.day] of [of:sprint.day] days used.", shapes=S),
    Frame("headline", "[n:moved.done] tasks reached done since [sinceday], yet the sprint is [plan].", shapes=S),
    Frame("headline", "[verdict]: [n:sprint.done_points] points finished so far, [of:sprint.done_points] planned, [n:sprint.expected_points] expected by now.", shapes=S),
    Frame("headline", "A quiet morning on day [n:sprint.day]: [n:moved] moves, [n:blocked] blockers.", shapes=S),
    Frame("headline", "[sprint] has [n:blocked] blocked [u:blocked] among its [of:blocked] open ones. [verdict].", shapes=S),
    Frame("headline", "[verdict]; the team closed [n:throughput] [u:throughput], which is [change:throughput] [morefewer:throughput] than last week.", shapes=W),
    Frame("headline", "[verdict] this week: [n:overdue] overdue [u:overdue], [n:blocked] blocked, and a p85 forecast of [date:forecast.p85].", shapes=W),
    Frame("headline", "[verdict], since [n:scope.added] points joined the scope after [prev:scope.added] the previous week.", shapes=W),
    Frame("headline", "In [sprint] the team closed [n:sprint.done_points] points; the previous sprint closed [prev:sprint.done_points].", shapes=R),
    Frame("headline", "[n:carried] tasks were not finished in [sprint], and work waited [n:blocked.days] [u:blocked.days] in total.", shapes=R),
    Frame("headline", "Of [of:sprint.done_points] points in scope at the end, [n:sprint.done_points] were done.", shapes=R),
)  # fmt: skip

HELD_OUT_ITEMS = (
    Frame("blocked", "stalled [tf:blocked_days] [tu:blocked_days] ago when the account was locked", "blocked", next_step="get the account unlocked"),
    Frame("blocked", "[task] cannot go on: [tf:blocked_days] [tu:blocked_days] of waiting for a certificate", "blocked"),
    Frame("blocked", "needs a signature; the deadline is [due]", "blocked", next_step="ask for it at noon call"),
    Frame("blocked", "it is [state:in progress] only on paper, and nothing has moved for [tf:blocked_days] [tu:blocked_days]", "blocked"),
    Frame("blocked", "[owner] wrote to the bank, no answer yet", "blocked", next_step="phone the bank"),
    Frame("blocked", "this task and the rest of the [n:blocked] blocked ones share a cause", "blocked"),
    Frame("ageing", "[tf:age_days] [tu:age_days] since work began; the team usually needs at most [n:ageing.p85]", "ageing", shapes=S),
    Frame("ageing", "has now taken [tf:age_days] [tu:age_days], and is [state:in progress]", "ageing", shapes=("standup", "weekly")),
    Frame("ageing", "estimated at [pts] points, open for [tf:age_days] [tu:age_days]", "ageing", shapes=("standup", "weekly")),
    Frame("moved", "[state:done]; the harbour office can drop its spreadsheet", "moved.done", shapes=S),
    Frame("moved", "[owner] has it [state:in review]", "moved.in_review", shapes=S),
    Frame("moved", "[task] and [task:1] are both [state:done] and live", "moved.done", tasks=2, shapes=S),
    Frame("moved", "[pts] points of checkout work, [state:done] and documented", "moved.done", shapes=S),
    Frame("help", "is [dueday] still realistic?", "moved.started", shapes=S),
    Frame("help", "[state:not started] and [state:no owner]: keep it in the sprint?", "unassigned", shapes=S),
    Frame("accomplished", "passengers choose a cabin on the plan; [task] was [state:done] with [pts] points", "accomplished", shapes=W),
    Frame("accomplished", "[owner] and others brought it home: it is [state:done]", "accomplished", shapes=W),
    Frame("risks", "[task] is [state:blocked]; without keys by [date:sprint.end] it leaves the sprint", "blocked", next_step="decide on the stub", shapes=W),
    Frame("risks", "the date, [due], has passed and it is [state:not done]", "overdue", shapes=W),
    Frame("risks", "[n:stale] of [of:stale] started [u:stale] have gone stale, this one too", "overdue", shapes=W),
    Frame("numbers", "Blocked: [n:blocked] of [of:blocked]; overdue: [n:overdue] of [of:overdue]", shapes=W),
    Frame("numbers", "Closed this week [n:throughput], last week [prev:throughput]", shapes=W),
    Frame("numbers", "Most likely done on [date:forecast.p50]; with 85 % certainty by [date:forecast.p85]", shapes=W),
    Frame("numbers", "The median cycle time is [n:cycle.p50] [u:cycle.p50], previously [prev:cycle.p50]", shapes=W),
    Frame("numbers", "Hygiene [rosefell:hygiene] from [prev:hygiene] to [n:hygiene]", shapes=W),
    Frame("next", "[state:not started]; planned to be ready on [due]", "todo", shapes=W),
    Frame("patterns", "late work: [n:sprint.added_points] [u:sprint.added_points] entered after planning; could some have waited?", "carried", shapes=R),
    Frame("patterns", "[n:carried] of our tasks rolled over; were they started too late?", "carried", shapes=R),
    Frame("patterns", "p85 of cycle time stands at [n:cycle.p85] [u:cycle.p85], the median at [n:cycle.p50]", "carried", shapes=R),
    Frame("deviations", "[task] was [state:carried over] with [pts] points; no cause recorded", "carried", shapes=R),
    Frame("deviations", "planned [n:sprint.committed_points] points, finished [n:sprint.done_points]", "carried", shapes=R),
    Frame("discuss", "Say/do stood at [n:say_do], compared with [prev:say_do] in the sprint before. Is that worth a change?", shapes=R),
    Frame("discuss", "We took out [n:sprint.removed_points] points. Who should decide that next time?", shapes=R),
    Frame("actions", "close one of the [n:actions.open] open actions before adding another", shapes=R),
)  # fmt: skip
