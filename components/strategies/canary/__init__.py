"""Canary: a new version is tried on a share of the traffic before the stable track follows."""

from .access import own_paths as own_paths
from .args import Canary as Canary
from .metrics import CanaryMetrics as CanaryMetrics
from .preflight import check_canary as check_canary
from .surroundings import canary_checks as canary_checks
from .track import CanaryTrack as CanaryTrack
from .track import CanaryTrackArgs as CanaryTrackArgs
