"""What a check before a trial found."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check, whether it passed or not."""

    check: str
    """What was checked, in a few words."""
    problem: str = ""
    """Why no trial could be measured; empty if the check passed."""
    remedy: str = ""
    """What to do about it, or about the note."""
    note: str = ""
    """What should be known of a check that passed; empty for nothing."""
    transient: bool = False
    """Whether waiting may help."""

    @property
    def text(self) -> str:
        """The problem and its remedy, in one line."""
        return f"{self.problem}; {self.remedy}" if self.remedy else self.problem
