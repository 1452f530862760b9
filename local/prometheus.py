"""Prometheus: Debian's, in the cluster, with the metrics of every pod that says it has some."""

from pathlib import Path

from local import images
from local.addon import Addon

SOURCE = Path(__file__).parent / "prometheus"
DOCKERFILE = f"""\
FROM {images.BASE}
RUN apt-get update -qq \\
 && apt-get install -y -qq --no-install-recommends prometheus \\
 && rm -rf /var/lib/apt/lists/*
COPY discovery /usr/local/bin/discovery
USER 65534:65534
ENTRYPOINT ["prometheus"]
"""


def addon(discovery: Path) -> Addon:
    """Prometheus with the built program that tells it of the pods."""
    return Addon(
        namespace="monitoring",
        name="prometheus",
        image=images.keyed("prometheus", DOCKERFILE, {"discovery": discovery}),
        manifests=(SOURCE / "manifests.yaml").read_text(),
        probe="/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/-/ready",
    )
