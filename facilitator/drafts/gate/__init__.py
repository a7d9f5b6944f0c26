"""The fact gate: every number, date, name and state in a draft's free text is held against the Facts.

`check` is what `draft_check`, the pipeline and a person's edit all ask. It reads text as a careful reader would: figures
in `figures` and `judging`, days in `times`, names in `names`, states in `states`, directions in `trends`, and whose a
figure is in `teams`. It never guesses what a writer meant and never repairs a draft; it says what is wrong and what is right.
"""

from __future__ import annotations

from facilitator.drafts.gate.checking import check
from facilitator.drafts.gate.teams import whose

__all__ = ["check", "whose"]
