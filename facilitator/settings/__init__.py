"""The configuration: facilitator.toml and the environment in, frozen `Settings` out, every fault with its line.

Importing this room loads neither pydantic nor the holidays library; reading a configuration does.
"""

from facilitator.settings.faults import ConfigFault, ConfigurationFaults
from facilitator.settings.first import first_configuration
from facilitator.settings.load import load_settings, read_settings
from facilitator.settings.schedule import Schedule
from facilitator.settings.secret import Secret
from facilitator.settings.settings import (
    AgentsSettings,
    AsanaSettings,
    ExecutorSettings,
    Retention,
    Settings,
    WebSettings,
)
from facilitator.settings.team import BoardReading, ModeName, Person, Quiet, Team, TeamCeremony

__all__ = [
    "AgentsSettings",
    "AsanaSettings",
    "BoardReading",
    "ConfigFault",
    "ConfigurationFaults",
    "ExecutorSettings",
    "ModeName",
    "Person",
    "Quiet",
    "Retention",
    "Schedule",
    "Secret",
    "Settings",
    "Team",
    "TeamCeremony",
    "WebSettings",
    "first_configuration",
    "load_settings",
    "read_settings",
]
