"""Canary: a new version is tried on a share of the traffic before the stable track follows."""

from .args import Canary as Canary
from .args import canary_checks as canary_checks
from .track import CanaryTrack as CanaryTrack
from .track import CanaryTrackArgs as CanaryTrackArgs
