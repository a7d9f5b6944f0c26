"""The writes on stories: comment on a task, correct or withdraw one's own comment.

Owns what a comment may be made of and who may touch it. Author and instant come from the server: there is no backdating and no speaking
for others.
"""

from facilitator.sandbox.asana.calls import Answer, Call, Done, Found
from facilitator.sandbox.asana.effects import add_story, emit
from facilitator.sandbox.asana.errors import ApiError, bad, not_modelled
from facilitator.sandbox.asana.links import resolver
from facilitator.sandbox.asana.reading import visible_story
from facilitator.sandbox.asana.richtext import COMMENT_TAGS, read_rich_text
from facilitator.sandbox.asana.task_fields import follow
from facilitator.sandbox.asana.values import read_bool, read_text
from facilitator.sandbox.asana.world import Node, Record

READ_ONLY = frozenset(
    {
        "gid",
        "resource_type",
        "created_at",
        "created_by",
        "resource_subtype",
        "type",
        "source",
        "target",
        "liked",
        "likes",
        "num_likes",
        "reaction_summary",
        "is_edited",
        "is_editable",
    }
)


def create_comment(call: Call) -> Answer:
    """Comment on a task; the author becomes a follower."""
    task = call.target("task")
    _check(call)
    content = _content(call)
    if not content:
        raise bad("You should specify one of text, html_text")
    pinned = read_bool(call.data.get("is_pinned", False), "is_pinned")
    story = add_story(
        call.world,
        call.me,
        task,
        type="comment",
        resource_subtype="comment_added",
        is_pinned=pinned,
        **content,
    )
    follow(task, call.me)
    return Found(Node("story", story), 201)


def update_story(call: Call) -> Answer:
    """Change the text of one's own comment, or pin it. No event is made of it, as users report of the real service."""
    story = visible_story(call)
    _check(call)
    if story["type"] != "comment":
        raise bad("story: Only comments can be changed")
    content = _content(call)
    if content:
        _own(call, story)
        story.pop("html_text", None)
        story.update(content, is_edited=True)
    if "is_pinned" in call.data:
        story["is_pinned"] = read_bool(call.data["is_pinned"], "is_pinned")
    return Found(Node("story", story))


def delete_story(call: Call) -> Answer:
    """Withdraw one's own comment; the task counts as modified."""
    story, world = visible_story(call), call.world
    _own(call, story)
    task = world.find("task", story["target"]["gid"])
    del world.tables["story"][story["gid"]]
    world.task_stories[task["gid"]].remove(story["gid"])
    task["modified_at"] = world.now()
    emit(world, call.me, "deleted", ("story", story), world.scopes(task))
    return Done()


def _check(call: Call) -> None:
    if "sticker_name" in call.data:
        raise not_modelled("stickers")
    call.only("text", "html_text", "is_pinned", read_only=READ_ONLY)


def _content(call: Call) -> Record:
    """Read the text in whichever form it came; both forms at once are refused."""
    data = call.data
    if "text" in data and "html_text" in data:
        raise bad("You may only provide one of text or html_text!")
    if "text" in data:
        return {"text": read_text(data["text"], "text")}
    if "html_text" not in data:
        return {}
    rich = read_rich_text(
        read_text(data["html_text"], "html_text"), COMMENT_TAGS, resolver(call.world), "html_text"
    )
    return {"text": rich.text, "html_text": rich.html}


def _own(call: Call, story: Record) -> None:
    # That a stranger's comment answers 403 is assumed; the guide only says that one's own may be changed.
    author = story["created_by"]["gid"] if story["created_by"] else None
    if author != call.me or story["type"] != "comment":
        raise ApiError(403, "story: You do not have permission to change this story")
