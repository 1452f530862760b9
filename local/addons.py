"""The add-ons: Prometheus for the pods' metrics, and metrics-server for the autoscaler."""

from pathlib import Path

from local import images, tools
from local.addon import Addon
from local.programs import ProgramImage

SOURCE = Path(__file__).parent

# Debian's Prometheus, with a program that discovers the pods to scrape.
PROMETHEUS = Addon(
    namespace="monitoring",
    name="prometheus",
    title="Prometheus",
    image=ProgramImage(
        name="prometheus",
        tool=tools.DISCOVERY,
        dockerfile=f"""\
FROM {images.BASE}
RUN apt-get update -qq \\
 && apt-get install -y -qq --no-install-recommends prometheus \\
 && rm -rf /var/lib/apt/lists/*
COPY discovery /usr/local/bin/discovery
USER 65534:65534
ENTRYPOINT ["prometheus"]
""",
    ),
    manifests=SOURCE / "prometheus/manifests.yaml",
    probe="/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/-/ready",
)

METRICS_SERVER = Addon(
    namespace="kube-system",
    name="metrics-server",
    title="Metrics server",
    image=ProgramImage(
        name="metrics-server",
        tool=tools.METRICS_SERVER,
        dockerfile="""\
FROM scratch
COPY metrics-server /metrics-server
USER 65534:65534
ENTRYPOINT ["/metrics-server"]
""",
    ),
    manifests=SOURCE / "metrics_server/manifests.yaml",
    probe="/apis/metrics.k8s.io/v1beta1/nodes/goservice",
)
