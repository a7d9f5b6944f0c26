"""The built-in world of the local sandbox: a made-up product team with months of history, from a seed."""

from facilitator.sandbox.generated.pack import generate_world

__all__ = ["generate_world"]
