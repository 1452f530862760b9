"""Which variables the embedded environment adds, and that the user's stay."""

import json
from pathlib import Path

import pytest

from local.environment import user_environment, variables
from local.paths import Paths
from local.record import CreatedStack, Record

PATHS = Paths(cache=Path("/home/me/.cache/goservice"), state=Path("/home/me/state"))


def test_everything_of_our_own() -> None:
    record = Record(
        own_docker=True,
        own_buildx=True,
        own_engine=True,
        own_plugins=True,
        own_registry=True,
        own_node=True,
        own_kubectl=True,
    )
    assert variables(PATHS, record, {"PATH": "/usr/bin"}) == {
        "BUILDX_CONFIG": "/home/me/state/buildx",
        "DOCKER_CONFIG": "/home/me/state/docker-config",
        "DOCKER_CONTEXT": "goservice-engine",
        "KUBECONFIG": "/home/me/state/kubeconfig",
        "PATH": "/home/me/state/bin:/usr/bin",
        "PULUMI_BACKEND_URL": "file:///home/me/state/pulumi",
        "PULUMI_CONFIG_PASSPHRASE": "embedded",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": "/home/me/state/pulumi-home",
        "PULUMI_OPTION_SKIP_CONFIG_VALIDATION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "SSL_CERT_FILE": "/home/me/state/tls/bundle.crt",
    }


def test_nothing_of_our_own() -> None:
    theirs = {
        "PATH": "/usr/bin",
        "PULUMI_BACKEND_URL": "s3://states",
        "PULUMI_CONFIG_PASSPHRASE_FILE": "/pass",
    }
    assert variables(PATHS, Record(), theirs) == {
        "PULUMI_OPTION_SKIP_CONFIG_VALIDATION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def test_an_empty_passphrase_is_the_users_choice() -> None:
    assert "PULUMI_CONFIG_PASSPHRASE" not in variables(PATHS, Record(), {"PULUMI_CONFIG_PASSPHRASE": ""})


def test_our_own_parts_never_pass_for_the_users() -> None:
    record = Record(own_engine=True, own_node=True, own_plugins=True, own_registry=True)
    theirs = {"HOME": "/home/me", "PATH": "/usr/bin:/bin", "DOCKER_CONFIG": "/home/me/.docker"}
    inside = theirs | variables(PATHS, record, theirs)
    left = user_environment(inside, PATHS)
    assert left["PATH"] == "/usr/bin:/bin"
    assert left["DOCKER_CONFIG"] == "/home/me/.docker"
    assert (
        not {"DOCKER_CONTEXT", "KUBECONFIG", "PULUMI_HOME", "PULUMI_BACKEND_URL", "SSL_CERT_FILE"}
        & left.keys()
    )


@pytest.mark.parametrize(
    ("env", "cache", "state"),
    [
        ({"HOME": "/h"}, "/h/.cache/goservice", "/h/.local/state/goservice"),
        (
            {"HOME": "/h", "XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "/s"},
            "/c/goservice",
            "/s/goservice",
        ),
        ({"HOME": "/h", "GOSERVICE_HOME": "/g"}, "/h/.cache/goservice", "/g/state"),
    ],
)
def test_directories(env: dict[str, str], cache: str, state: str) -> None:
    paths = Paths.of(env)
    assert (str(paths.cache), str(paths.state)) == (cache, state)


def test_a_record_survives(tmp_path: Path) -> None:
    paths = Paths(cache=tmp_path / "cache", state=tmp_path / "state")
    assert Record.load(paths) == Record()
    stack = CreatedStack(checkout="/src", name="dev")
    record = Record()
    record.save(paths, own_node=True, stacks=[stack], packages=["git"])
    assert Record.load(paths) == Record(own_node=True, stacks=[stack], packages=["git"])


def test_a_record_of_an_earlier_release_is_read(tmp_path: Path) -> None:
    paths = Paths(cache=tmp_path / "cache", state=tmp_path / "state")
    paths.state.mkdir()
    known = {"own_node": True, "stand_ins": True, "packages": ["git"], "stacks": []}
    paths.record.write_text(json.dumps(known))
    assert Record.load(paths) == Record(own_node=True, packages=["git"])
