"""The engine of an agile facilitator: from a due window to one approved comment, never twice."""
