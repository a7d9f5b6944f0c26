"""Options that several verbs take, in the same words everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON envelope instead of text.")]
By = Annotated[
    str, typer.Option("--by", envvar="FACILITATOR_USER", help="Who decides: an approver's name or gid.")
]
At = Annotated[str, typer.Option("--at", help="The instant to speak of, ISO 8601 with a zone; default now.")]
