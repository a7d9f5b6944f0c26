"""`python -m benchmarks.peers`."""

import sys

from benchmarks.figures import measured
from benchmarks.peers import measure

sys.exit(measured(measure, ()))
