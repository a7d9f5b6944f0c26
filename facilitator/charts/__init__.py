"""Charts: the board's figures as pictures for Asana and the dashboard.

Each function takes what `board` computed and returns the bytes of a PNG (1600 x 800, shown at 800 x 400) or an SVG: pure,
and the same bytes for the same data on every machine. It computes no figure of its own.
"""

from facilitator.charts.canvas import Format, warm
from facilitator.charts.flow import cycle_times, throughput
from facilitator.charts.sprints import burndown, velocity

__all__ = ["Format", "burndown", "cycle_times", "throughput", "velocity", "warm"]
