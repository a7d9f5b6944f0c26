"""What a visitor may do: the same verbs as the command line, from a form or as JSON, once per form.

Each act names the draft it is about by its digest, so that a page grown old, a second approver or a form sent twice
decides on nothing else. This module decides nothing: `app.approvals` and the pipeline do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from facilitator.drafts.draft import Draft, DraftUnreadable, parse_draft
from facilitator.drafts.editing import with_texts
from facilitator.errors import CheckFailed, FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.run import Override, Run
from facilitator.service.firing import ask
from facilitator.web import door
from facilitator.web.access import NotAllowed, NotFound, Role
from facilitator.web.envelope import answered, refused, status_of
from facilitator.web.pages import asked_of, show
from facilitator.web.site import Site
from facilitator.web.views.asking import Asked
from facilitator.web.views.story import Story, story, texts_of

CHANNEL = "web"

Words = Mapping[str, str]
Act = Callable[[Asked, Run, Assignment, Words], Run]


def routes() -> list[Route]:
    """Every act, as a form's target and under /api."""
    found = []
    for name, act in ACTS.items():
        found.append(Route(f"/runs/{{run}}/{name}", _from_form(act), methods=["POST"]))
        found.append(Route(f"/api/runs/{{run}}/{name}", _from_program(act), methods=["POST"]))
    found.append(Route("/teams/{team}/{ceremony}/fire", fire_by_form, methods=["POST"]))
    found.append(Route("/api/teams/{team}/{ceremony}/fire", fire_by_program, methods=["POST"]))
    found.append(Route("/runs/{run}/check", check_form_texts, methods=["POST"]))
    found.append(Route("/api/runs/{run}/check", check_draft_texts, methods=["POST"]))
    return found


def approve(asked: Asked, run: Run, assignment: Assignment, words: Words) -> Run:
    """Yes to the draft that was shown; `status` with `because` overrides the rule's status. Of the proposed changes only
    those that are named are meant, so that a page grown old says yes to none it did not show.
    """
    status = words.get("status", "")
    override = Override(status, words.get("because", "")) if status else None
    return asked.site.app.approvals.approve(
        run,
        assignment,
        who=asked.visitor.name,
        now=asked.now,
        channel=CHANNEL,
        override=override,
        chosen=_chosen(asked, run, assignment, words),
        digest=_digest(words),
    )


def reject(asked: Asked, run: Run, assignment: Assignment, words: Words) -> Run:
    """No, for good, with the reason."""
    return asked.site.app.approvals.reject(
        run, assignment, who=asked.visitor.name, because=_reason(words), now=asked.now, channel=CHANNEL,
        digest=_digest(words),
    )  # fmt: skip


def revise(asked: Asked, run: Run, assignment: Assignment, words: Words) -> Run:
    """Back to the writer, with the reason."""
    return asked.site.app.approvals.revise(
        run, assignment, who=asked.visitor.name, because=_reason(words), now=asked.now, channel=CHANNEL,
        digest=_digest(words),
    )  # fmt: skip


def edit(asked: Asked, run: Run, assignment: Assignment, words: Words) -> Run:
    """A draft in the visitor's own words, which needs a decision of its own."""
    draft = edited(asked.site, run, words)
    return asked.site.app.approvals.edit(
        run,
        assignment,
        who=asked.visitor.name,
        draft=draft,
        now=asked.now,
        channel=CHANNEL,
        digest=_digest(words),
    )


ACTS: dict[str, Act] = {"approve": approve, "reject": reject, "revise": revise, "edit": edit}


def edited(site: Site, run: Run, words: Words) -> Draft:
    """The run's present draft with the texts of a form in the place of its own, or a whole `draft` as JSON."""
    whole = words.get("draft", "")
    if whole:
        return _readable(lambda: parse_draft(whole))
    record = site.app.store.draft(run.id, run.draft_digest or "")
    if record is None:
        raise NotFound("this run has no draft to edit.", suggestion="Load the page again.")
    return _readable(lambda: with_texts(record.draft, words))


def _readable(read: Callable[[], Draft]) -> Draft:
    try:
        return read()
    except DraftUnreadable as error:
        raise CheckFailed(f"these texts make no draft: {error}", suggestion="Mend the text named.") from error


def _from_form(act: Act) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        _visitor, words = await door.form_words(request)
        return await run_in_threadpool(_done, request, act, words)

    return endpoint


def _done(request: Request, act: Act, words: Words) -> Response:
    asked = asked_of(request)
    run = asked.site.run(asked.visitor, asked.path["run"])
    try:
        changed = act(asked, run, _assignment(asked, run), words)
    except CheckFailed as error:
        return _told(request, asked, error, words)
    # An edit is looked at again before anything else; after a decision the run's own page tells what happens.
    where = "approvals" if changed.waits_for_a_person else "runs"
    return RedirectResponse(f"/{where}/{run.id}", status_code=303)


def _told(request: Request, asked: Asked, error: FacilitatorError, words: Words) -> Response:
    """The page again with what was wrong, and with the visitor's own words still in the form."""
    view: Story = story(asked)
    texts = view.texts
    if view.may_decide and any("." in key or key == "headline" for key in words):
        texts = _with_faults(asked, words) or texts
    answer = show(
        request, asked, "decide.html.j2", view, error=error, words=words, texts=texts, now=asked.now
    )
    answer.status_code = status_of(error)
    return answer


