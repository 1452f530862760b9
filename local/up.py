"""What `up` and `preview` do, from start to end."""

import os
import socket
import time
from collections.abc import Mapping

from rich.console import Console

from local import docker, kubernetes, services, stack, status
from local.bringup import bring_up, interruptible, locked, planned
from local.display import duration
from local.environment import variables
from local.kubernetes import API_PORT
from local.paths import Paths
from local.plan import Plan
from local.record import Record
from local.steps import StepError
from local.tools import KUBE


def whole(paths: Paths, record: Record, console: Console, name: str) -> None:
    """Brings up every part, then the stack, and says what runs where."""
    start = time.monotonic()
    with locked(paths.lock), interruptible():
        plan = planned(paths, record)
        cluster = _cluster(paths)
        bring_up(plan, console)
        stack.ensure(plan.runner, paths, record, name)
        # A new cluster has nothing of what the stack says it has.
        refresh = cluster is not None and cluster != _cluster(paths)
        stack.up(variables(paths, record, os.environ), paths, name, refresh=refresh)
        _summary(plan, console, name)
    console.print(f"up after {duration(time.monotonic() - start)}")


def for_preview(paths: Paths, record: Record, console: Console, name: str) -> None:
    """Has the engine, the parts it talks to and the stack there, so that a preview can run."""
    there = _seems_up(paths, record)
    if there and stack.is_made(paths, record, name):
        return
    with locked(paths.lock), interruptible():
        plan = planned(paths, record)
        if not there:
            bring_up(plan, console)
        stack.ensure(plan.runner, paths, record, name)


def _cluster(paths: Paths) -> str | None:
    """What tells our clusters apart: each has keys of its own."""
    return paths.kubeconfig.read_text() if paths.kubeconfig.exists() else None


def _seems_up(paths: Paths, record: Record) -> bool:
    """Whether our own parts answer; quick, so that a preview need not wait for all the checks."""
    if not paths.record.exists():
        return False
    if record.own_docker and not docker.version(paths.docker_socket):
        return False
    if not record.own_node:
        return True
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", API_PORT)) == 0


def _summary(plan: Plan, console: Console, name: str) -> None:
    console.print()
    outputs = stack.outputs(plan.runner, plan.paths, name)
    version = str(outputs.get("version", ""))
    if plan.record.own_node:
        _compare(plan, name, outputs)
    for address in status.addresses(plan) if plan.record.own_node else []:
        said = services.wait(address, plan.runner.wait, version)
        console.print(
            f"[green]✓[/] {address.service} answers at {address.url}: {said[:100]}", highlight=False
        )
    console.print(f"stack {name} is up" + (f", version {version}" if version else ""))
    console.print("next: make status, make preview, make down; python -m local exec -- kubectl get pods -A")


def _compare(plan: Plan, name: str, outputs: Mapping[str, object]) -> None:
    """Raises StepError if the cluster runs another image than the stack says."""
    wanted = {key: str(outputs.get(key, "")) for key in ("deployment", "namespace", "image", "version")}
    if not all(wanted.values()):
        return  # not the program of this checkout
    get = ("get", "deployment", wanted["deployment"], "--namespace", wanted["namespace"])
    template = "jsonpath={.spec.template.spec.containers[0].image}"
    runs = kubernetes.kubectl(plan.runner, plan.tools.path(KUBE), plan.paths, *get, "--output", template)
    if runs != wanted["image"]:
        raise StepError(
            f"stack {name} says that {wanted['version']} runs ({wanted['image']}); the cluster runs {runs}",
            "It was changed beside Pulumi. Have the stack see it, then bring the stack up again:\n"
            f"    python -m local exec -- pulumi refresh --stack {name}",
        )
