"""The verbs and their options, one module for each group.

Each module's `add` declares options only and imports its work when called, so that `--help` answers at once.
Their annotations are no texts (no `from __future__ import annotations`): typer would compile each of them at every start.
"""

from facilitator.cli.commands import (
    approvals,
    audit,
    costs,
    database,
    first,
    health,
    keeping,
    looking,
    notices,
    rebuilding,
    running,
    runs,
    signin,
    teams,
    triggers,
)

GROUPS = (
    first,
    running,
    teams,
    runs,
    approvals,
    health,
    looking,
    notices,
    triggers,
    costs,
    audit,
    keeping,
    signin,
    database,
    rebuilding,
)
"""In the order of `--help`."""
