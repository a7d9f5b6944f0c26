"""Measurements: each prints a table, names what it is measured against, and tunes nothing."""
