"""Analysis: samples of a trial, and what follows from them. Standard library only."""

from .access.prometheus import Ask as Ask
from .access.prometheus import PrometheusAccess as PrometheusAccess
from .access.prometheus import PrometheusError as PrometheusError
from .access.prometheus import reached_by as reached_by
from .counting.sampler import Sampler as Sampler
from .judging.judge import Judgement as Judgement
from .judging.judge import Limits as Limits
from .judging.judge import canary_pods as canary_pods
from .judging.judge import decide as decide
from .judging.judge import judge as judge
from .judging.judge import stable_pods_needed as stable_pods_needed
from .metrics import MetricNames as MetricNames
from .preflight import Finding as Finding
from .preflight import preflight as preflight
from .presets import PRESETS as PRESETS
from .promql import parse_query as parse_query
from .samples import Measurement as Measurement
from .samples import Sample as Sample
from .samples import known as known
