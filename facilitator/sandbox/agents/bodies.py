"""What a client may send: one strict shape for each request body.

Read by the routes through wire.py. The shapes follow the parameter types of the SDK 2.11.0; they do not look things up, so
"no such agent" is decided by the routes.
"""

# ruff: noqa: D101, RUF012 - a shape is named by what it is; pydantic copies its defaults

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from facilitator.sandbox.agents.wire import Json, Strict

Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=64)],
        Annotated[str, StringConstraints(max_length=512)],
    ],
    Field(max_length=16),
]
MetadataPatch = dict[
    Annotated[str, StringConstraints(min_length=1, max_length=64)],
    Annotated[str, StringConstraints(max_length=512)] | None,
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Effort = Literal["low", "medium", "high", "xhigh", "max"]
BUILT_IN = ("bash", "read", "write", "edit", "glob", "grep", "web_fetch", "web_search")


class EffortObject(Strict):
    type: Effort


class ModelConfigBody(Strict):
    id: Annotated[str, StringConstraints(min_length=1)]
    effort: Effort | EffortObject | None = None
    speed: Literal["standard", "fast"] | None = None
    inference_geo: str | None = None


class Policy(Strict):
    type: Literal["always_allow", "always_ask", "auto"]


class ToolDefault(Strict):
    enabled: bool | None = None
    permission_policy: Policy | None = None


class ToolConfig(ToolDefault):
    name: Literal["bash", "read", "write", "edit", "glob", "grep", "web_fetch", "web_search"]
    type: Literal["bash", "read", "write", "edit", "glob", "grep", "web_fetch", "web_search"] | None = None


class AgentToolset(Strict):
    type: Literal["agent_toolset_20260401"]
    configs: list[ToolConfig] = []
    default_config: ToolDefault | None = None


class McpToolConfig(ToolDefault):
    name: str


class McpToolset(Strict):
    type: Literal["mcp_toolset"]
    mcp_server_name: str
    configs: list[McpToolConfig] = []
    default_config: ToolDefault | None = None


class InputSchema(Strict):
    type: Literal["object"]
    properties: dict[str, Any] | None = None
    required: list[str] | None = None
    additionalProperties: bool | None = None  # noqa: N815 - a word of JSON Schema; the SDK's own tool helper sends it
    title: str | None = None
    description: str | None = None


class CustomTool(Strict):
    type: Literal["custom"]
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
    description: Annotated[str, StringConstraints(min_length=1)]
    input_schema: InputSchema


class McpServer(Strict):
    type: Literal["url"]
    name: Name
    url: str


Tool = Annotated[AgentToolset | McpToolset | CustomTool, Field(discriminator="type")]
Tools = Annotated[list[Tool], Field(max_length=256)]
McpServers = Annotated[list[McpServer], Field(max_length=20)]
System = Annotated[str, StringConstraints(max_length=100_000)]
Description = Annotated[str, StringConstraints(max_length=2048)]


class Skill(Strict):
    type: Literal["anthropic", "custom"]
    skill_id: str
    version: str | None = None


class ServiceAccount(Strict):
    type: Literal["service_account"]


class AgentCreate(Strict):
    """`multiagent` may only be null: this sandbox runs one thread for each session."""

    name: Name
    model: str | ModelConfigBody
    description: Description | None = None
    system: System | None = None
    tools: Tools = []
    mcp_servers: McpServers = []
    skills: Annotated[list[Skill], Field(max_length=20)] = []
    metadata: Metadata = {}
    multiagent: None = None
    execution_identity: ServiceAccount | None = None


class AgentUpdate(Strict):
    """Omitted keeps, null clears, arrays replace, metadata merges. `version`, where given, must be the latest."""

    version: int | None = None
    name: Name | None = None
    model: str | ModelConfigBody | None = None
    description: Description | None = None
    system: System | None = None
    tools: Tools | None = None
    mcp_servers: McpServers | None = None
    skills: Annotated[list[Skill], Field(max_length=20)] | None = None
    metadata: MetadataPatch | None = None
    multiagent: None = None
    execution_identity: ServiceAccount | None = None


Host = Annotated[str, StringConstraints(pattern=r"^(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")]


class Networking(Strict):
    type: Literal["unrestricted", "limited"]
    allowed_hosts: list[Host] | None = None
    allow_mcp_servers: bool | None = None
    allow_package_managers: bool | None = None

    @model_validator(mode="after")
    def unrestricted_has_no_rules(self) -> Networking:
        """Host lists mean something under `limited` only."""
        if self.type == "unrestricted" and len(self.model_fields_set) > 1:
            raise ValueError("unrestricted networking takes no further fields")
        return self


class Packages(Strict):
    type: Literal["packages"] | None = None
    apt: list[str] | None = None
    cargo: list[str] | None = None
    gem: list[str] | None = None
    go: list[str] | None = None
    npm: list[str] | None = None
    pip: list[str] | None = None


class EnvironmentConfig(Strict):
    type: Literal["cloud", "self_hosted"]
    networking: Networking | None = None
    packages: Packages | None = None

    @model_validator(mode="after")
    def self_hosted_stands_alone(self) -> EnvironmentConfig:
        """A self-hosted environment is configured where it runs."""
        if self.type == "self_hosted" and len(self.model_fields_set) > 1:
            raise ValueError("self_hosted takes no further fields")
        return self


class EnvironmentCreate(Strict):
    name: Name
    config: EnvironmentConfig | None = None
    description: str | None = None
    metadata: Metadata = {}
    scope: Literal["organization"] | None = None


class EnvironmentUpdate(Strict):
    name: Name | None = None
    config: EnvironmentConfig | None = None
    description: str | None = None
    metadata: MetadataPatch = {}
    scope: Literal["organization"] | None = None


class Money(Strict):
    amount: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*$")]
    currency: Literal["USD"]


class Budget(Strict):
    type: Literal["limit"]
    max_list_cost: Money


class AgentRef(Strict):
    type: Literal["agent"]
    id: str
    version: int | None = None


class AgentWithOverrides(Strict):
    type: Literal["agent_with_overrides"]
    id: str
    version: int | None = None
    model: str | ModelConfigBody | None = None
    system: System | None = None
    tools: Tools | None = None
    mcp_servers: McpServers | None = None
    skills: list[Skill] | None = None


class FileResource(Strict):
    type: Literal["file"]
    file_id: str
    mount_path: str | None = None


class TextBlock(Strict):
    """Empty text is refused: a silent tool must say so [H]."""

    type: Literal["text"]
    text: Annotated[str, StringConstraints(min_length=1)]


class OtherBlock(Strict):
    """An image, document or search result: taken as it comes, for the scripted writer reads none of them."""

    type: Literal["image", "document", "search_result"]
    source: Any = None
    title: str | None = None
    context: str | None = None
    content: list[Any] | None = None
    citations: Any = None


Content = list[Annotated[TextBlock | OtherBlock, Field(discriminator="type")]]


class Rubric(Strict):
    type: Literal["text", "file"]
    content: Annotated[str, StringConstraints(min_length=1, max_length=262_144)] | None = None
    file_id: str | None = None

    @model_validator(mode="after")
    def one_source(self) -> Rubric:
        """A text rubric has content, a file rubric a file_id, and neither has both."""
        if (self.type == "text") != (self.content is not None) or (self.type == "file") != (
            self.file_id is not None
        ):
            raise ValueError("a text rubric needs content and a file rubric needs file_id")
        return self


class UserMessage(Strict):
    type: Literal["user.message"]
    content: Annotated[Content, Field(min_length=1)]


class DefineOutcome(Strict):
    type: Literal["user.define_outcome"]
    description: Annotated[str, StringConstraints(min_length=1)]
    rubric: Rubric
    max_iterations: Annotated[int, Field(ge=1, le=20)] | None = None


class Interrupt(Strict):
    type: Literal["user.interrupt"]
    session_thread_id: str | None = None


class CustomToolResult(Strict):
    type: Literal["user.custom_tool_result"]
    custom_tool_use_id: str
    content: Content | None = None
    is_error: bool | None = None


class ToolConfirmation(Strict):
    type: Literal["user.tool_confirmation"]
    tool_use_id: str
    result: Literal["allow", "deny"]
    deny_message: str | None = None


class SystemMessage(Strict):
    type: Literal["system.message"]
    content: Annotated[list[TextBlock], Field(min_length=1)]


SentEvent = UserMessage | DefineOutcome | Interrupt | CustomToolResult | ToolConfirmation | SystemMessage


class SendEvents(Strict):
    events: Annotated[list[Annotated[SentEvent, Field(discriminator="type")]], Field(min_length=1)]


InitialEvent = Annotated[UserMessage | DefineOutcome, Field(discriminator="type")]


class SessionCreate(Strict):
    agent: str | AgentRef | AgentWithOverrides
    environment_id: str
    title: str | None = None
    metadata: Metadata = {}
    initial_events: Annotated[list[InitialEvent], Field(min_length=1, max_length=50)] | None = None
    budget: Budget | None = None
    resources: Annotated[list[FileResource], Field(max_length=500)] = []
    vault_ids: list[str] = []


class SessionAgentUpdate(Strict):
    tools: Tools | None = None
    mcp_servers: McpServers | None = None


class SessionUpdate(Strict):
    title: str | None = None
    metadata: MetadataPatch | None = None
    budget: Budget | None = None
    agent: SessionAgentUpdate | None = None


class Empty(Strict):
    """A request with nothing to say."""


def text_of(content: list[Json] | None) -> str:
    """The text of content blocks, joined by line ends; blocks of other kinds are passed over."""
    return "\n".join(str(block["text"]) for block in content or [] if block.get("type") == "text")
