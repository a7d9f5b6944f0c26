"""Sentence frames for the corpus: what a good scrum master would write, with slots where claims go.

`[kind:argument]` is a slot; `drafting` fills it rightly and `mutating` wrongly. Kinds: n (a fact's figure), of (its
denominator), u (its unit's noun), tf (a figure of the cited task), tu (its noun), pts, task, owner, due, dueday, dueon
(weekday and date), since, sinceday, date (a date fact), state (words true of the cited tasks), count (how many are cited),
trend (a direction word), prev (the earlier figure), gap, rest, change, plan (ahead of or behind plan), verdict, sprint,
ord (a day as ordinal), pct (a share in percent).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """One item or headline. `cites` names the list fact its tasks come from, `tasks` how many it cites."""

    place: str
    text: str
    cites: str = ""
    tasks: int = 1
    next_step: str = ""
    shapes: tuple[str, ...] = ("standup", "weekly", "retro")


S, W, R = ("standup",), ("weekly",), ("retro",)
SW = ("standup", "weekly")

HEADLINES = (
    Frame("headline", "[sprint], day [n:sprint.day] of [of:sprint.day]. [verdict]: [n:sprint.done_points] of [of:sprint.done_points] [u:sprint.done_points] done against [n:sprint.expected_points] expected by today.", shapes=S),
    Frame("headline", "[verdict]: [n:sprint.done_points] [u:sprint.done_points] are done, [n:sprint.expected_points] were expected by this morning.", shapes=S),
    Frame("headline", "[verdict]. [n:blocked] of [of:blocked] [u:blocked] are blocked and [n:overdue] overdue.", shapes=S),
    Frame("headline", "Day [n:sprint.day] of [of:sprint.day]: the team has finished [n:sprint.done_points] of [of:sprint.done_points] planned [u:sprint.done_points].", shapes=S),
    Frame("headline", "On the [ord:sprint.day] day of [sprint], [n:blocked] [u:blocked] are stuck and [n:moved.done] moved to done.", shapes=S),
    Frame("headline", "[verdict]: the sprint is [gap] [u:sprint.done_points] [plan].", shapes=S),
    Frame("headline", "[verdict], with [pct:sprint.done_points] of the points done on day [n:sprint.day] of [of:sprint.day].", shapes=S),
    Frame("headline", "[verdict]: [n:wip] tasks in progress, [n:blocked] of them blocked; [rest:sprint.done_points] [u:sprint.done_points] still to go.", shapes=S),
    Frame("headline", "[sprint], day [n:sprint.day]. [n:moved.done] tasks finished, [n:moved.in_review] in review and [n:moved.started] started since [sinceday].", shapes=S),
    Frame("headline", "[verdict]: [n:throughput] tasks finished, [trend:throughput] from [prev:throughput] the week before.", shapes=W),
    Frame("headline", "[verdict]: the team finished [n:throughput] [u:throughput] this week and [prev:throughput] last week.", shapes=W),
    Frame("headline", "[verdict], because [n:blocked] [u:blocked] are blocked and the forecast is [date:forecast.p85] at the latest.", shapes=W),
    Frame("headline", "[verdict]: median cycle time is [n:cycle.p50] [u:cycle.p50], [trend:cycle.p50] from [prev:cycle.p50].", shapes=W),
    Frame("headline", "[verdict]: [change:throughput] [morefewer:throughput] tasks finished than last week.", shapes=W),
    Frame("headline", "[sprint] ended with [n:sprint.done_points] of [of:sprint.done_points] [u:sprint.done_points] done, against [prev:sprint.done_points] in the previous sprint.", shapes=R),
    Frame("headline", "The team committed [n:sprint.committed_points] [u:sprint.committed_points], added [n:sprint.added_points] and finished [n:sprint.done_points].", shapes=R),
    Frame("headline", "[n:sprint.done_points] [u:sprint.done_points] done, [trend:sprint.done_points] from [prev:sprint.done_points] in the sprint before.", shapes=R),
    Frame("headline", "[sprint]: say/do was [n:say_do], with [n:carried] [u:carried] carried over.", shapes=R),
    Frame("headline", "[verdict] on day [n:sprint.day] of [of:sprint.day]: the burndown shows [n:sprint.done_points] [u:sprint.done_points] closed where [n:sprint.expected_points] were expected.", shapes=S),
    Frame("headline", "[sprint] stands at [n:sprint.done_points] of [of:sprint.done_points] points; [n:blocked] [u:blocked] cannot move.", shapes=S),
    Frame("headline", "We are [plan] by [gap] points; the [n:overdue] overdue [u:overdue] explain part of it.", shapes=S),
    Frame("headline", "[verdict]. Since [sinceday] the team completed [n:moved.done] [u:moved.done] and took up [n:moved.started].", shapes=S),
    Frame("headline", "Work in progress is [n:wip] against a limit of [n:wip.limit]; [n:blocked] of those tasks are blocked. [verdict].", shapes=S),
    Frame("headline", "[verdict]: [n:throughput] tasks closed compared with [prev:throughput] last week, and [n:blocked] still blocked.", shapes=W),
    Frame("headline", "[verdict]. Throughput was [n:throughput] [u:throughput], [trend:throughput] on last week's [prev:throughput].", shapes=W),
    Frame("headline", "[verdict], with a forecast between [date:forecast.p50] and [date:forecast.p85].", shapes=W),
    Frame("headline", "[verdict]: tasks now take [n:cycle.p50] days in the median, after [prev:cycle.p50] the week before.", shapes=W),
    Frame("headline", "[n:sprint.done_points] of [of:sprint.done_points] [u:sprint.done_points] were delivered in [sprint]; [n:carried] tasks move on to the next one.", shapes=R),
    Frame("headline", "[sprint] delivered [n:sprint.done_points] points after taking in [n:sprint.added_points] more than it had committed to.", shapes=R),
    Frame("headline", "Scope moved: [n:sprint.added_points] points added, [n:sprint.removed_points] removed, [n:sprint.done_points] done.", shapes=R),
)  # fmt: skip

ITEMS = (
    # blocked
    Frame("blocked", "blocked for [tf:blocked_days] [tu:blocked_days]; waits for the sandbox keys", "blocked", next_step="ask the vendor today"),
    Frame("blocked", "[state:blocked] since the vendor stopped answering, [tf:blocked_days] [tu:blocked_days] in all", "blocked", next_step="call rather than write"),
    Frame("blocked", "[task] is [state:blocked] and [owner] has asked the vendor", "blocked", next_step="agree a fallback"),
    Frame("blocked", "still [state:blocked]: the test environment is not ready", "blocked", next_step="ask operations for a date"),
    Frame("blocked", "the missing certificate has held it for [tf:blocked_days] [tu:blocked_days]", "blocked", next_step="order the certificate"),
    Frame("blocked", "waits on legal; due [due], blocked for [tf:blocked_days] [tu:blocked_days]", "blocked"),
    Frame("blocked", "[count] of the [n:blocked] blocked [u:blocked] wait for the same reviewer", "blocked", tasks=2),
    Frame("blocked", "waits for a decision on the layout, needed by [dueday]", "blocked", next_step="put it to the product owner"),
    Frame("blocked", "[state:in progress], but no one can test it until the keys arrive", "blocked"),
    Frame("blocked", "a [pts]-point story that waits for access", "blocked", next_step="name a contact at the supplier"),
    Frame("blocked", "nobody can continue; [owner] will ask again", "blocked", next_step="set a latest day"),
    # ageing
    Frame("ageing", "[tf:age_days] [tu:age_days] in progress, past the team's p85 of [n:ageing.p85] [u:ageing.p85]", "ageing", next_step="split off the tuning", shapes=SW),
    Frame("ageing", "in progress for [tf:age_days] [tu:age_days]; the last slow query is still being measured", "ageing", shapes=SW),
    Frame("ageing", "older than most of this team's work at [tf:age_days] [tu:age_days]", "ageing", next_step="finish, split or stop", shapes=SW),
    Frame("ageing", "[task] has been open for [tf:age_days] [tu:age_days] and is [state:in progress]", "ageing", shapes=SW),
    Frame("ageing", "[state:not done] after [tf:age_days] [tu:age_days]; the estimate was [pts] points", "ageing", shapes=SW),
    # moved
    Frame("moved", "[state:done] since [sinceday]: people can sign in again", "moved.done", shapes=S),
    Frame("moved", "all [count] are [state:done] and in use", "moved.done", tasks=3, shapes=S),
    Frame("moved", "[task] is [state:done]; support can stop the manual work", "moved.done", shapes=S),
    Frame("moved", "[state:in review], one reviewer is enough", "moved.in_review", shapes=S),
    Frame("moved", "both are [state:in review] and need a second look", "moved.in_review", tasks=2, shapes=S),
    Frame("moved", "[task] and [task:1] are [state:in review]", "moved.in_review", tasks=2, shapes=S),
    Frame("moved", "[state:started] by [owner]; first numbers on [dueday]", "moved.started", shapes=S),
    Frame("moved", "worth [pts] points, [state:done] on time", "moved.done", shapes=S),
    Frame("moved", "[n:moved.done] of the [of:moved.done] moves are finished work, this one among them", "moved.done", shapes=S),
    # asks
    Frame("help", "keep or drop it? it is due [dueon]", "moved.started", next_step="settle it after the stand-up", shapes=S),
    Frame("help", "[state:no owner]; who takes it?", "unassigned", next_step="agree an owner today", shapes=S),
    Frame("help", "[state:overdue] since [due]; does it still matter?", "overdue", shapes=S),
    Frame("help", "[task] was due [due] and is [state:not done]", "overdue", shapes=S),
    Frame("help", "it needs a second pair of hands before [dueday]", "ageing", shapes=S),
    # weekly
    Frame("accomplished", "[state:done]: customers see the new prices, and [owner] wrote the guide", "accomplished", shapes=W),
    Frame("accomplished", "the [count] pieces of the new checkout are [state:done]", "accomplished", tasks=3, shapes=W),
    Frame("accomplished", "[task] is [state:done], so the old screen could go", "accomplished", shapes=W),
    Frame("risks", "[task] is [state:overdue] and endangers the end of the sprint on [date:sprint.end]", "overdue", next_step="drop the second half", shapes=W),
    Frame("risks", "blocked for [tf:blocked_days] [tu:blocked_days], which moves the forecast to [date:forecast.p85]", "blocked", next_step="agree a fallback with the vendor", shapes=W),
    Frame("risks", "[state:no owner], so nothing will move before [dueday]", "unassigned", shapes=W),
    Frame("risks", "[n:overdue] [u:overdue] are overdue and [n:stale] are stale; this one matters most", "overdue", shapes=W),
    Frame("risks", "scope grew by [n:scope.added] points, [trend:scope.added] from [prev:scope.added] last week", "overdue", shapes=W),
    Frame("next", "[state:not started]; [owner] begins once a seat is free, due [due]", "todo", shapes=W),
    Frame("next", "bring it through review before [due]", "progress", shapes=W),
    Frame("numbers", "Finished: [n:throughput] [u:throughput], last week [prev:throughput]", shapes=W),
    Frame("numbers", "Median cycle time [n:cycle.p50] [u:cycle.p50] ([prev:cycle.p50] last week)", shapes=W),
    Frame("numbers", "Forecast: [date:forecast.p50] as likely as not, [date:forecast.p85] at 85 %", shapes=W),
    Frame("numbers", "Forecast p50 [date:forecast.p50], p85 [date:forecast.p85]", shapes=W),
    Frame("numbers", "Hygiene is [trend:hygiene] to [n:hygiene] from [prev:hygiene] last week", shapes=W),
    Frame("numbers", "[n:scope.added] [u:scope.added] were added to the scope, [prev:scope.added] the week before", shapes=W),
    Frame("numbers", "Throughput [rosefell:throughput] from [prev:throughput] to [n:throughput] tasks", shapes=W),
    Frame("numbers", "[n:sprint.done_points] of [of:sprint.done_points] [u:sprint.done_points] done, [rest:sprint.done_points] left", shapes=W),
    Frame("numbers", "[n:blocked] of [of:blocked] open [u:blocked] are blocked, [n:unassigned] have no owner", shapes=W),
    Frame("numbers", "The team finished [morefewer:throughput] tasks than last week", shapes=W),
    # retro
    Frame("patterns", "[n:carried] [u:carried] were carried over; might they have been too large?", "carried", tasks=2, shapes=R),
    Frame("patterns", "work stood blocked for [n:blocked.days] [u:blocked.days] in all; does the vendor cause most of it?", "blocked", shapes=R),
    Frame("patterns", "half-finished work piled up late: p85 of the cycle time was [n:cycle.p85] [u:cycle.p85], [prev:cycle.p85] in the previous sprint", "carried", shapes=R),
    Frame("patterns", "[n:sprint.added_points] [u:sprint.added_points] came in after the start and [n:sprint.removed_points] were removed", "carried", shapes=R),
    Frame("patterns", "cycle time [rosefell:cycle.p50]: the median went from [prev:cycle.p50] to [n:cycle.p50] [u:cycle.p50]", "carried", shapes=R),
    Frame("deviations", "planned for this sprint, [state:carried over], cause not recorded", "carried", shapes=R),
    Frame("deviations", "[task] stayed open for [tf:age_days] [tu:age_days] against an estimate of [pts] points", "carried", shapes=R),
    Frame("deviations", "[state:not done] by the end of the sprint on [date:sprint.end]", "carried", shapes=R),
    Frame("deviations", "say/do was [n:say_do] after [prev:say_do] in the previous sprint", "carried", shapes=R),
    Frame("discuss", "What would have kept the [n:carried] carried tasks from waiting?", shapes=R),
    Frame("discuss", "The team added [n:sprint.added_points] points to the [n:sprint.committed_points] it committed: what made them urgent?", shapes=R),
    Frame("discuss", "Median cycle time was [n:cycle.p50] [u:cycle.p50], p85 was [n:cycle.p85]: which tasks made the difference?", shapes=R),
    Frame("actions", "limit started work, since [n:carried] [u:carried] were carried over", shapes=R),
    Frame("actions", "agree who frees a stuck task; [n:actions.open] of [of:actions.open] earlier actions are still open", shapes=R),
    # other words for the same
    Frame("blocked", "no progress for [tf:blocked_days] [tu:blocked_days], as the supplier has not sent the contract", "blocked", next_step="escalate through purchasing"),
    Frame("blocked", "[tf:blocked_days] [tu:blocked_days] without access to the test ledger", "blocked", next_step="ask finance for a read-only login"),
    Frame("blocked", "[task] remains [state:blocked] and is due on [due]", "blocked"),
    Frame("blocked", "the [pts] points it carries hang on one firewall rule", "blocked", next_step="open the port"),
    Frame("blocked", "[owner] needs an answer from legal before [dueday]", "blocked"),
    Frame("blocked", "it has been [state:blocked] since the licence ran out", "blocked"),
    Frame("ageing", "[tf:age_days] [tu:age_days] old, while 85 % of work is finished within [n:ageing.p85]", "ageing", shapes=S),
    Frame("ageing", "started [tf:age_days] [tu:age_days] ago and [state:not done]", "ageing", shapes=("standup", "weekly")),
    Frame("ageing", "open longer than the usual [n:ageing.p85] [u:ageing.p85]: [tf:age_days] so far", "ageing", shapes=S),
    Frame("moved", "[task] has been [state:done], which ends the complaints about double receipts", "moved.done", shapes=S),
    Frame("moved", "these [count] are [state:done]; the release notes name them", "moved.done", tasks=2, shapes=S),
    Frame("moved", "now [state:in review]; [owner] asks for a reader with knowledge of the ledger", "moved.in_review", shapes=S),
    Frame("moved", "of [of:moved.done] moves [n:moved.done] ended in done", "moved.done", shapes=S),
    Frame("moved", "was [state:started] after the planning call and should be ready on [dueon]", "moved.started", shapes=S),
    Frame("help", "[task] is [state:no owner] and [state:not started]; who can take it?", "unassigned", shapes=S),
    Frame("help", "it passed its date, [due], and is [state:not done]: drop it?", "overdue", shapes=S),
    Frame("accomplished", "harbour staff print manifests themselves: [task] is [state:done]", "accomplished", shapes=W),
    Frame("accomplished", "[count] tasks [state:done] that customers had asked for", "accomplished", tasks=2, shapes=W),
    Frame("risks", "it is [state:overdue]; the effect reaches the forecast of [date:forecast.p85]", "overdue", next_step="cut the export part", shapes=W),
    Frame("risks", "a wait of [tf:blocked_days] [tu:blocked_days] puts [date:sprint.end], the end of the sprint, in doubt", "blocked", shapes=W),
    Frame("risks", "[n:unassigned] of [of:unassigned] open tasks have no owner, and this one is due [dueon]", "unassigned", shapes=W),
    Frame("numbers", "[n:throughput] tasks finished against [prev:throughput] a week earlier", shapes=W),
    Frame("numbers", "Scope: plus [n:scope.added] points (last week plus [prev:scope.added])", shapes=W),
    Frame("numbers", "Cycle time, median: [n:cycle.p50] [u:cycle.p50]; the week before [prev:cycle.p50]", shapes=W),
    Frame("numbers", "[rest:sprint.done_points] [u:sprint.done_points] remain of [of:sprint.done_points]", shapes=W),
    Frame("numbers", "Hygiene [n:hygiene], last week [prev:hygiene]", shapes=W),
    Frame("next", "[owner] finishes the tests by [dueday]", "progress", shapes=W),
    Frame("patterns", "[n:carried] tasks carried over and [n:sprint.added_points] points added: do late additions push planned work out?", "carried", tasks=2, shapes=R),
    Frame("patterns", "the median cycle time [rosefell:cycle.p50] to [n:cycle.p50] [u:cycle.p50] from [prev:cycle.p50]", "carried", shapes=R),
    Frame("patterns", "blocked time adds up to [n:blocked.days] [u:blocked.days]; is one supplier behind it?", "blocked", shapes=R),
    Frame("deviations", "[state:carried over] although estimated at [pts] points; cause not recorded", "carried", shapes=R),
    Frame("deviations", "still [state:not done] on [date:sprint.end], the last day of the sprint", "carried", shapes=R),
    Frame("discuss", "Which of the [n:carried] carried tasks could have been smaller?", shapes=R),
    Frame("discuss", "What did the [n:sprint.removed_points] removed points have in common?", shapes=R),
    Frame("actions", "review open work twice a week; [n:actions.open] of [of:actions.open] earlier actions wait", shapes=R),
)  # fmt: skip
