"""Verbs of decision: `approvals list | approve | reject | revise | edit`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.cli.progress import watching
from facilitator.cli.telling import document, faults, proposals_data, proposed, run_data, whole_story
from facilitator.drafts.draft import DraftUnreadable
from facilitator.drafts.editing import with_words, words_of
from facilitator.errors import CheckFailed, ConfigurationError
from facilitator.runs.approval_tasks import ApprovalTasks
from facilitator.runs.assignment import Approver
from facilitator.runs.run import Override, Run, RunState
from facilitator.runs.steps.decide import SATISFIED
from facilitator.service.application import Application

CHANNEL = "cli"
EDITING = "# Figures in braces are put in by code. Leave out an item with all its lines. Lines like this one do not count.\n"


def listed(context: Context) -> Answer:
    """Every draft that waits, as it would be written, with its faults."""
    with context.application() as app:
        waiting = app.approvals.waiting()
        data = [
            {
                **run_data(app, run),
                "expires_at": run.expires_at.isoformat() if run.expires_at else None,
                "may_decide": [person.name for person in _approvers(app, run)],
                "approval_task": _question(app, run),
                "proposed_changes": proposals_data(app, run),
            }
            for run in waiting
        ]
        parts = [
            "\n".join(
                part
                for part in (
                    _heading(app, run),
                    document(app, run),
                    proposed(app, run),
                    _gaps(app, run),
                    faults(app, run),
                )
                if part
            )
            for run in waiting
        ]
    return Answer(data, "\n\n".join(parts) or "Nothing waits for a decision.")


def approve(
    context: Context, run_id: str, by: str, status: str, because: str, changes: str, *, quiet: bool
) -> Answer:
    """Record the yes and write the comment; a status against the rule is shown with its reason."""
    override = Override(status, because) if status else None
    chosen = chosen_changes(changes)
    with context.application() as app, watching(quiet=quiet) as observe:
        run = app.store.get(run_id)
        assignment = app.assignment(run.team, run.ceremony)
        run = app.approvals.approve(
            run, assignment, who=by, now=app.clock(), channel=CHANNEL, override=override, chosen=chosen
        )
        if run.waits_for_a_person:
            return Answer(run_data(app, run, whole=True), f"{run.id}: {app.store.history(run.id)[-1].why}")
        return ended(app, _settled(app, run, observe))


def chosen_changes(changes: str) -> frozenset[int] | None:
    """The numbers of the proposed changes that are meant; None for all that stand."""
    said = changes.strip().casefold()
    if said in ("all", "none"):
        return None if said == "all" else frozenset()
    numbers = said.replace(",", " ").split()
    if not numbers or not all(one.isascii() and one.isdigit() for one in numbers):
        raise ConfigurationError(
            f"--changes {changes!r} names no changes.", suggestion="Say all, none, or numbers such as 1,3."
        )
    return frozenset(map(int, numbers))


def reject(context: Context, run_id: str, by: str, because: str) -> Answer:
    """Record the no."""
    with context.application() as app:
        run = app.store.get(run_id)
        assignment = app.assignment(run.team, run.ceremony)
        run = app.approvals.reject(run, assignment, who=by, because=because, now=app.clock(), channel=CHANNEL)
        return Answer(run_data(app, run, whole=True), f"{run.id}: {run.reason}")


def revise(context: Context, run_id: str, by: str, because: str, *, quiet: bool) -> Answer:
    """Record the wish and follow the session until its next draft waits."""
    with context.application() as app, watching(quiet=quiet) as observe:
        run = app.store.get(run_id)
        assignment = app.assignment(run.team, run.ceremony)
        run = app.approvals.revise(run, assignment, who=by, because=because, now=app.clock(), channel=CHANNEL)
        return ended(app, _settled(app, run, observe))


def edit(context: Context, run_id: str, by: str, file: Path | None, *, ask: bool) -> Answer:
    """Take edited words back, from a file or an editor; without either, give the words to edit."""
    with context.application() as app:
        run = app.store.get(run_id)
        record = app.store.draft(run.id, run.draft_digest or "")
        if record is None:
            raise CheckFailed(f"run {run.id} has no draft.", suggestion="`approvals list` shows what waits.")
        words = words_of(record.draft)
        text = _text(file) if file else _in_editor(words) if ask and sys.stdout.isatty() else None
        if text is None:
            data = {"run_id": run.id, "draft_digest": record.digest, "words": words}
            return Answer(data, words)
        try:
            draft = with_words(record.draft, text)
        except DraftUnreadable as error:
            told = "\n".join(f"  {line}" for line in str(error).splitlines())
            raise CheckFailed(
                f"these lines make no draft:\n{told}", suggestion="Mend them; nothing was changed."
            ) from error
        assignment = app.assignment(run.team, run.ceremony)
        run = app.approvals.edit(run, assignment, who=by, draft=draft, now=app.clock(), channel=CHANNEL)
        said = f"{run.id}: {app.store.history(run.id)[-1].why}"
        return Answer(run_data(app, run, whole=True), "\n\n".join([said, document(app, run)]))


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{file} cannot be read: {error}", suggestion="Name a UTF-8 text file."
        ) from error


def _in_editor(words: str) -> str:
    """The words as they were left in $VISUAL or $EDITOR; left as they are, they change nothing."""
    import os
    import shlex
    import subprocess
    import tempfile

    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "words.txt"
        path.write_text(f"{EDITING}{words}\n", encoding="utf-8")
        if subprocess.run([*editor, str(path)], check=False).returncode != 0:  # noqa: S603 - the user's own editor
            raise CheckFailed(f"{editor[0]} did not end well; nothing was changed.", suggestion="Use --file.")
        return path.read_text(encoding="utf-8")


def _settled(app: Application, run: Run, observe: Callable[..., None]) -> Run:
    async def work() -> Run:
        async with app.working(app, observe) as pipeline:
            return await pipeline.settle(run)

    return asyncio.run(work())


def ended(app: Application, run: Run) -> Answer:
    """A run's answer: a failed or unfinished one is a failed command."""
    data, text = run_data(app, run, whole=True), whole_story(app, run)
    if run.state is RunState.FAILED:
        return Answer(
            data, text, CheckFailed(f"run {run.id} failed: {run.reason}", suggestion="Its story is kept.")
        )
    if run.state is RunState.APPROVED:
        told = app.store.history(run.id)[-1].why
        suggestion = f"`runs resume {run.id}` tries again; it never posts a second comment."
        return Answer(data, text, CheckFailed(f"run {run.id} is approved but {told}", suggestion=suggestion))
    return Answer(data, text)


