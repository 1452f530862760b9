"""The programs built from source, with their versions and flags.

The versions of Pulumi, its plugins, buildx and BuildKit share modules, which are compiled only once.
"""

from collections.abc import Mapping
from dataclasses import replace

from local.gobuild import GoTool
from local.paths import CHECKOUT

PULUMI_VERSION = "v3.250.0"
KUBERNETES_VERSION = "v1.34.4"
BUILDX_VERSION = "v0.35.0"
BUILDKIT_VERSION = "v0.31.0"
METRICS_SERVER_VERSION = "v0.8.0"

_PLUGINS = CHECKOUT / "local/plugins"
_NODE = CHECKOUT / "local/node"
# For programs in images, whose C library may be missing or older than the machine's.
_STATIC = {"CGO_ENABLED": "0"}


def _ldflags(**variables: str) -> str:
    """Linker flags that set variables, by package path and name."""
    return " ".join(["-s -w", *(f"-X {name}={value}" for name, value in variables.items())])


PULUMI = GoTool(
    name="pulumi",
    version=PULUMI_VERSION,
    source=CHECKOUT / "local/engine",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags=_ldflags(**{"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": PULUMI_VERSION}),
)

BUILDX = GoTool(
    name="docker-buildx",
    version=BUILDX_VERSION,
    source=_PLUGINS,
    package="github.com/docker/buildx/cmd/buildx",
    ldflags=_ldflags(**{"github.com/docker/buildx/version.Version": BUILDX_VERSION}),
)

BUILDKIT = GoTool(
    name="buildkitd",
    version=BUILDKIT_VERSION,
    source=_PLUGINS,
    package="github.com/moby/buildkit/cmd/buildkitd",
    ldflags=_ldflags(**{"github.com/moby/buildkit/version.Version": BUILDKIT_VERSION}),
    env=_STATIC,
)

BUILDCTL = replace(BUILDKIT, name="buildctl", package="github.com/moby/buildkit/cmd/buildctl")

KUBE = GoTool(
    name="kube",
    version=KUBERNETES_VERSION,
    source=_NODE,
    package=".",
    ldflags=_ldflags(
        **{
            "k8s.io/component-base/version.gitVersion": KUBERNETES_VERSION,
            "k8s.io/component-base/version.gitMajor": KUBERNETES_VERSION.removeprefix("v").split(".")[0],
            "k8s.io/component-base/version.gitMinor": KUBERNETES_VERSION.split(".")[1],
        }
    ),
    env=_STATIC,
)

METRICS_SERVER = GoTool(
    name="metrics-server",
    version=METRICS_SERVER_VERSION,
    source=_NODE,
    package="sigs.k8s.io/metrics-server/cmd/metrics-server",
    env=_STATIC,
)

PAUSE = GoTool(name="pause", version="1", source=CHECKOUT / "local/pause", package=".", env=_STATIC)

DISCOVERY = GoTool(
    name="discovery", version="1", source=CHECKOUT / "local/discovery", package=".", env=_STATIC
)


def plugin(name: str, versions: Mapping[str, str]) -> GoTool:
    """A provider plugin. versions: of all plugins, as the Python packages require them.

    kubernetes and docker-build are the official plugins. No module proxy serves command and docker, so our
    own program replaces both and implements the parts in use.
    """
    if name == "kubernetes":
        module = "github.com/pulumi/pulumi-kubernetes/provider/v4"
        return GoTool(
            name=f"pulumi-resource-{name}",
            version=versions[name],
            source=_PLUGINS / "kubernetes",
            package=".",
            ldflags=_ldflags(**{f"{module}/pkg/version.Version": versions[name]}),
            embedded=(f"{module}/cmd/pulumi-resource-kubernetes", ("schema.json", "terraform-mapping.json")),
        )
    if name == "docker-build":
        module = "github.com/pulumi/pulumi-docker-build/provider"
        return GoTool(
            name=f"pulumi-resource-{name}",
            version=versions[name],
            source=_PLUGINS,
            package=f"{module}/cmd/pulumi-resource-docker-build",
            ldflags=_ldflags(**{f"{module}.Version": versions[name]}),
        )
    return GoTool(
        name="pulumi-resource-substitute",
        version=f"{versions['command']} {versions['docker']}",
        source=_PLUGINS,
        package="./substitute",
        ldflags=_ldflags(**{f"main.{each}Version": versions[each] for each in ("command", "docker")}),
    )
