"""`make audit`: the lock's hashes against what would be installed, and every locked package against known advisories.

Exit 0: both were looked at and are clean. 1: a hash or an advisory says no. 2: something could not be asked (no network, no
advisory database), which is said plainly and is no clean bill.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
HASHES = (
    "install",
    "--dry-run",
    "--quiet",
    "--no-deps",
    "--ignore-installed",
    "--require-hashes",
    "-r",
    str(LOCK),
)
ADVISORIES = ("-r", str(LOCK), "--no-deps", "--disable-pip", "--progress-spinner", "off", "-f", "json")


def main() -> int:
    """Look at both; the worse answer counts."""
    return max(hashes(), advisories())


def hashes() -> int:
    """Whether everything the lock names would be installed with exactly the bytes it names."""
    done = run("pip", *HASHES)
    if done.returncode == 0:
        print(f"hashes: all {len(LOCK.read_text().split('==')) - 1} packages are what {LOCK.name} says")
        return 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip gave no reason"]
    wrong = "DO NOT MATCH THE HASHES" in done.stderr
    print(f"hashes: {'WRONG' if wrong else 'not checked, the package index could not be asked'}: {lines[0]}")
    return 1 if wrong else 2


def advisories() -> int:
    """Whether a known advisory names a locked package."""
    done = run("pip_audit", *ADVISORIES)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["pip-audit gave no reason"])[-1]
        print(f"advisories: not checked, the advisory database could not be asked: {last[:200]}")
        return 2
    skipped = [each["name"] for each in found if "skip_reason" in each]
    told = [(each, each["vulns"]) for each in found if each.get("vulns")]
    for each, known in told:
        print(f"advisories: {each['name']} {each['version']}: {', '.join(one['id'] for one in known)}")
    print(f"advisories: {len(found) - len(skipped)} packages looked up, {len(told)} with an advisory")
    if skipped:
        print(
            f"advisories: {len(skipped)} packages are not known to the advisory database and were NOT checked"
        )
    return 1 if told else 2 if skipped else 0


def run(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    """One tool of this environment; what it says is kept."""
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words


if __name__ == "__main__":
    sys.exit(main())