def _heading(app: Application, run: Run) -> str:
    until = f", until {run.expires_at:%Y-%m-%d %H:%M} UTC" if run.expires_at else ""
    names = ", ".join(person.name for person in _approvers(app, run))
    asked = f"; asked on approval task {task}" if (task := _question(app, run)) else ""
    return f"{run.id}  {run.ceremony} of {run.team} waits for {names or 'an approver'}{until}{asked}"


def _approvers(app: Application, run: Run) -> tuple[Approver, ...]:
    """Who may decide; nobody where the configuration lost the ceremony."""
    assignment = app.assignments.get((run.team, run.ceremony))
    return assignment.approvers if assignment else ()


def _question(app: Application, run: Run) -> str | None:
    """The approval task that asks about the present draft, if there is one."""
    asked = ApprovalTasks(app.database).find(run.id, run.draft_digest or "")
    return asked.gid if asked else None


def _gaps(app: Application, run: Run) -> str:
    """What the grader still missed, where it was not satisfied."""
    verdicts = app.store.verdicts(run.id)
    if run.result == SATISFIED or not verdicts:
        return ""
    lines = verdicts[-1].explanation.strip().splitlines()[:12]
    return "\n".join([f"  grader: {verdicts[-1].result}", *(f"    {line}" for line in lines)])
