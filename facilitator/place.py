"""Where the run log is, for whoever only wants to look: said by the environment, else beside the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def run_log_address(source: Path, environ: Mapping[str, str]) -> str:
    """The run log's address for the configuration at `source`, as SQLAlchemy reads it; it may hold a password."""
    said = environ.get("FACILITATOR_DATABASE_URL", "").strip()
    return said or f"sqlite:///{(source.resolve().parent / 'facilitator.sqlite3').as_posix()}"
