"""The log of a serving process: on standard error, and without what the program held in its hands."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FAULTY = """
import structlog
from facilitator.cli.progress import logs_aside
logs_aside()
token = "canary-" + "secret"
try:
    raise ValueError("unforeseen")
except ValueError:
    structlog.get_logger().exception("advancing_failed", run="run_1")
"""


def test_a_traceback_in_the_log_shows_no_local_variable() -> None:
    """Whoever reads the log sees where it failed, not which token was at hand; standard output stays empty."""
    done = subprocess.run(
        [sys.executable, "-c", FAULTY], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ""
    assert "ValueError: unforeseen" in done.stderr
    assert "run_1" in done.stderr
    assert "canary-secret" not in done.stderr
