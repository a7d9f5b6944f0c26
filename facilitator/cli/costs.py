"""The verb `costs`: what sessions cost, by team, ceremony and month, and what their documents saved."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.errors import ConfigurationError
from facilitator.runs.money import Account, accounts, month_began, month_of
from facilitator.service.application import Application

REMARK = "List prices, not a bill. Minutes saved are the team's own baseline_minutes, once for each document that was written."


def costs(context: Context, team: str, ceremony: str, month: str) -> Answer:
    """The sums, newest month first, and where each team's present month stands against its budget."""
    if month and not re.fullmatch(r"\d{4}-\d{2}", month):
        raise ConfigurationError(f"{month[:40]!r} is no month.", suggestion="Write it like 2026-06.")
    with context.application() as app:
        found = [
            account
            for account in accounts(
                app.money.spendings(team=team), lambda slug: _zone(app, slug), _baselines(app)
            )
            if (not month or account.month == month) and (not ceremony or account.ceremony == ceremony)
        ]
        budgets = [_budget(app, each.slug) for each in app.settings.teams if team in ("", each.slug)]
    found.sort(key=lambda one: (one.team, one.ceremony))
    found.sort(key=lambda one: one.month, reverse=True)
    lines = [line for account in found for line in _lines(account)]
    lines += [_against(one) for one in budgets if one["budget_cents"] is not None]
    data = {"accounts": [asdict(one) for one in found], "budgets": budgets}
    return Answer(data, "\n".join([*lines, REMARK]) if found else "No session has cost anything yet.")


def _zone(app: Application, slug: str) -> tzinfo:
    return next((team.zone for team in app.settings.teams if team.slug == slug), ZoneInfo("UTC"))


def _baselines(app: Application) -> Any:
    def baseline(team: str, ceremony: str) -> int | None:
        found = app.assignments.get((team, ceremony))
        return found.baseline_minutes if found else None

    return baseline


def _budget(app: Application, slug: str) -> dict[str, Any]:
    now, team = app.clock(), app.settings.team(slug)
    spent = app.money.spent(slug, month_began(now, team.zone))
    return {
        "team": slug,
        "month": month_of(now, team.zone),
        "spent_cents": spent,
        "budget_cents": team.monthly_budget_cents,
    }


def _against(one: dict[str, Any]) -> str:
    part = 100 * one["spent_cents"] / one["budget_cents"]
    return (
        f"{one['team']}, {one['month']}: ${one['spent_cents'] / 100:.2f} of ${one['budget_cents'] / 100:.2f},"
        f" {part:.0f} % of the budget"
    )


def _lines(account: Account) -> list[str]:
    per = (
        "no document"
        if account.cents_per_document is None
        else f"{account.cents_per_document:.1f} cents a document"
    )
    saved = "" if account.minutes_saved is None else f", {account.minutes_saved} minutes saved"
    cached = "" if account.cached_percent is None else f" ({account.cached_percent:.0f} % cached)"
    tokens = account.input_tokens + account.cache_read_tokens
    lines = [
        (
            f"{account.month}  {account.team:<16} {account.ceremony:<14} ${account.cents / 100:.2f}"
            f"  {account.sessions} sessions, {account.documents} documents, {per}{saved}"
        ),
        (
            f"         {tokens} tokens in{cached}, {account.output_tokens} out, {account.seconds / 60:.1f} minutes;"
            f" writer {account.writer_cents:.1f}, grader {account.grader_cents:.1f} cents"
        ),
    ]
    if account.first_event and account.first_message:
        lines.append(
            f"         first event after {account.first_event[0]:.1f} s (p95 {account.first_event[1]:.1f}),"
            f" first word after {account.first_message[0]:.1f} s (p95 {account.first_message[1]:.1f})"
        )
    return lines
