"""The packet filter as it was before our own Docker engine put its chains into it."""

import re

from local.privilege import privileged
from local.record import write
from local.site import Site

SAVED = "firewall"
DOCKERS = re.compile(r"DOCKER|\bdocker0\b|\bbr-[0-9a-f]{12}\b")


def note(site: Site) -> None:
    """Notes the policy of FORWARD, unless some Docker engine has been here before."""
    now = site.runner.run(privileged(["iptables-save"]))
    if not DOCKERS.search(now):
        policy = re.search(r"^:FORWARD (\w+)", now, re.MULTILINE)
        write(site.paths.state / SAVED, policy[1] if policy else "ACCEPT")


def restore(site: Site) -> None:
    """Takes out what our engine, which has ended, left behind; nothing if another engine was here first."""
    saved = site.paths.state / SAVED
    if not saved.exists():
        return
    now = site.runner.run(privileged(["iptables-save"]))
    ours = without_docker(now, forward=saved.read_text())
    site.runner.run(privileged(["iptables-restore"]), feed=ours.encode())
    site.runner.run(privileged(["sh", "-c", "ip link delete docker0 2>/dev/null || true"]))


def without_docker(rules: str, *, forward: str) -> str:
    """Rules as `iptables-save` prints them, less Docker's; forward: policy of FORWARD in the filter table."""
    kept: list[str] = []
    table = ""
    for line in rules.splitlines():
        table = line[1:] if line.startswith("*") else table
        if DOCKERS.search(line):
            continue
        kept.append(re.sub(r"^:FORWARD \w+", f":FORWARD {forward}", line) if table == "filter" else line)
    return "\n".join(kept) + "\n"
