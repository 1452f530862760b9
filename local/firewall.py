"""The packet filter as it was before our own Docker engine put its chains into it."""

import re

from local.paths import Paths
from local.privilege import privileged
from local.process import Runner
from local.record import write

SAVED = "firewall"
DOCKERS = re.compile(r"DOCKER|\bdocker0\b|\bbr-[0-9a-f]{12}\b")


def note(runner: Runner, paths: Paths) -> None:
    """Notes the policy of FORWARD, unless some Docker engine has been here before."""
    now = runner.run(privileged(["iptables-save"]))
    if not DOCKERS.search(now):
        policy = re.search(r"^:FORWARD (\w+)", now, re.MULTILINE)
        write(paths.state / SAVED, policy[1] if policy else "ACCEPT")


def restore(runner: Runner, paths: Paths) -> None:
    """Takes out what our engine, which has ended, left behind; nothing if another engine was here first."""
    saved = paths.state / SAVED
    if not saved.exists():
        return
    now = runner.run(privileged(["iptables-save"]))
    runner.run(
        privileged(["iptables-restore"]), feed=[without_docker(now, forward=saved.read_text()).encode()]
    )
    runner.run(privileged(["sh", "-c", "ip link delete docker0 2>/dev/null || true"]))


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
