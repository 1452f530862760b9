"""Status of all parts, stacks and services."""

from collections.abc import Iterator

from rich.table import Table

from local import kubernetes, plan, services, stack
from local.process import CommandError
from local.site import Site


def table(site: Site) -> Table:
    """A table of all parts, stacks and services: whether they are up, version and location."""
    rows = Table("part", "", "version and location", box=None, pad_edge=False, header_style="bold")
    for part, up, detail in _rows(site):
        rows.add_row(part, "[green]up[/]" if up else "[yellow]no[/]", detail)
    return rows


def _rows(site: Site) -> Iterator[tuple[str, bool, str]]:
    for step in plan.steps(site):
        detail = step.done()
        yield step.title, detail is not None, detail or "not up"
    for created in site.record.stacks:
        version = stack.outputs(site, created.name).get("version")
        detail = f"version {version}" if version else "has no outputs"
        yield f"Stack {created.name}", bool(version), f"{detail}, from {created.checkout}"
    if site.record.own_node:
        for address in addresses(site):
            yield f"Service {address.service}", True, address.url
        yield "Cluster DNS", kubernetes.has_dns(site), "CoreDNS, cluster.local"


def addresses(site: Site) -> list[services.Address]:
    """Services of the embedded node; empty if it does not respond."""
    try:
        return services.addresses(kubernetes.kubectl(site, "get", "services", "-A", "-o", "json"))
    except (CommandError, FileNotFoundError):
        return []
