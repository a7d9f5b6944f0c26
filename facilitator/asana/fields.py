"""Every field we ask Asana for, in one place: a name missing here is a figure missing in a document.

Owns the `opt_fields` lists. Only names that the published API description lists are used; a bare nested name (`parent`)
answers its gid, which is all we need there. A typo is not reported by Asana: a test reads each field back.
"""

from __future__ import annotations

USER_FIELDS = ("name",)
WORKSPACE_FIELDS = ("name",)
SECTION_FIELDS = ("name",)
PROJECT_NAME_FIELDS = ("name",)
DATED_PROJECT_FIELDS = ("name", "archived", "start_on", "due_on", "completed_at")

PROJECT_FIELDS = (
    "name",
    "archived",
    "start_on",
    "due_on",
    "completed_at",
    "permalink_url",
    "workspace",
    "members.name",
)

CUSTOM_FIELD_FIELDS = tuple(
    f"custom_field_settings.custom_field.{name}"
    for name in ("name", "resource_subtype", "description", "enum_options.name", "enum_options.enabled")
)
"""Asked with the project; left out where the plan has no custom fields (402)."""

TASK_FIELDS = (
    "name",
    "resource_subtype",
    "is_rendered_as_separator",
    "assignee.name",
    "created_by",
    "created_at",
    "modified_at",
    "completed",
    "completed_at",
    "due_on",
    "due_at",
    "start_on",
    "num_subtasks",
    "parent",
    "memberships.project",
    "memberships.section",
    "tags.name",
    "notes",
    "permalink_url",
)

PAID_TASK_FIELDS = (
    "dependencies",
    "custom_fields.resource_subtype",
    "custom_fields.enabled",
    "custom_fields.display_value",
    "custom_fields.number_value",
    "custom_fields.text_value",
    "custom_fields.enum_value",
    "custom_fields.multi_enum_values",
    "custom_fields.date_value.date",
    "custom_fields.date_value.date_time",
    "custom_fields.people_value",
    "custom_fields.reference_value",
)
"""Asked with the tasks; left out where the plan has neither custom fields nor dependencies (402)."""

STORY_FIELDS = (
    "type",
    "resource_subtype",
    "created_at",
    "created_by.name",
    "text",
    "project",
    "old_section",
    "new_section",
    "assignee.name",
    "old_name",
    "new_name",
    "old_dates.due_on",
    "old_dates.due_at",
    "new_dates.due_on",
    "new_dates.due_at",
    "custom_field",
    "old_enum_value",
    "new_enum_value",
    "old_multi_enum_values",
    "new_multi_enum_values",
    "old_number_value",
    "new_number_value",
    "old_text_value",
    "new_text_value",
    "old_date_value",
    "new_date_value",
    "old_people_value",
    "new_people_value",
    "dependency",
    "tag.name",
    "old_approval_status",
    "new_approval_status",
    "old_resource_subtype",
    "new_resource_subtype",
)

COMMENT_FIELDS = ("type", "resource_subtype", "created_at", "created_by", "text", "html_text", "target")

FOUND_TASK_FIELDS = ("name", "completed", "created_at")


def asked(*fields: tuple[str, ...]) -> str:
    """The value of the `opt_fields` parameter: names joined by commas, which is the only form Asana reads."""
    return ",".join(name for group in fields for name in group)


MARKED_TASK_FIELDS = ("created_at", "created_by", "notes")
APPROVAL_FIELDS = ("approval_status", "completed_by", "completed_at", "due_at", "modified_at", "notes")
CHOICE_FIELDS = ("custom_fields.name", "custom_fields.enum_value.name")
CHOSEN_FIELDS = ("resource_subtype", "created_at", "created_by.name", "custom_field", "new_enum_value")
ANSWER_FIELDS = ("type", "resource_subtype", "created_at", "created_by.name", "text", "new_approval_status")
STATUS_FIELDS = ("created_at", "author", "text")
ATTACHMENT_FIELDS = ("created_at", "name")

REMARK_FIELDS = (
    "type",
    "resource_subtype",
    "created_at",
    "created_by",
    "text",
    "html_text",
    "target",
    "project",
    "new_section.name",
)
ADDED_TASK_FIELDS = ("name", "created_at", "created_by")
ECHO_FIELDS = (
    "type",
    "resource_subtype",
    "created_at",
    "created_by",
    "text",
    "num_likes",
    "reaction_summary",
)
