"""Each channel: what it sends, what its refusals mean, and that a task's name can do nothing in it."""

from dataclasses import replace

import pytest

from facilitator.board.snapshot import ProjectGid, TaskGid, UserGid
from facilitator.errors import ChannelError, TrackerError
from facilitator.runs.delivery import Delivery
from facilitator.runs.notices import Dispatch, Notice
from facilitator.runs.ports import NewTask
from facilitator.runs.run import RunId
from facilitator.service.channels.asana import asana_channel
from facilitator.service.channels.mail import letter, mail_channel
from facilitator.service.channels.slack import payload, slack_channel
from facilitator.settings.notify import Mailbox

from .loopback import mail_server, slack

pytestmark = pytest.mark.anyio
NOTICE = Notice(
    "failed/run_1/", "failed", "harbour", RunId("run_1"),
    "Daily stand-up of Harbour was not written: its run failed", "Asana would not read project 77: 404.",
)  # fmt: skip
HOSTILE = replace(
    NOTICE,
    subject="<!channel> *pay* <https://evil.example|here>\r\nBcc: all@example.org\u202e",
    text="<@U1> & <b>x</b>\u200b\r\n.\r\nQUIT",
)
TO_SLACK = Dispatch(NOTICE, "slack", "SLACK_WEBHOOK_URL")
TO_ALICE = Dispatch(NOTICE, "email", "alice@example.org")
OPEN_RELAY = Mailbox("127.0.0.1", 25, "facilitator@example.org", "", "none")


def hush() -> str:
    """A password."""
    return "hush"


