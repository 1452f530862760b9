"""The stack: created where it is missing, brought up, and destroyed, by the engine itself."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import psutil

from local import foreground, policy
from local.paths import Paths
from local.process import CommandError
from local.record import MadeStack
from local.site import Site
from local.steps import StepError


def ensure(site: Site, name: str) -> None:
    """Creates the stack unless it is there, and notes that `down` may remove it."""
    paths, record = site.paths, site.record
    if not os.environ.get("PULUMI_BACKEND_URL"):
        paths.pulumi_state.mkdir(parents=True, exist_ok=True)
    release_stale_locks(paths)
    if not exists(site, paths.checkout, name):
        _pulumi(site, paths.checkout, "stack", "init", name)
    elif os.environ.get("PULUMI_BACKEND_URL"):
        return  # it was the user's before
    made = MadeStack(checkout=str(paths.checkout), name=name)
    if made not in record.stacks:
        # One state backend serves all checkouts, so the same name is the same stack.
        others = [other for other in record.stacks if other.name != name]
        record.save(paths, stacks=[*others, made])


def is_made(site: Site, name: str) -> bool:
    """Whether `ensure` has made the stack and nobody has removed it; quicker than asking the engine."""
    made = any(stack.name == name for stack in site.record.stacks)
    return made and any((site.paths.pulumi_state / ".pulumi/stacks").glob(f"*/{name}.json"))


def exists(site: Site, checkout: Path, name: str) -> bool:
    """Whether the backend holds the stack."""
    listed = json.loads(_pulumi(site, checkout, "stack", "ls", "--json"))
    return any(stack["name"].rpartition("/")[2] == name for stack in listed)


def up(env: Mapping[str, str], paths: Paths, name: str, *, refresh: bool) -> None:
    """`pulumi up` as a user runs it, with the rules; refresh: ask the cluster first. Raises StepError."""
    command = ["pulumi", "up", "--yes", "--stack", name, *policy.options(paths.checkout, name)]
    command += ["--refresh"] if refresh else []
    if _was_killed(paths, name):
        # It would be warned of for ever; what was being created then is created again.
        forget = ["pulumi", "refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", name]
        foreground.run(forget, env=env, cwd=paths.checkout)
    code = foreground.run(command, env=env, cwd=paths.checkout)
    if code:
        raise StepError(
            f"`pulumi up` of stack {name} failed with exit code {code}; its reason is above",
            "Mend the cause and run the same command again.",
        )


def _was_killed(paths: Paths, name: str) -> bool:
    """Whether our own state remembers an update that ended in the middle of creating something."""
    for file in (paths.pulumi_state / ".pulumi/stacks").glob(f"*/{name}.json"):
        latest = json.loads(file.read_text())["checkpoint"]["latest"] or {}
        if latest.get("pending_operations"):
            return True
    return False


def destroy(site: Site, stack: MadeStack, *, force: bool) -> bool:
    """Destroys a stack's resources and forgets the stack, unless somebody has done so already.

    force: forget it even if its resources cannot be destroyed, as their cluster goes as well. Returns whether
    they are destroyed. Raises StepError if they are not and `force` is off.
    """
    checkout = directory(site, stack)
    if not exists(site, checkout, stack.name):
        return True
    release_stale_locks(site.paths)
    command = ["pulumi", "destroy", "--yes", "--skip-preview", "--stack", stack.name]
    destroyed = foreground.run(command, env=site.env, cwd=checkout) == 0
    if not destroyed and not force:
        raise StepError(
            f"stack {stack.name} could not be destroyed; the reason is above",
            "Mend the cause (is the cluster reachable?) and run this again.",
        )
    forced = [] if destroyed else ["--force"]
    _pulumi(site, checkout, "stack", "rm", "--yes", "--preserve-config", *forced, stack.name)
    return destroyed


def directory(site: Site, stack: MadeStack) -> Path:
    """The checkout the stack was created from; this one if that has gone."""
    return Path(stack.checkout) if Path(stack.checkout, "Pulumi.yaml").exists() else site.paths.checkout


def forget(site: Site, stack: MadeStack) -> None:
    site.record.save(site.paths, stacks=[other for other in site.record.stacks if other != stack])


def outputs(site: Site, name: str) -> dict[str, object]:
    """The stack's outputs, secrets masked; empty if there is no such stack."""
    try:
        return json.loads(_pulumi(site, site.paths.checkout, "stack", "output", "--json", "--stack", name))
    except CommandError:
        return {}


def release_stale_locks(paths: Paths) -> None:
    """Removes locks that engines left in our own state when they were killed."""
    for lock in (paths.pulumi_state / ".pulumi/locks").rglob("*.json"):
        if not psutil.pid_exists(json.loads(lock.read_text())["pid"]):
            lock.unlink()


def _pulumi(site: Site, checkout: Path, *arguments: str) -> str:
    return site.runner.run(["pulumi", *arguments, "--non-interactive"], cwd=checkout)
