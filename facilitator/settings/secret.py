"""Keys and tokens: where they are, never what they are.

Loading notes which variable or file holds a secret; whoever uses it asks at that moment, so that a rotated file is
picked up. Nothing here can be printed by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from facilitator.errors import ConfigurationError
from facilitator.settings.faults import Refused


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret by its variable's name; from the environment, or from the file that `NAME_FILE` names."""

    name: str
    _value: str = field(default="", repr=False)
    _file: Path | None = field(default=None, repr=False)

    @classmethod
    def named(cls, name: str, environ: Mapping[str, str]) -> Secret:
        """Note where the secret is; `Refused` where both the variable and its file are given."""
        value, file = environ.get(name, "").strip(), environ.get(f"{name}_FILE", "").strip()
        if value and file:
            raise Refused(f"{name} and {name}_FILE are both set.", "Keep one of them.")
        return cls(name, value, Path(file) if file else None)

    @property
    def is_set(self) -> bool:
        """Whether the variable or its file is named; the file may still be missing or empty."""
        return bool(self._value) or self._file is not None

    @property
    def from_file(self) -> bool:
        """Whether it is kept in a file, out of the process's environment."""
        return self._file is not None

    def reveal(self) -> str:
        """The secret itself, for the one call that sends it; read anew each time it comes from a file.

        Raises `ConfigurationError` where there is none or where it cannot be one.
        """
        if not self.is_set:
            raise ConfigurationError(
                f"{self.name} is not set.",
                suggestion=f"Set {self.name}, or {self.name}_FILE to a file that holds it.",
            )
        value = self._value if self._file is None else self._read(self._file)
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise ConfigurationError(
                f"{self._source} is empty or not a key: it must be one line of printable ASCII without spaces.",
                suggestion="Copy the key again, without quotes or a line break.",
            )
        return value

    @property
    def _source(self) -> str:
        return self.name if self._file is None else f"the file named by {self.name}_FILE ({self._file})"

    def _read(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise ConfigurationError(
                f"{self._source} cannot be read: {reason}.", suggestion="Check the path and who may read it."
            ) from None
