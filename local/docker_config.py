"""Our own configuration of the docker CLI: the user's logins, our buildx and a context for our engine.

A context is used instead of DOCKER_HOST, because the docker-build plugin treats that variable as an input and
would replace every image when it changes.
"""

import hashlib
import os
from pathlib import Path

from local.paths import Paths
from local.process import Runner

CONTEXT = "goservice-engine"


def ensure(paths: Paths) -> None:
    """Creates the directory, with a link to the user's logins."""
    theirs = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    own = paths.docker_config / "config.json"
    paths.docker_config.mkdir(parents=True, exist_ok=True)
    if theirs.exists() and not own.exists():
        own.symlink_to(theirs.absolute())


def has_context(paths: Paths) -> bool:
    """Whether the CLI has the context of our engine."""
    name = hashlib.sha256(CONTEXT.encode()).hexdigest()
    return (paths.docker_config / "contexts/meta" / name / "meta.json").exists()


def create_context(runner: Runner, paths: Paths) -> None:
    ensure(paths)
    there = f"host=unix://{paths.docker_socket}"
    # DOCKER_CONTEXT may name it already, and the CLI fails on a missing context.
    runner.run(["docker", "context", "create", CONTEXT, "--docker", there], env={"DOCKER_CONTEXT": "default"})
