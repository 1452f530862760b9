"""Recovery: a rollout is followed, and rolled back where it does not come up."""

from .follow import FailedRolloutError as FailedRolloutError
from .hooks import rollout_hooks as rollout_hooks
