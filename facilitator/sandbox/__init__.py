"""The local sandbox: a simulated Asana and a simulated Managed Agents on loopback, for demos and tests without an account.

It is written from the published descriptions of both services and imports nothing of the engine, so that the clients and what
they are tested against cannot share one misunderstanding.
"""

from facilitator.sandbox.agents.quotas import Quotas
from facilitator.sandbox.clock import SandboxClock
from facilitator.sandbox.faults import FaultError
from facilitator.sandbox.server import Sandbox
from facilitator.sandbox.workspace import WorkspaceError, check_pack, load_pack

__all__ = ["FaultError", "Quotas", "Sandbox", "SandboxClock", "WorkspaceError", "check_pack", "load_pack"]
