"""The Kubernetes node: one container with the control plane, kubelet and containerd."""

import shutil
from pathlib import Path

from local import containers, images
from local.containers import Container
from local.images import Image
from local.paths import Paths
from local.process import CommandError, Feed
from local.programs import Program, ProgramImage
from local.record import write
from local.site import Site
from local.steps import Report, StepError
from local.tools import KUBE, PAUSE

NAME = "goservice-node"
VOLUMES = ("goservice-node-containerd", "goservice-node-kube")
API_PORT = 6443
NODE_PORTS = range(30080, 30090)
READY_SECONDS = 180
SOURCE = Path(__file__).parent / "node"
CONFIGURATION = ("bridge.conflist", "containerd.toml", "Corefile", "hosts.toml", "kubelet.yaml")
SCRIPTS = ("entrypoint.sh", "pki.sh")

PROGRAM = Program(KUBE)
NODE_IMAGE = Image(
    tag=images.NODE_IMAGE,
    dockerfile=(SOURCE / "Dockerfile").read_text(),
    files={name: SOURCE / name for name in (*CONFIGURATION, *SCRIPTS)},
)
# Holds the namespaces of each pod.
PAUSE_IMAGE = ProgramImage(
    name="pause",
    version="1",
    tool=PAUSE,
    dockerfile="""\
FROM scratch
COPY pause /pause
USER 65535:65535
ENTRYPOINT ["/pause"]
""",
)


def container(kube: Path, paths: Paths) -> Container:
    """The node, with a kube binary."""
    ports = [API_PORT, *NODE_PORTS]
    return Container(
        name=NAME,
        image=NODE_IMAGE.tag,
        key=NODE_IMAGE.key + paths.authority.read_text(),
        arguments=(
            "--hostname=goservice",
            *containers.NESTING,
            "--device=/dev/kmsg",
            "--device-cgroup-rule=a *:* rwm",
            f"--volume={VOLUMES[0]}:/var/lib/containerd",
            f"--volume={VOLUMES[1]}:/var/lib/kube",
            f"--volume={kube}:/usr/local/bin/kube:ro",
            f"--volume={paths.authority}:/etc/ssl/registry.crt:ro",
            *(f"--publish=127.0.0.1:{port}:{port}" for port in ports),
        ),
    )


def kubectl(site: Site, *arguments: str, feed: Feed | None = None) -> str:
    """Runs kubectl against the node and returns its output. feed: stdin. Raises CommandError."""
    command = [str(site.tools.path(KUBE)), "kubectl", "--kubeconfig", str(site.paths.kubeconfig)]
    return site.runner.run([*command, *arguments], feed=feed)


def done(site: Site) -> str | None:
    """The node's version and address if it is up to date and Ready, else None."""
    kube = site.tools.path(KUBE)
    site.use(own_node=True, own_kubectl=_link_kubectl(kube, site.paths))
    if not site.paths.authority.exists() or not site.paths.kubeconfig.exists():
        return None
    return _ready(site) if containers.is_running(site, container(kube, site.paths)) else None


def ensure(site: Site, report: Report) -> str:
    """Starts the node and waits until it is Ready."""
    containers.start(site, container(site.tools.path(KUBE), site.paths))

    def poll() -> str | None:
        known = _fetch_kubeconfig(site)
        report("waiting for the node" if known else "waiting for the API server")
        return _ready(site) if known else None

    if found := site.runner.wait_for(poll, READY_SECONDS):
        return found
    raise StepError(
        f"the node or its DNS is not ready after {READY_SECONDS} s:\n{_log_tails(site)}",
        f"See the logs: `docker exec {NAME} ls /var/log/kube`; `make down` and `make up` start from scratch.",
    )


def _ready(site: Site) -> str | None:
    """Version and address if it became Ready after its container's start and its DNS works, else None."""
    condition = '.status.conditions[?(@.type=="Ready")]'
    template = f"{{.status.nodeInfo.kubeletVersion}} {{{condition}.status}} {{{condition}.lastHeartbeatTime}}"
    try:
        output = kubectl(site, "get", "node", "goservice", "-o", f"jsonpath={template}")
    except CommandError:
        return None
    version, status, heartbeat = output.split(" ")
    if status != "True" or heartbeat < containers.start_time(site, NAME) or not has_dns(site):
        return None
    return f"Kubernetes {version} on https://127.0.0.1:{API_PORT}, kubeconfig {site.paths.kubeconfig}"


def has_dns(site: Site) -> bool:
    """Whether the node's CoreDNS is ready."""
    probe = (
        'exec 3<>/dev/tcp/127.0.0.1/8181; printf "GET /ready HTTP/1.0\\r\\n\\r\\n" >&3; grep -q " 200 " <&3'
    )
    return containers.execute(site, NAME, "bash", "-c", probe) is not None


def _fetch_kubeconfig(site: Site) -> bool:
    text = containers.execute(site, NAME, "cat", "/var/lib/kube/pki/admin.kubeconfig")
    if text:
        write(site.paths.kubeconfig, text + "\n", mode=0o600)
    return bool(text)


def _log_tails(site: Site) -> str:
    """Last line of each component's log; the container's log if it has stopped."""
    tails = "tail -qn 1 /var/log/kube/*.log | cut -c1-300"
    return containers.execute(site, NAME, "sh", "-c", tails) or containers.logs(site, NAME)


def _link_kubectl(kube: Path, paths: Paths) -> bool:
    """Links kubectl into our bin directory if the machine has none. Returns whether it did."""
    if shutil.which("kubectl"):
        return False
    paths.bin.mkdir(parents=True, exist_ok=True)
    link = paths.bin / "kubectl"
    link.unlink(missing_ok=True)
    link.symlink_to(kube)
    return True