def _with_faults(asked: Asked, words: Words) -> Any:
    run = asked.site.run(asked.visitor, asked.path["run"])
    facts = asked.site.facts(run.id)
    try:
        draft = edited(asked.site, run, words)
    except FacilitatorError:
        return ()
    if facts is None:
        return ()
    assignment = _assignment(asked, run)
    return texts_of(draft, facts, asked.site.app.library.check(assignment.ceremony, draft, facts))


async def fire_by_form(request: Request) -> Response:
    """Fire the window that ends now; then to its run."""
    await door.form_words(request)
    run = await run_in_threadpool(_fire, request)
    return RedirectResponse(f"/runs/{run.id}", status_code=303)


async def fire_by_program(request: Request) -> Response:
    """The same as JSON; gives the run."""
    await door.let_program_act(request)
    run = await run_in_threadpool(_fire, request)
    return answered({"run_id": run.id})


def _fire(request: Request) -> Run:
    """Only the row is written: the serving process takes it up, as it does every unfinished run."""
    asked = asked_of(request)
    team, name = asked.team(), asked.path["ceremony"]
    if not asked.visitor.may(Role.ADMIN, team):
        raise NotAllowed(f"only admins of {team} may fire its ceremonies.", suggestion="Ask one of them.")
    app = asked.site.app
    assignment = app.assignment(team, name)
    end = asked.now.replace(second=0, microsecond=0)
    return ask(app.coverage, assignment, end, trigger="web", now=asked.now).run


async def check_form_texts(request: Request) -> Response:
    """The form's texts held against the facts while they are written; nothing is recorded."""
    visitor, words = await door.form_words(request)

    def look() -> Response:
        asked = asked_of(request)
        run, found = _faults(asked, words)
        context = {"faults": found, "run": run.id}
        html: Response = request.app.state.pages.page(request, "_checked.html.j2", context, visitor=visitor)
        return html

    return await run_in_threadpool(look)


async def check_draft_texts(request: Request) -> Response:
    """The same for programs: every fault of the texts, or none."""
    words = await body_of(request)

    def look() -> Response:
        asked = asked_of(request)
        _run, found = _faults(asked, words)
        return answered({"faults": [fault.as_dict() for fault in found]})

    return await run_in_threadpool(look)


def _faults(asked: Asked, words: Words) -> tuple[Run, list[Any]]:
    run = asked.site.run(asked.visitor, asked.path["run"])
    facts = asked.site.facts(run.id)
    if facts is None:
        raise NotFound("this run has no facts yet.", suggestion="Come back when the board was read.")
    assignment = _assignment(asked, run)
    return run, asked.site.app.library.check(assignment.ceremony, edited(asked.site, run, words), facts)


def _from_program(act: Act) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        await door.let_program_act(request)
        words = await body_of(request)

        def work() -> Response:
            asked = asked_of(request)
            run = asked.site.run(asked.visitor, asked.path["run"])
            try:
                act(asked, run, _assignment(asked, run), words)
            except FacilitatorError as error:
                return refused(error)
            return answered(story(asked))

        return await run_in_threadpool(work)

    return endpoint


async def body_of(request: Request) -> dict[str, str]:
    """A JSON object of texts; other values are taken as JSON text (a whole draft)."""
    import json

    raw = await request.body()
    try:
        read = json.loads(raw or b"{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise CheckFailed("the body is not a JSON object.", suggestion='Send one such as {"because": "..."}.')
    return {str(key): value if isinstance(value, str) else json.dumps(value) for key, value in read.items()}


def _assignment(asked: Asked, run: Run) -> Assignment:
    found = asked.site.assignment(run)
    if found is None:
        raise CheckFailed(
            f"the configuration no longer has {run.ceremony} for {run.team}.", suggestion="Put it back first."
        )
    if not asked.visitor.may(Role.VIEWER, run.team):
        raise NotAllowed("that is another team's run.")
    return found


def _digest(words: Words) -> str:
    """The draft the visitor saw; without it nothing is decided."""
    found = words.get("digest", "")
    if len(found) < 12:
        raise CheckFailed(
            "it is not said which draft this is about.",
            suggestion="Send `digest`, as the run's page shows it.",
        )
    return found


def _chosen(asked: Asked, run: Run, assignment: Assignment, words: Words) -> frozenset[int]:
    """The proposed changes that are meant: ticked in the form, or told by a program as numbers, or as none."""
    said = words.get("changes", "")
    if said == "ticked":
        said = ",".join(key.removeprefix("change-") for key in words if key.startswith("change-"))
    elif not said and asked.site.app.approvals.proposed(run, assignment):
        raise CheckFailed(
            "it is not said which of the proposed changes are meant.",
            suggestion='Send `changes`: "none", or their numbers such as "1,3".',
        )
    numbers = [] if said == "none" else said.replace(",", " ").split()
    if not all(one.isascii() and one.isdigit() for one in numbers):
        raise CheckFailed(f"{said!r} names no changes.", suggestion="Send numbers, or none.")
    return frozenset(map(int, numbers))


def _reason(words: Words) -> str:
    because = " ".join(words.get("because", "").split())
    if not because:
        raise CheckFailed(
            "a reason is needed.", suggestion="Say in a sentence what is wrong; it is kept with the run."
        )
    return because[:1000]
