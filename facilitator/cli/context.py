"""What every verb needs: how to compose the application, the words of the command line, and how to read instants."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from facilitator.errors import ConfigurationError

if TYPE_CHECKING:
    from facilitator.service.application import Application

Composer = Callable[[Path | None, Mapping[str, str]], "Application"]
"""Builds the application from a configuration file's path (None: look for it) and an environment."""


class Context:
    """The command line's own words, filled by its options."""

    def __init__(self, compose: Composer, ceremonies: Callable[[], tuple[str, ...]]) -> None:
        self.compose = compose
        self.ceremonies = ceremonies
        self.config: Path | None = None
        self.environ: Mapping[str, str] = os.environ

    @contextmanager
    def application(
        self, *, config: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> Iterator[Application]:
        """The application of this command, closed at the end; another configuration may be named (the demo does)."""
        application = self.compose(config or self.config, environ if environ is not None else self.environ)
        try:
            yield application
        finally:
            application.close()


def instant(text: str, default: datetime) -> datetime:
    """An ISO 8601 instant with a zone, in UTC; the default where nothing was said."""
    if not text:
        return default
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise ConfigurationError(
            f"{text!r} is not an instant with a time zone.",
            suggestion="Write it like 2026-06-10T09:15:00+02:00.",
        )
    return read.astimezone(UTC)
