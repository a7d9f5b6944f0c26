"""One thing wrong with a draft, told so that its writer can mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A check that a draft fails.

    `check` is the check's id (`schema`, `cites`, `caps`, `gate.number`, `tone`, or a rubric criterion such as `D2`);
    `where` names the place (`headline`, `blocked[0].text`); `sentence` quotes it; `claim` is the words at fault;
    `fact` and `right` are the nearest fact's id and its value, where there is one.
    """

    check: str
    where: str
    message: str
    sentence: str = ""
    claim: str = ""
    fact: str = ""
    right: str = ""

    def as_dict(self) -> dict[str, str]:
        """The JSON form, empty members left out."""
        return {key: value for key, value in asdict(self).items() if value}

    def line(self) -> str:
        """One line for a person or for the agent."""
        right = f" Right: {self.fact} = {self.right}." if self.right else ""
        return f"[{self.check}] {self.where}: {self.message}{right}"
