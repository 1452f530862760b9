"""Analysis: samples of a trial, and what follows from them. Standard library only."""

from .judge import Judgement as Judgement
from .judge import Limits as Limits
from .judge import canary_pods as canary_pods
from .judge import decide as decide
from .judge import judge as judge
from .judge import stable_pods_needed as stable_pods_needed
from .metrics import MetricNames as MetricNames
from .preflight import Finding as Finding
from .preflight import preflight as preflight
from .presets import PRESETS as PRESETS
from .prometheus import Ask as Ask
from .prometheus import PrometheusAccess as PrometheusAccess
from .prometheus import PrometheusError as PrometheusError
from .prometheus import reached_by as reached_by
from .promql import parse_query as parse_query
from .sampler import Sampler as Sampler
from .samples import Measurement as Measurement
from .samples import Sample as Sample
from .samples import known as known
