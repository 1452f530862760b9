"""Analysis: samples of a trial, and what follows from them. Standard library only."""

from .judge import Judgement as Judgement
from .judge import Limits as Limits
from .judge import canary_pods as canary_pods
from .judge import decide as decide
from .judge import judge as judge
from .judge import stable_pods_needed as stable_pods_needed
from .prometheus import reached_by as reached_by
from .promql import parse_query as parse_query
from .sampler import Sampler as Sampler
from .samples import Measurement as Measurement
from .samples import Sample as Sample
from .samples import known as known
