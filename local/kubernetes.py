"""The Kubernetes node: one container that holds the control plane, kubelet and containerd."""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from local import containers, images
from local.containers import Container
from local.images import Image
from local.paths import Paths
from local.process import CommandError, Runner
from local.record import write
from local.steps import Report, StepError

NAME = "goservice-node"
VOLUMES = ("goservice-node-containerd", "goservice-node-kube")
API_PORT = 6443
NODE_PORTS = range(30080, 30090)
READY_SECONDS = 180
SOURCE = Path(__file__).parent / "node"

IMAGE = Image(
    tag=images.NODE_IMAGE,
    dockerfile=(SOURCE / "Dockerfile").read_text(),
    files={
        name: SOURCE / name
        for name in (
            "bridge.conflist",
            "containerd.toml",
            "Corefile",
            "entrypoint.sh",
            "hosts.toml",
            "kubelet.yaml",
            "pki.sh",
        )
    },
)


def container(kube: Path, paths: Paths) -> Container:
    """The node, running the given kube binary."""
    ports = [API_PORT, *NODE_PORTS]
    return Container(
        name=NAME,
        image=IMAGE.tag,
        key=IMAGE.key + paths.authority.read_text(),
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


def kubectl(
    runner: Runner, kube: Path, paths: Paths, *arguments: str, feed: Iterable[bytes] | None = None
) -> str:
    """Runs kubectl against the node; feed: its stdin, in pieces. Raises CommandError."""
    command = [str(kube), "kubectl", "--kubeconfig", str(paths.kubeconfig), *arguments]
    return runner.run(command, feed=feed)


def ready(runner: Runner, kube: Path, paths: Paths) -> str | None:
    """Version of the node if it is Ready since its container started, and its DNS answers, else None."""
    condition = '.status.conditions[?(@.type=="Ready")]'
    template = f"{{.status.nodeInfo.kubeletVersion}} {{{condition}.status}} {{{condition}.lastHeartbeatTime}}"
    try:
        said = kubectl(runner, kube, paths, "get", "node", "goservice", "-o", f"jsonpath={template}")
    except CommandError:
        return None
    version, status, heartbeat = said.split(" ")
    is_ready = status == "True" and heartbeat >= containers.started(runner, NAME)
    return version if is_ready and has_dns(runner) else None


def has_dns(runner: Runner) -> bool:
    """Whether the node's CoreDNS knows the cluster's services."""
    ask = 'exec 3<>/dev/tcp/127.0.0.1/8181; printf "GET /ready HTTP/1.0\\r\\n\\r\\n" >&3; grep -q " 200 " <&3'
    try:
        runner.run(["docker", "exec", NAME, "bash", "-c", ask])
    except CommandError:
        return False
    return True


def done(runner: Runner, kube: Path, paths: Paths) -> str | None:
    """The node's version and address if it runs and is Ready, else None."""
    if not paths.authority.exists() or not paths.kubeconfig.exists():
        return None
    if not containers.is_running(runner, container(kube, paths)):
        return None
    version = ready(runner, kube, paths)
    return describe(version, paths) if version else None


def describe(version: str, paths: Paths) -> str:
    return f"Kubernetes {version} on https://127.0.0.1:{API_PORT}, kubeconfig {paths.kubeconfig}"


def ensure(runner: Runner, kube: Path, paths: Paths, report: Report) -> str:
    """Has the node run and waits until it is Ready."""
    containers.ensure_network(runner)
    containers.start(runner, container(kube, paths))
    end = time.monotonic() + READY_SECONDS
    while True:
        report(
            "waiting for the API server" if not _fetch_kubeconfig(runner, paths) else "waiting for the node"
        )
        version = ready(runner, kube, paths) if paths.kubeconfig.exists() else None
        if version:
            return describe(version, paths)
        if time.monotonic() > end:
            raise StepError(
                f"the node or its DNS is not ready after {READY_SECONDS} s:\n{_complaints(runner)}",
                f"Look into `docker exec {NAME} ls /var/log/kube`; `make down` and `make up` start afresh.",
            )
        runner.wait(0.5)


def _fetch_kubeconfig(runner: Runner, paths: Paths) -> bool:
    try:
        text = runner.run(["docker", "exec", NAME, "cat", "/var/lib/kube/pki/admin.kubeconfig"])
    except CommandError:
        return False
    write(paths.kubeconfig, text + "\n", mode=0o600)
    return True


def _complaints(runner: Runner) -> str:
    """Last line of each component's log."""
    try:
        return runner.run(
            ["docker", "exec", NAME, "sh", "-c", "tail -qn 1 /var/log/kube/*.log | cut -c1-300"]
        )
    except CommandError as error:
        return f"{containers.logs(runner, NAME)}\n{error}"


def link_kubectl(kube: Path, paths: Paths) -> bool:
    """Puts kubectl into the environment if the machine has none. Returns whether it did."""
    if shutil.which("kubectl"):
        return False
    paths.bin.mkdir(parents=True, exist_ok=True)
    link = paths.bin / "kubectl"
    link.unlink(missing_ok=True)
    link.symlink_to(kube)
    return True
