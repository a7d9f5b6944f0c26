"""Asana's error answers: one exception that carries a status and the message people read."""

from typing import Any

HELP = (
    "For more information on API status codes and how to handle them, read the docs on errors: "
    "https://developers.asana.com/docs/errors"
)
PHRASE = "6 sad squid snuggle softly"


class ApiError(Exception):
    """A call is refused. `extra` goes beside `errors` in the body (the `sync` of a 412)."""

    def __init__(self, status: int, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.extra = extra


def error_body(status: int, message: str) -> dict[str, Any]:
    """Build the body of an error answer; only a 500 carries a phrase."""
    error = {"message": message, "help": HELP}
    return {"errors": [{**error, "phrase": PHRASE} if status == 500 else error]}


def bad(message: str) -> ApiError:
    """Build the 400 of a malformed call."""
    return ApiError(400, message)


def not_modelled(feature: str) -> ApiError:
    """Build the 501 of something the real API has and this simulator does not: silence would be a lie."""
    return ApiError(501, f"The sandbox does not model {feature}.")
