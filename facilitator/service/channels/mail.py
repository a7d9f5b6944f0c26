"""E-mail through SMTP: the standard library's client, in a thread.

The Message-ID is the same at each try, so that a mailbox drops the second copy of a mail whose answer was lost.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from facilitator.errors import ChannelError
from facilitator.runs.notices import Dispatch
from facilitator.service.channels import Channel
from facilitator.service.channels.saying import name_of, subject_of, text_of
from facilitator.settings.notify import Mailbox

TIMEOUT_S = 20


def mail_channel(mailbox: Mailbox, reveal: Callable[[], str]) -> Channel:
    """The channel; a dispatch's address is the receiver's. `reveal` gives the password, where there is a login."""

    async def send(dispatch: Dispatch) -> str:
        message = letter(dispatch, mailbox.sender)
        password = reveal() if mailbox.user else ""
        try:
            await asyncio.to_thread(_hand_over, mailbox, password, message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _said in error.recipients.values()]
            raise _failed(
                dispatch, mailbox, f"{codes}", retryable=all(code < 500 for code in codes)
            ) from None
        except smtplib.SMTPResponseException as error:
            raise _failed(dispatch, mailbox, f"{error.smtp_code}", retryable=error.smtp_code < 500) from None
        except smtplib.SMTPNotSupportedError as error:
            raise _failed(dispatch, mailbox, str(error), retryable=False) from None
        except (smtplib.SMTPException, OSError) as error:
            raise _failed(dispatch, mailbox, type(error).__name__, retryable=True) from None
        return str(message["Message-ID"])

    return send


def letter(dispatch: Dispatch, sender: str) -> EmailMessage:
    """The mail: plain text, and no header a task's name could add a line to."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(addr_spec=sender)
    message["To"] = Address(addr_spec=dispatch.address)
    message["Subject"] = subject_of(dispatch.notice)
    message["Message-ID"] = f"<{name_of(dispatch)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(text_of(dispatch.notice) + "\n")
    return message


def _hand_over(mailbox: Mailbox, password: str, message: EmailMessage) -> None:
    context = ssl.create_default_context()
    if mailbox.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            mailbox.host, mailbox.port, timeout=TIMEOUT_S, context=context
        )
    else:
        server = smtplib.SMTP(mailbox.host, mailbox.port, timeout=TIMEOUT_S)
    with server:
        if mailbox.security == "starttls":
            server.starttls(context=context)
        if mailbox.user:
            server.login(mailbox.user, password)
        server.send_message(message)


def _failed(dispatch: Dispatch, mailbox: Mailbox, what: str, *, retryable: bool) -> ChannelError:
    return ChannelError(
        f"the mail server {mailbox.host} did not take the notice {dispatch.notice.key}: {what}.",
        suggestion="Check [notify.email] and SMTP_PASSWORD.",
        retryable=retryable,
    )
