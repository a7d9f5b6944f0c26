"""Snapshots survive the archive; a lock has one holder and dies with it."""

import gzip
import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime

from facilitator.board.snapshot import (
    CustomField,
    EnumOption,
    FieldGid,
    OptionGid,
    ProjectGid,
    Section,
    SectionGid,
    Snapshot,
    Story,
    StoryGid,
    Task,
    TaskGid,
    TeamBoard,
    User,
    UserGid,
)
from facilitator.runs.archive import pack, unpack

NOW = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)


def snapshot() -> Snapshot:
    stories = (
        Story(StoryGid("1"), NOW, "due_date_changed", old=date(2026, 6, 1), new=NOW),
        Story(
            StoryGid("2"),
            NOW,
            "text_custom_field_changed",
            field_gid=FieldGid("9"),
            old="2026-06-01",
            new=None,
        ),
        Story(StoryGid("3"), NOW, "multi_enum_custom_field_changed", new=("a", "b")),
    )
    task = Task(
        TaskGid("5"), 'a "name" \u202e<b>', NOW, NOW, due_on=date(2026, 6, 3), fields={FieldGid("9"): 2.5},
        dependencies=(TaskGid("6"),), tags=("blocked",), stories=stories,
    )  # fmt: skip
    return Snapshot(
        ProjectGid("7"), "Harbour", NOW, (task,), (Section(SectionGid("1"), "To do"),),
        (CustomField(FieldGid("9"), "Sprint", "enum", (EnumOption(OptionGid("3"), "S1", enabled=False),)),),
        (User(UserGid("8"), "Mara"),), (UserGid("8"),), ("one thing",), UserGid("8"),
    )  # fmt: skip


def test_a_snapshot_comes_back_equal() -> None:
    """Dates, instants, look-alike text, tuples and numbers keep their kind."""
    assert unpack(pack(snapshot())) == snapshot()


def test_boards_of_other_teams_come_back_equal() -> None:
    """Read ones with all they hold, unread ones with the reason, in their order."""
    other = replace(snapshot(), project=ProjectGid("8"), project_name="Quay")
    boards = (
        TeamBoard("beacon", "Beacon", None, "it may not be read"),
        TeamBoard("quay", "Quay", other),
        TeamBoard("pier", "Pier", replace(other, tasks=())),
    )
    whole = replace(snapshot(), boards=boards)
    assert unpack(pack(whole)) == whole
    assert [board.project_name for board in whole.whole()] == ["Harbour", "Quay", "Quay"]


def test_equal_snapshots_have_equal_bytes() -> None:
    """The archive holds no time stamp of its own."""
    assert pack(snapshot()) == pack(snapshot())


def test_what_an_earlier_release_packed_is_still_read() -> None:
    """Then tasks stood within the board, each value by its name."""
    earlier = json.dumps(asdict(snapshot()), default=_as_then)

    assert unpack(gzip.compress(earlier.encode())) == snapshot()


def _as_then(value: object) -> dict[str, str]:
    assert isinstance(value, date)
    return {"$instant" if isinstance(value, datetime) else "$date": value.isoformat()}
