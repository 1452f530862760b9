"""Saves the packet filter before our Docker engine changes it, and restores it afterwards."""

import re

from local.privilege import as_root
from local.record import write
from local.site import Site

SAVED = "firewall"
DOCKERS = re.compile(r"DOCKER|\bdocker0\b|\bbr-[0-9a-f]{12}\b")


def save(site: Site) -> None:
    """Saves the policy of FORWARD, unless a Docker engine has changed the rules before."""
    now = site.runner.run(as_root(["iptables-save"]))
    if not DOCKERS.search(now):
        policy = re.search(r"^:FORWARD (\w+)", now, re.MULTILINE)
        write(site.paths.state / SAVED, policy[1] if policy else "ACCEPT")


def restore(site: Site) -> None:
    """Removes the rules of our stopped engine; does nothing if another engine was there first."""
    saved = site.paths.state / SAVED
    if not saved.exists():
        return
    now = site.runner.run(as_root(["iptables-save"]))
    ours = without_docker(now, forward=saved.read_text())
    site.runner.run(as_root(["iptables-restore"]), feed=ours.encode())
    site.runner.run(as_root(["sh", "-c", "ip link delete docker0 2>/dev/null || true"]))


def without_docker(rules: str, *, forward: str) -> str:
    """Output of `iptables-save` without Docker's rules. forward: policy of FORWARD in the filter table."""
    kept: list[str] = []
    table = ""
    for line in rules.splitlines():
        table = line[1:] if line.startswith("*") else table
        if DOCKERS.search(line):
            continue
        kept.append(re.sub(r"^:FORWARD \w+", f":FORWARD {forward}", line) if table == "filter" else line)
    return "\n".join(kept) + "\n"
