"""The dashboard as `serve` opens it: signed in from the command line, there while the process is, gone with it."""

import signal
import socket
import urllib.error
import urllib.request

from .conftest import Deployment, Program, printed_data, until


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def status(url: str) -> int:
    """The status of an answer, 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_serve_opens_the_dashboard_and_closes_it(deployment: Deployment) -> None:
    """A link from `signin` leads in; a stranger to the configuration gets none; SIGTERM ends it all, exit 0."""
    path = deployment.run.folder / "facilitator.toml"
    port = free_port()
    path.write_text(path.read_text().replace("# port = 8484 ", f"port = {port} "))
    serving = deployment.run.start("serve", "--json")
    until(lambda: status(f"http://127.0.0.1:{port}/signin") == 200, serving)
    link = deployment.run("signin", "--as", "Alice", "--json").data["url"]
    assert link.startswith(f"http://127.0.0.1:{port}/signin?token=")
    with urllib.request.urlopen(link, timeout=10) as page:
        assert "Sign in as Alice" in page.read().decode()
    assert deployment.run("signin", "--as", "Mallory", "--json").error["code"] == "configuration"
    assert status(f"http://127.0.0.1:{port}/api/today") == 401
    serving.send_signal(signal.SIGTERM)
    assert deployment.run.end(serving).code == 0
    assert status(f"http://127.0.0.1:{port}/signin") == 0


def test_the_demo_opens_it_on_runs_in_every_state(program: Program) -> None:
    """The short history ends in every state; the printed link works, and Ctrl-C ends it, exit 0."""
    demo = program.start("demo", "--serve", "--brief", "--json", "--port", str(free_port()))
    data = printed_data(demo)
    until(lambda: status(data["url"]) == 200, demo)
    listed = program("--config", "demo/facilitator.toml", "runs", "list", "--limit", "100", "--json").data
    assert {run["state"] for run in listed} >= {
        "written",
        "judged",
        "rejected",
        "expired",
        "failed",
        "skipped",
    }
    demo.send_signal(signal.SIGINT)
    assert program.end(demo).code == 0
