"""Status updates and attachments: what is posted beside a project or a task rather than on it."""

from facilitator.sandbox.asana.calls import Answer, Call, Done, Found
from facilitator.sandbox.asana.effects import emit
from facilitator.sandbox.asana.errors import ApiError, bad
from facilitator.sandbox.asana.links import resolver
from facilitator.sandbox.asana.richtext import STATUS_TAGS, read_rich_text
from facilitator.sandbox.asana.values import read_gid, read_text
from facilitator.sandbox.asana.world import Node, Record, World

STATUS_TYPES = ("on_track", "at_risk", "off_track", "on_hold", "complete", "dropped")
STATUS_READ_ONLY = frozenset(
    {"gid", "resource_type", "author", "created_by", "created_at", "modified_at", "num_likes", "likes"}
)
LARGEST_FILE = 100_000_000


def create_status(call: Call) -> Answer:
    """Post a status update on a project. It cannot be changed afterwards, only deleted."""
    call.only(
        "parent",
        "status_type",
        "title",
        "text",
        "html_text",
        "resource_subtype",
        read_only=STATUS_READ_ONLY,
    )
    world = call.world
    project = world.find("project", call.required("parent"), "parent")
    status_type = call.required("status_type")
    if status_type not in STATUS_TYPES:
        raise bad(f"status_type: Value is not one of {', '.join(STATUS_TYPES)}: {status_type}")
    now = world.now()
    status = {
        "gid": world.new_gid(),
        "title": read_text(call.data.get("title", ""), "title"),
        "status_type": status_type,
        "parent": {"gid": project["gid"]},
        "author": {"gid": call.me},
        "created_at": now,
        "modified_at": now,
        **_status_text(call),
    }
    world.add("status_update", status)
    scopes = frozenset({project["gid"]})
    emit(world, call.me, "added", ("status_update", status), scopes, parent=("project", project))
    return Found(Node("status_update", status), 201)


def _status_text(call: Call) -> Record:
    """Read the text. Whether html_text alone is enough is not clear from the schema, which requires text: so it is not."""
    text = read_text(call.required("text"), "text")
    if "html_text" not in call.data:
        return {"text": text}
    html = read_text(call.data["html_text"], "html_text")
    return {
        "text": text,
        "html_text": read_rich_text(html, STATUS_TAGS, resolver(call.world), "html_text").html,
    }


def delete_status(call: Call) -> Answer:
    """Delete one's own status update."""
    status = call.target("status_update")
    if status["author"]["gid"] != call.me:
        raise ApiError(403, "status_update: You do not have permission to delete this status update")
    del call.world.tables["status_update"][status["gid"]]
    scopes = frozenset({status["parent"]["gid"]})
    emit(call.world, call.me, "deleted", ("status_update", status), scopes)
    return Done()


def create_attachment(call: Call) -> Answer:
    """Attach an uploaded file, or a link with `resource_subtype=external`. Answers 200, unlike other creations."""
    call.only("parent", "file", "resource_subtype", "url", "name", "connect_to_app")
    kind, parent = _attachable(call.world, call.required("parent"))
    subtype = call.data.get("resource_subtype", "asana")
    if subtype not in ("asana", "external"):
        raise bad(f"resource_subtype: Value is not one of asana, external: {subtype}")
    attachment = {
        "gid": call.world.new_gid(),
        "resource_subtype": subtype,
        "created_at": call.world.now(),
        "parent": {"gid": parent["gid"]},
        "parent_kind": kind,
    }
    attachment.update(_file(call, attachment["gid"]) if subtype == "asana" else _external(call))
    call.world.add("attachment", attachment)
    if kind == "task":
        _trace(call, parent, attachment)
    return Found(Node("attachment", attachment))


def delete_attachment(call: Call) -> Answer:
    """Delete an attachment; whoever may write to its parent may."""
    attachment = call.target("attachment")
    del call.world.tables["attachment"][attachment["gid"]]
    return Done()


def _attachable(world: World, gid: object) -> tuple[str, Record]:
    for kind in ("task", "project"):
        record = world.get(kind, read_gid(gid, "parent"))
        if record is not None:
            return kind, record
    raise ApiError(404, f"parent: Unknown object: {gid}")


def _file(call: Call, gid: str) -> Record:
    upload = call.required("file")
    if not isinstance(upload, dict):
        raise bad("file: Not a file part")
    if len(upload["content"]) > LARGEST_FILE:
        raise bad("file: Files may have at most 100 MB")
    link = f"https://app.asana.com/app/asana/-/get_asset?asset_id={gid}"
    return {
        "name": upload["name"],
        "size": len(upload["content"]),
        "host": "asana",
        "download_url": link,
        "permanent_url": link,
        "view_url": link,
    }


def _external(call: Call) -> Record:
    link = read_text(call.required("url"), "url")
    return {"name": call.required("name"), "host": "external", "view_url": link, "permanent_url": link}


def _trace(call: Call, task: Record, attachment: Record) -> None:
    task["modified_at"] = call.world.now()
    emit(
        call.world,
        call.me,
        "added",
        ("attachment", attachment),
        call.world.scopes(task),
        parent=("task", task),
    )
