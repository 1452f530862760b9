"""A configuration of the docker CLI of our own: the user's logins, our buildx and the way to our engine.

The way is a context and not DOCKER_HOST: the docker-build plugin takes that variable for an input, and would
replace every image when it changes.
"""

import hashlib
import os
from pathlib import Path

from local.paths import Paths
from local.process import Runner

CONTEXT = "goservice-engine"


def ensure(paths: Paths) -> None:
    """Has the directory, with the user's logins."""
    theirs = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    own = paths.docker_config / "config.json"
    paths.docker_config.mkdir(parents=True, exist_ok=True)
    if theirs.exists() and not own.exists():
        own.symlink_to(theirs.absolute())


def has_context(paths: Paths) -> bool:
    """Whether the CLI knows the way to our engine."""
    name = hashlib.sha256(CONTEXT.encode()).hexdigest()
    return (paths.docker_config / "contexts/meta" / name / "meta.json").exists()


def create_context(runner: Runner, paths: Paths) -> None:
    ensure(paths)
    there = f"host=unix://{paths.docker_socket}"
    # Until it is there, the CLI cannot be told to use it.
    runner.run(["docker", "context", "create", CONTEXT, "--docker", there], env={"DOCKER_CONTEXT": "default"})
