"""Strategies: how a new version replaces the old one."""

from .canary import Canary as Canary
from .canary import CanaryMetrics as CanaryMetrics
from .canary import CanaryTrack as CanaryTrack
from .canary import CanaryTrackArgs as CanaryTrackArgs
from .canary import canary_checks as canary_checks
from .canary import check_canary as check_canary
from .canary import own_paths as own_paths
from .dispatch import Strategy as Strategy
from .dispatch import deploy as deploy
from .monitors import monitor_guard as monitor_guard
from .ownership import ownership_guard as ownership_guard
from .provider import cluster_of as cluster_of
from .rolling import Rolling as Rolling
from .workload import Workload as Workload
