"""Finding ceremonies: every module in a jobs/ folder exports one CEREMONY. There is no skip list.

A deployment may keep its own jobs/, rubrics/ and templates/ beside its facilitator.toml; a ceremony there takes the
place of one of the same name here.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from facilitator.ceremony import Ceremony
from facilitator.errors import ConfigurationError
from facilitator.runs.library import Shelves


def find_ceremonies(*roots: Path) -> Shelves:
    """The ceremonies of every root's jobs/, later roots first in rank; raises `ConfigurationError` for a bad module."""
    ceremonies: dict[str, Ceremony] = {}
    homes: dict[str, Path] = {}
    for root in dict.fromkeys(roots):
        for path in sorted((root / "jobs").glob("*.py")):
            if path.stem == "__init__":
                continue
            ceremony = _load(path)
            ceremonies[ceremony.name], homes[ceremony.name] = ceremony, root
    return Shelves(ceremonies, homes)


def _load(path: Path) -> Ceremony:
    name = f"jobs.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path} cannot be loaded.", suggestion="It must be a Python module.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickling of the module's own types look it up by name
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigurationError(
            f"{path} cannot be loaded: {type(error).__name__}: {error}",
            suggestion="Mend the module, then run `check`.",
        ) from error
    ceremony = getattr(module, "CEREMONY", None)
    if not isinstance(ceremony, Ceremony) or ceremony.name != path.stem:
        raise ConfigurationError(
            f"{path} must export CEREMONY, a Ceremony named {path.stem!r}.", suggestion="See jobs/standup.py."
        )
    return ceremony
