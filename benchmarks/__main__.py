"""`make bench`: every measurement, or with ONLY=NAME one of them. A module here has a `main` that gives an exit code."""

from __future__ import annotations

import importlib
import os
import sys

MEASUREMENTS = ("forecast", "gate", "pages", "chaos")


def main(only: str) -> int:
    """Run them in turn; the worst exit code counts."""
    if only and only not in MEASUREMENTS:
        print(f"there is no measurement {only!r}; there are: {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    codes = []
    for name in (only,) if only else MEASUREMENTS:
        print(f"== {name}")
        codes.append(int(importlib.import_module(f"benchmarks.{name}").main([]) or 0))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(os.environ.get("ONLY", "")))
