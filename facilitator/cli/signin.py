"""The verb `signin`: whoever may run it on this machine may let a person of the configuration in, once, for a short time."""

from __future__ import annotations

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.errors import ConfigurationError
from facilitator.runs.signins import SignIns


def signin(context: Context, who: str, *, token: bool) -> Answer:
    """A link to the sign-in page, or with `token` a session for programs; a stranger gets neither."""
    from facilitator.web.access import person_of, roles_of

    with context.application() as app:
        teams, web = app.settings.teams, app.settings.web
        person = person_of(teams, who)
        if person is None:
            raise ConfigurationError(
                f"nobody in {app.settings.source} is called {who!r}.",
                suggestion="Add the name to a team's approvers, viewers or admins.",
            )
        roles = {slug: role.name.lower() for slug, role in roles_of(teams, person.name).items()}
        signins, now = SignIns(app.database), app.clock()
        data = {"who": person.name, "roles": roles}
        if token:
            secret = signins.open_session(person.name, now=now, lasts=web.session)
            return Answer({**data, "token": secret, "expires_at": (now + web.session).isoformat()}, secret)
        link = f"{web.url}/signin?token={signins.make_link(person.name, now=now, lasts=web.link)}"
        minutes = int(web.link.total_seconds() // 60)
        text = f"{link}\n\nSigns {person.name} in once, within {minutes} minutes, while `serve` is running."
        return Answer({**data, "url": link, "expires_at": (now + web.link).isoformat()}, text)
