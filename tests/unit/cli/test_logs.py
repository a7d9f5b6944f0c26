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
LEFT_OVER = """
import asyncio, gc
from facilitator.cli.progress import left_over, logs_aside

async def fail():
    raise ValueError("nobody waits for this")

async def main():
    asyncio.get_running_loop().set_exception_handler(left_over)
    task = asyncio.ensure_future(fail())
    await asyncio.wait({task})
    del task
    gc.collect()

logs_aside()
asyncio.run(main())
"""


def said(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )


def test_a_traceback_in_the_log_shows_no_local_variable() -> None:
    """Whoever reads the log sees where it failed, not which token was at hand; standard output stays empty."""
    done = said(FAULTY)
    assert done.stdout == ""
    assert "ValueError: unforeseen" in done.stderr
    assert "run_1" in done.stderr
    assert "canary-secret" not in done.stderr


def test_a_fault_nobody_waits_for_is_a_line() -> None:
    """What went wrong aside is told, without a traceback: there is nothing a reader could do with one."""
    done = said(LEFT_OVER)
    assert "background_fault" in done.stderr
    assert "nobody waits for this" in done.stderr
    assert "Traceback" not in done.stderr
