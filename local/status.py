"""What is up, in which version and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from local import kubernetes, services, stack
from local.plan import Plan
from local.process import CommandError
from local.steps import Step
from local.tools import KUBE


@dataclass(frozen=True, kw_only=True)
class Row:
    """One part: whether it is up, and its version and place, or why it is not."""

    part: str
    up: bool
    detail: str


def rows(plan: Plan) -> list[Row]:
    """Every part, every stack and every address."""
    found = [_row(step) for step in plan.steps()]
    for made in plan.record.stacks:
        version = stack.outputs(plan.runner, plan.paths, made.name).get("version")
        detail = f"version {version}" if version else "has no outputs"
        found.append(
            Row(part=f"Stack {made.name}", up=bool(version), detail=f"{detail}, from {made.checkout}")
        )
    if plan.record.own_node:
        found += [
            Row(part=f"Service {address.service}", up=True, detail=address.url) for address in addresses(plan)
        ]
        found.append(
            Row(part="Cluster DNS", up=kubernetes.has_dns(plan.runner), detail="CoreDNS, cluster.local")
        )
    return found


def addresses(plan: Plan) -> list[services.Address]:
    """Services of the embedded node; none if it does not answer."""
    kube = plan.tools.path(KUBE)
    try:
        listed = kubernetes.kubectl(plan.runner, kube, plan.paths, "get", "services", "-A", "-o", "json")
    except (CommandError, FileNotFoundError):
        return []
    return services.addresses(listed)


def _row(step: Step) -> Row:
    detail = step.done()
    return Row(part=step.title, up=detail is not None, detail=detail or "not up")


def table(found: Sequence[Row]) -> Table:
    drawn = Table("part", "", "version and place", box=None, pad_edge=False, header_style="bold")
    for row in found:
        drawn.add_row(row.part, "[green]up[/]" if row.up else "[yellow]no[/]", row.detail)
    return drawn
