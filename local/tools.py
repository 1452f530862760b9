"""The programs built from source, with their versions and flags."""

from local.gobuild import GoTool
from local.paths import CHECKOUT

PULUMI_VERSION = "v3.259.0"
KUBERNETES_VERSION = "v1.34.4"
BUILDX_VERSION = "v0.38.2"
METRICS_SERVER_VERSION = "v0.9.0"

PULUMI = GoTool(
    name="pulumi",
    version=PULUMI_VERSION,
    source=CHECKOUT / "local/engine",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags=f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI_VERSION}",
)

_VERSION_VARIABLES = {
    "gitVersion": KUBERNETES_VERSION,
    "gitMajor": KUBERNETES_VERSION.removeprefix("v").split(".")[0],
    "gitMinor": KUBERNETES_VERSION.split(".")[1],
}

KUBE = GoTool(
    name="kube",
    version=KUBERNETES_VERSION,
    source=CHECKOUT / "local/node",
    package=".",
    ldflags=" ".join(
        ["-s -w"]
        + [f"-X k8s.io/component-base/version.{key}={value}" for key, value in _VERSION_VARIABLES.items()]
    ),
    env={"CGO_ENABLED": "0"},  # it runs in the node's image, whose C library may be older than the machine's
)

BUILDX = GoTool(
    name="docker-buildx",
    version=BUILDX_VERSION,
    source=CHECKOUT / "local/buildx",
    package="github.com/docker/buildx/cmd/buildx",
)

PAUSE = GoTool(
    name="pause",
    version="1",
    source=CHECKOUT / "local/pause",
    package=".",
    env={"CGO_ENABLED": "0"},
)

METRICS_SERVER = GoTool(
    name="metrics-server",
    version=METRICS_SERVER_VERSION,
    source=CHECKOUT / "local/metrics_server",
    package="sigs.k8s.io/metrics-server/cmd/metrics-server",
    env={"CGO_ENABLED": "0"},  # it runs in an image of its own, which holds nothing else
)

DISCOVERY = GoTool(
    name="discovery",
    version="1",
    source=CHECKOUT / "local/discovery",
    package=".",
    env={"CGO_ENABLED": "0"},
)
