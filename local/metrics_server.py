"""metrics-server: the figures an autoscaler scales by."""

from pathlib import Path

from local import images
from local.addon import Addon

SOURCE = Path(__file__).parent / "metrics_server"
DOCKERFILE = """\
FROM scratch
COPY metrics-server /metrics-server
USER 65534:65534
ENTRYPOINT ["/metrics-server"]
"""


def addon(binary: Path) -> Addon:
    """The built metrics-server."""
    return Addon(
        namespace="kube-system",
        name="metrics-server",
        image=images.keyed("metrics-server", DOCKERFILE, {"metrics-server": binary}),
        manifests=(SOURCE / "manifests.yaml").read_text(),
        probe="/apis/metrics.k8s.io/v1beta1/nodes/goservice",
    )
