"""`python -m benchmarks.chaos --seed N --runs M`."""

import sys

from benchmarks.chaos import main

sys.exit(main(sys.argv[1:]))
