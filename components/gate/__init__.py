"""Gate: the trial of a canary, a process of its own. Standard library only."""

from .plan import Plan as Plan
from .request import TrialRequest as TrialRequest
