"""Creates, updates and destroys the stack with the engine's command line."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import psutil

from local import foreground, policy
from local.paths import Paths
from local.process import CommandError
from local.record import CreatedStack
from local.site import Site
from local.steps import StepError


def ensure(site: Site, name: str) -> None:
    """Creates the stack if it is missing, and records that `down` may remove it."""
    paths, record = site.paths, site.record
    if not os.environ.get("PULUMI_BACKEND_URL"):
        paths.pulumi_state.mkdir(parents=True, exist_ok=True)
    release_stale_locks(paths)
    if not exists(site, paths.checkout, name):
        _pulumi(site, paths.checkout, "stack", "init", name)
    elif os.environ.get("PULUMI_BACKEND_URL"):
        return  # the user's own stack
    created = CreatedStack(checkout=str(paths.checkout), name=name)
    if created not in record.stacks:
        # All checkouts share one state backend, so the same name is the same stack.
        others = [other for other in record.stacks if other.name != name]
        record.save(paths, stacks=[*others, created])


def was_created(site: Site, name: str) -> bool:
    """Whether `ensure` has created the stack and it still exists; faster than asking the engine."""
    recorded = any(stack.name == name for stack in site.record.stacks)
    return recorded and any((site.paths.pulumi_state / ".pulumi/stacks").glob(f"*/{name}.json"))


def exists(site: Site, checkout: Path, name: str) -> bool:
    """Whether the backend has the stack."""
    listed = json.loads(_pulumi(site, checkout, "stack", "ls", "--json"))
    return any(stack["name"].rpartition("/")[2] == name for stack in listed)


def up(env: Mapping[str, str], paths: Paths, name: str, *, refresh: bool) -> None:
    """Runs `pulumi up` with the policies. refresh: read the cluster's state first. Raises StepError."""
    command = ["pulumi", "up", "--yes", "--stack", name, *policy.options(paths.checkout, name)]
    command += ["--refresh"] if refresh else []
    if _was_killed(paths, name):
        # Pending creates would cause a warning in every run; the resources are created again.
        forget = ["pulumi", "refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", name]
        foreground.run(forget, env=env, cwd=paths.checkout)
    code = foreground.run(command, env=env, cwd=paths.checkout)
    if code:
        raise StepError(
            f"`pulumi up` of stack {name} failed with exit code {code}; the reason is above",
            "Fix the cause and run the same command again.",
        )


def _was_killed(paths: Paths, name: str) -> bool:
    """Whether our state has pending operations of a killed update."""
    for file in (paths.pulumi_state / ".pulumi/stacks").glob(f"*/{name}.json"):
        latest = json.loads(file.read_text())["checkpoint"]["latest"] or {}
        if latest.get("pending_operations"):
            return True
    return False


def destroy(site: Site, stack: CreatedStack, *, force: bool) -> bool:
    """Destroys a stack's resources and removes the stack, if it still exists.

    force: remove it even if its resources cannot be destroyed, because their cluster is removed as well.
    Returns whether the resources are destroyed. Raises StepError if they are not, without `force`.
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
            "Fix the cause (is the cluster reachable?) and run this again.",
        )
    forced = [] if destroyed else ["--force"]
    _pulumi(site, checkout, "stack", "rm", "--yes", "--preserve-config", *forced, stack.name)
    return destroyed


def directory(site: Site, stack: CreatedStack) -> Path:
    """The checkout that the stack was created from; this one if that is missing."""
    return Path(stack.checkout) if Path(stack.checkout, "Pulumi.yaml").exists() else site.paths.checkout


def forget(site: Site, stack: CreatedStack) -> None:
    site.record.save(site.paths, stacks=[other for other in site.record.stacks if other != stack])


def outputs(site: Site, name: str) -> dict[str, object]:
    """The stack's outputs with secrets masked; empty if there is no such stack."""
    try:
        return json.loads(_pulumi(site, site.paths.checkout, "stack", "output", "--json", "--stack", name))
    except CommandError:
        return {}


def release_stale_locks(paths: Paths) -> None:
    """Removes locks of killed engines from our state."""
    for lock in (paths.pulumi_state / ".pulumi/locks").rglob("*.json"):
        if not psutil.pid_exists(json.loads(lock.read_text())["pid"]):
            lock.unlink()


def _pulumi(site: Site, checkout: Path, *arguments: str) -> str:
    return site.runner.run(["pulumi", *arguments, "--non-interactive"], cwd=checkout)
