"""The verbs and their options, one module for each group.

Each module's `add` declares options only and imports its work when called, so that `--help` answers at once.
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
