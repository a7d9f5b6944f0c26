"""The error tree. Every error a person may see is one of these and says what to do next.

    FacilitatorError
    |- ConfigurationError    wrong use: the configuration or a command's words (exit 2)
    |- CheckFailed           a check or a run did not pass (exit 1)
    |- TrackerError          Asana refused or could not be reached
    |- AgentsError           Managed Agents refused or could not be reached
    |- ChannelError          a notice could not be delivered: a chat, a mail server
    `- StoreError            the run log is damaged, locked, or from a newer release

This room only names failures; it does not decide whether to try again. Each error carries that answer.
"""

from __future__ import annotations


class FacilitatorError(Exception):
    """Something was tried and did not work; `suggestion` says what to do next."""

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, suggestion: str = "", retryable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
        self.retryable = retryable


class ConfigurationError(FacilitatorError):
    """The configuration, the environment or a command's words are wrong."""

    code = "configuration"
    exit_code = 2


class CheckFailed(FacilitatorError):  # noqa: N818 - an outcome of a check, named as people say it
    """A check or a run ended with a plain no."""

    code = "check_failed"


class TrackerError(FacilitatorError):
    """Asana refused a call or could not be reached; `status` is the HTTP status, or None without an answer.

    `in_doubt` is true where a write may have happened although no good answer came back: look before
    writing again.
    """

    code = "asana"

    def __init__(
        self,
        message: str,
        *,
        suggestion: str = "",
        retryable: bool = False,
        status: int | None = None,
        in_doubt: bool = False,
    ) -> None:
        super().__init__(message, suggestion=suggestion, retryable=retryable)
        self.status = status
        self.in_doubt = in_doubt


class AgentsError(FacilitatorError):
    """Managed Agents refused a call or could not be reached; `in_doubt` as in `TrackerError`."""

    code = "managed_agents"

    def __init__(
        self, message: str, *, suggestion: str = "", retryable: bool = False, in_doubt: bool = False
    ) -> None:
        super().__init__(message, suggestion=suggestion, retryable=retryable)
        self.in_doubt = in_doubt


class ChannelError(FacilitatorError):
    """A notice did not go through a channel; `retryable` tells a passing fault from a final one."""

    code = "channel"


class StoreError(FacilitatorError):
    """The run log cannot be used as it is; it was not touched."""

    code = "run_log"
