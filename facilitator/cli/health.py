"""Verb `health`: the same truth as `/readyz`, without a port."""

from __future__ import annotations

from dataclasses import asdict

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.errors import CheckFailed


def health(context: Context) -> Answer:
    """Every check of readiness; one that is not fine is a failed command."""
    from facilitator.service.health import readiness

    with context.application() as app:
        checks = readiness(app, now=app.clock())
    text = "\n".join(f"{'ok' if check.ok else 'fault':<6} {check.name}: {check.detail}" for check in checks)
    failed = [check for check in checks if not check.ok]
    if failed:
        return Answer(
            [asdict(check) for check in checks], text, CheckFailed(f"not ready: {failed[0].detail}")
        )
    return Answer([asdict(check) for check in checks], text)