def test_what_slack_is_sent() -> None:
    """One text, no markup, nothing unfurled."""
    assert payload(NOTICE) == {
        "text": "Daily stand-up of Harbour was not written: its run failed (harbour)\n"
        "Asana would not read project 77: 404.",
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_no_name_can_call_a_channel_or_a_person_in_slack() -> None:
    """Escaped, unseen characters gone, one line of subject."""
    assert payload(HOSTILE)["text"] == (
        "&lt;!channel&gt; *pay* &lt;https://evil.example|here&gt; Bcc: all@example.org (harbour)\n"
        "&lt;@U1&gt; &amp; &lt;b&gt;x&lt;/b&gt;\n.\nQUIT"
    )


async def test_slack_gets_one_post() -> None:
    """To the address its variable holds."""
    async with slack() as receiver:
        assert await slack_channel({"SLACK_WEBHOOK_URL": receiver.url}.__getitem__)(TO_SLACK) == "ok"
    assert receiver.posts == [payload(NOTICE)]


@pytest.mark.parametrize(
    ("status", "passing"), [(0, True), (429, True), (503, True), (302, False), (404, False), (410, False)]
)
async def test_what_a_refusal_of_slack_means(status: int, passing: bool) -> None:
    """Gone is gone; busy passes; and the address, which is the secret, is in no message."""
    async with slack(status) as receiver:
        with pytest.raises(ChannelError) as refused:
            await slack_channel(lambda _name: receiver.url)(TO_SLACK)
    assert refused.value.retryable is passing
    assert "secret" not in f"{refused.value.message}{refused.value.suggestion}{refused.value.__cause__}"


async def test_a_webhook_over_plain_http_is_not_called() -> None:
    """The address is a secret, and so may be the text."""
    with pytest.raises(ChannelError, match="https") as refused:
        await slack_channel(lambda _name: "http://hooks.slack.example/x")(TO_SLACK)
    assert not refused.value.retryable


def test_what_a_mail_looks_like() -> None:
    """Plain text, from and to plain addresses, and the same Message-ID at each try."""
    mail = letter(TO_ALICE, "facilitator@example.org")
    known_as = str(mail["Message-ID"])
    assert str(mail).replace("\r\n", "\n").replace(known_as, "<...>") == (
        "From: facilitator@example.org\n"
        "To: alice@example.org\n"
        "Subject: Daily stand-up of Harbour was not written: its run failed\n"
        "Message-ID: <...>\n"
        "Auto-Submitted: auto-generated\n"
        'Content-Type: text/plain; charset="utf-8"\n'
        "Content-Transfer-Encoding: 7bit\n"
        "MIME-Version: 1.0\n"
        "\n"
        "Asana would not read project 77: 404.\n"
    )
    again = letter(replace(TO_ALICE, attempts=3), "facilitator@example.org")
    assert again["Message-ID"] == known_as


async def test_no_name_can_add_a_header_or_end_a_mail() -> None:
    """A line break in a name is a blank, and a line with a dot is text."""
    async with mail_server() as server:
        await mail_channel(replace(OPEN_RELAY, port=server.port), hush)(replace(TO_ALICE, notice=HOSTILE))
    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "<!channel> *pay* <https://evil.example|here> Bcc: all@example.org"
    assert mail.get_content() == "<@U1> & <b>x</b>\n.\nQUIT\n"  # type: ignore[attr-defined]
    assert server.verbs.count("QUIT") == 1


@pytest.mark.parametrize(
    ("verb", "answer", "passing"),
    [
        ("RCPT", "550 no such user", False),
        ("RCPT", "450 later", True),
        ("MAIL", "421 busy", True),
        ("MAIL", "553 sender refused", False),
        ("DATA", "554 spam", False),
        ("AUTH", "535 wrong", False),
    ],
)
async def test_what_a_refusal_of_the_mail_server_means(verb: str, answer: str, passing: bool) -> None:
    """4xx passes, 5xx is final."""
    async with mail_server(**{verb: answer}) as server:
        box = replace(OPEN_RELAY, port=server.port, user="me")
        with pytest.raises(ChannelError) as refused:
            await mail_channel(box, hush)(TO_ALICE)
    assert refused.value.retryable is passing
    assert not server.mails


async def test_a_server_without_encryption_gets_neither_password_nor_mail() -> None:
    """STARTTLS was wanted and is not offered: final, before anything was said."""
    async with mail_server() as server:
        box = replace(OPEN_RELAY, port=server.port, user="me", security="starttls")
        with pytest.raises(ChannelError) as refused:
            await mail_channel(box, hush)(TO_ALICE)
    assert not refused.value.retryable
    assert set(server.verbs) <= {"EHLO", "QUIT"}


async def test_a_mail_server_that_is_not_there_may_come_back() -> None:
    """A refused connection passes."""
    async with mail_server() as server:
        port = server.port
    with pytest.raises(ChannelError) as refused:
        await mail_channel(replace(OPEN_RELAY, port=port), hush)(TO_ALICE)
    assert refused.value.retryable


class PrivateBoard:
    """Keeps private tasks; loses the answer of the first write where told to."""

    def __init__(self, *, loses: bool = False) -> None:
        self.loses = loses
        self.tasks: list[tuple[str, NewTask]] = []

    async def find_private_task(self, project: ProjectGid, person: UserGid, marker: str) -> TaskGid | None:
        assert project == "77"
        fitting = [n for n, (who, task) in enumerate(self.tasks) if who == person and marker in task.notes]
        return TaskGid(str(fitting[0])) if fitting else None

    async def create_private_task(self, project: ProjectGid, person: UserGid, task: NewTask) -> TaskGid:
        assert project == "77"
        self.tasks.append((person, task))
        if self.loses:
            self.loses = False
            raise TrackerError("the answer was lost.", retryable=True, in_doubt=True)
        return TaskGid(str(len(self.tasks) - 1))


async def nap(_seconds: float) -> None:
    """No waiting."""


@pytest.mark.parametrize("loses", [False, True])
async def test_asana_gets_one_task_whatever_becomes_of_the_answer(loses: bool) -> None:
    """Assigned to the person, found again by its marker, also by a later process."""
    board = PrivateBoard(loses=loses)
    send = asana_channel(board, Delivery(board, nap), lambda _team: ProjectGid("77"))  # type: ignore[arg-type]
    way = Dispatch(NOTICE, "asana", "501")
    assert await send(way) == "0"
    assert await send(replace(way, attempts=1)) == "0"
    ((person, task),) = board.tasks
    assert (person, task.name) == ("501", NOTICE.subject)
    assert task.notes.splitlines()[0] == NOTICE.text
    assert task.notes.splitlines()[-1].startswith("ref notice/")


async def test_a_notice_of_a_team_that_is_gone_is_final() -> None:
    """There is no workspace to put a task into."""
    board = PrivateBoard()
    with pytest.raises(ChannelError) as refused:
        await asana_channel(board, Delivery(board, nap), lambda _team: None)(Dispatch(NOTICE, "asana", "501"))  # type: ignore[arg-type]
    assert not refused.value.retryable
