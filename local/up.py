"""The commands `up` and `preview`."""

import socket
import time
from collections.abc import Mapping

from rich.console import Console

from local import docker, kubernetes, services, stack, status
from local.bringup import bring_up, interruptible, lock
from local.display import duration
from local.kubernetes import API_PORT
from local.paths import Paths
from local.site import Site
from local.steps import StepError


def bring_up_stack(site: Site, console: Console, name: str) -> None:
    """Brings up every part, then the stack, and prints a summary."""
    start = time.monotonic()
    with lock(site.paths.lock), interruptible():
        cluster = _cluster(site.paths)
        bring_up(site, console)
        stack.ensure(site, name)
        # A new cluster has none of the stack's resources.
        refresh = cluster is not None and cluster != _cluster(site.paths)
        stack.up(site.env, site.paths, name, refresh=refresh)
        _summary(site, console, name)
    console.print(f"up after {duration(time.monotonic() - start)}")


def prepare_preview(site: Site, console: Console, name: str) -> None:
    """Brings up every part and creates the stack, so that a preview can run."""
    is_up = _seems_up(site)
    if is_up and stack.was_created(site, name):
        return
    with lock(site.paths.lock), interruptible():
        if not is_up:
            bring_up(site, console)
        stack.ensure(site, name)


def _cluster(paths: Paths) -> str | None:
    """Identity of our cluster: the kubeconfig, as each cluster has its own keys. None without one."""
    return paths.kubeconfig.read_text() if paths.kubeconfig.exists() else None


def _seems_up(site: Site) -> bool:
    """Whether our parts respond. Faster than all checks of `up`, so that a preview starts quickly."""
    if not site.paths.record.exists():
        return False
    if site.record.own_docker and not docker.version(site.paths.docker_socket):
        return False
    if not site.record.own_node:
        return True
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", API_PORT)) == 0


def _summary(site: Site, console: Console, name: str) -> None:
    console.print()
    outputs = stack.outputs(site, name)
    version = str(outputs.get("version", ""))
    if site.record.own_node:
        _require_same_image(site, name, outputs)
    own = f"{outputs.get('namespace')}/{outputs.get('service')}"
    for address in status.addresses(site) if site.record.own_node else []:
        pause = site.runner.wait
        response = (
            services.wait_until_ready(address, pause, version, lambda: _is_rolled_out(site, outputs))
            if address.service == own
            else services.wait_until_ready(address, pause)
        )
        console.print(
            f"[green]✓[/] {address.service} responds at {address.url}: {response[:100]}", highlight=False
        )
    console.print(f"stack {name} is up" + (f", version {version}" if version else ""))
    console.print("next: make status, make preview, make down; python -m local exec -- kubectl get pods -A")


def _is_rolled_out(site: Site, outputs: Mapping[str, object]) -> bool:
    """Whether only pods of the stack's image serve."""
    namespace, service, image = (str(outputs.get(key, "")) for key in ("namespace", "service", "image"))
    get = ("get", "endpointslices,pods", "--namespace", namespace, "--output", "json")
    return services.serves_only(kubernetes.kubectl(site, *get), service, image)


def _require_same_image(site: Site, name: str, outputs: Mapping[str, object]) -> None:
    """Raises StepError if the cluster runs another image than the stack has."""
    wanted = {key: str(outputs.get(key, "")) for key in ("deployment", "namespace", "image", "version")}
    if not all(wanted.values()):
        return  # not the program of this checkout
    get = ("get", "deployment", wanted["deployment"], "--namespace", wanted["namespace"])
    template = "jsonpath={.spec.template.spec.containers[0].image}"
    runs = kubernetes.kubectl(site, *get, "--output", template)
    if runs != wanted["image"]:
        raise StepError(
            f"stack {name} has {wanted['version']} ({wanted['image']}), but the cluster runs {runs}",
            "It was changed outside of Pulumi. Refresh the stack, then bring it up again:\n"
            f"    python -m local exec -- pulumi refresh --stack {name}",
        )
