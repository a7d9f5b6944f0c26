"""Claude Managed Agents, the only room that imports its SDK: provision, submit, follow, fetch, price.

Others may use the names below; the SDK itself is loaded at the first call, not at import.
"""

from facilitator.agents.backend import ManagedAgentsBackend
from facilitator.agents.client import CREATES, READS, SENDS, Intervals, make_client
from facilitator.agents.cost import Prices, list_cents, load_prices
from facilitator.agents.provision import Change, apply, plan
from facilitator.agents.recipe import Kit, McpServer

__all__ = [
    "CREATES",
    "READS",
    "SENDS",
    "Change",
    "Intervals",
    "Kit",
    "ManagedAgentsBackend",
    "McpServer",
    "Prices",
    "apply",
    "list_cents",
    "load_prices",
    "make_client",
    "plan",
]
