"""`make bench`: every measurement, or with ONLY=NAME one of them; RUNS=2 runs each twice and writes the results down.

Those with a number give figures, which `figures` puts into results.json and RESULTS.md; the others have a `main` that prints
a table and gives an exit code.
"""

from __future__ import annotations

import importlib
import os
import sys

from benchmarks.figures import Record

TABLES = ("forecast", "gate", "pages", "chaos")
NUMBERED = {
    "B1": ("nine_o_clock", "measure"),
    "B2": ("following", "measure"),
    "B3": ("reading", "measure"),
    "B4": ("peers", "measure"),
    "B5": ("facts_size", "measure"),
    "B6": ("starting", "answering"),
    "B7": ("workers", "measure"),
    "B8": ("replaying", "measure"),
    "B9": ("starting", "readiness"),
}


def main(only: str, runs: int) -> int:
    """Run them in turn; 1 where one failed or a bar was missed. Only what ran several times is written down."""
    known = (*NUMBERED, *TABLES)
    if only and only not in known:
        print(f"there is no measurement {only!r}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    record, codes = Record(), []
    for name in (only,) if only else known:
        print(f"== {name}")
        for _ in range(runs if name in NUMBERED else 1):
            codes.append(_figures(name, record) if name in NUMBERED else _table(name))
    if runs > 1:
        record.write()
    return max(codes)


def _figures(name: str, record: Record) -> int:
    module, function = NUMBERED[name]
    figures = getattr(importlib.import_module(f"benchmarks.{module}"), function)()
    for figure in figures:
        print(figure.line(), flush=True)
    record.add(figures)
    return 0 if all(figure.met for figure in figures) else 1


def _table(name: str) -> int:
    return int(importlib.import_module(f"benchmarks.{name}").main([]) or 0)


if __name__ == "__main__":
    sys.exit(main(os.environ.get("ONLY", ""), int(os.environ.get("RUNS") or 1)))
