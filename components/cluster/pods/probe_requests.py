"""How many requests the kubelet makes to a container by itself. Pure."""

import math
from typing import Any

_DEFAULT_PERIOD = 10  # of Kubernetes, seconds


def probe_requests(container: dict[str, Any], seconds: float) -> float:
    """Requests of the HTTP probes of a container that runs, at most, within some seconds.

    Its startup probe is over by then.
    """
    probes = (container.get(f"{kind}Probe", {}) for kind in ("liveness", "readiness"))
    periods = (probe.get("periodSeconds", _DEFAULT_PERIOD) for probe in probes if "httpGet" in probe)
    return float(sum(math.ceil(seconds / period) for period in periods))
