"""What a link in rich text may point at, as far as this world knows it."""

from facilitator.sandbox.asana.richtext import Resolve, Target
from facilitator.sandbox.asana.world import World

HOST = "https://app.asana.com/0"


def resolver(world: World) -> Resolve:
    """Answer the function that finds a visible user, task, project or tag by gid."""

    def resolve(gid: str) -> Target | None:
        for kind, place in (("user", "profile/"), ("task", "0/"), ("project", ""), ("tag", "")):
            record = world.get(kind, gid)
            if record is not None:
                return Target(gid, kind, record["name"], f"{HOST}/{place}{gid}")
        return None

    return resolve
