"""The verb `rollback`."""

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from ..cluster import (
    DeployedRelease,
    ReleaseError,
    record_replaced,
    rollback_target,
    same_repository,
)
from ..config import run_pulumi
from .console import OperatorError, StackOption, console
from .live_service import LiveService
from .policy_options import policy_options


def rollback(
    stack: StackOption = "dev",
    to: Annotated[str, typer.Option("--to", help="previous, a version, or a digest.")] = "previous",
) -> None:
    """Roll back to a release that ran before, without building it. The stack file then pins it."""
    service = LiveService(stack)
    history = service.history()
    try:
        release = rollback_target(history, to)
    except ReleaseError as error:
        raise OperatorError(f"{error}; `make history` lists them") from None
    repository = service.settings.image.repository
    if not same_repository(release, repository):
        raise OperatorError(
            f"{release.image} is not in {repository}; set image.repository back, then roll back again"
        )
    console.print(f"rolling back to {release.version}, {release.digest}")
    pin = f"{release.version}@{release.digest}"
    run_pulumi("config", "set", "--stack", stack, "--path", "--type", "string", "image.pin", pin)
    up = ["pulumi", "up", "--yes", "--stack", stack, *policy_options(Path(), stack)]
    if subprocess.run(up, check=False).returncode:
        raise OperatorError("`pulumi up` failed, and its reason is above; the same rollback may be run again")
    for left in history:
        if left.current and left.image != release.image:
            replaced = DeployedRelease(version=left.version, image=left.image)
            record_replaced(service.kubectl, service.name, replaced, release.version)
    console.print(
        f"{release.version} serves. Nothing new is built while it is pinned. To build again:\n"
        f"  pulumi config rm --stack {stack} --path image.pin"
    )
