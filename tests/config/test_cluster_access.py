"""A cluster that cannot be used is named before anything is touched."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.config import require_access
from tests.support.loaded_settings import ENCRYPTED, KUBECONFIG, PASSWORD, loaded, write_stack_file
from tests.support.programs import write_program

NOTHING = 'echo "Error from server (NotFound): deployments.apps \\"shop\\" not found" >&2; exit 1'
LOGIN = 'case "$*" in *get*) echo "error: You must be logged in to the server" >&2; exit 1;; esac'
SERVICE = {"name": "shop", "namespace": "team"}


@pytest.fixture
def bin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on PATH."""
    directory = tmp_path / "bin"
    monkeypatch.setenv("PATH", str(directory))
    return directory


def ask(secret_keys: tuple[str, ...] = (), provider: dict[str, str] | None = None, **sections: Any) -> None:
    require_access(loaded(secret_keys, provider, service=SERVICE, **sections))


def test_a_cluster_that_answers_is_asked_once(bin: Path) -> None:
    log = write_program(bin, "kubectl", NOTHING)
    ask()
    assert log.read_text() == "--namespace team --request-timeout=30s get deployment shop --output json\n"


def test_a_refusal_names_the_cluster_and_the_remedy(bin: Path) -> None:
    write_program(bin, "kubectl", f"{LOGIN}\nprintf https://cluster.example.com:6443")
    with pytest.raises(pulumi.RunError) as refused:
        ask()
    assert str(refused.value) == (
        "the cluster at https://cluster.example.com:6443 cannot be used: "
        "error: You must be logged in to the server\n"
        "  → Choose a cluster that answers (KUBECONFIG, or the settings of cluster), renew its credentials,"
        " put kubectl on PATH. Nothing was touched."
    )


def test_the_cluster_of_the_default_provider_is_asked(bin: Path, tmp_path: Path) -> None:
    log = write_program(bin, "kubectl", NOTHING)
    file = tmp_path / "config"
    file.touch()
    ask(provider={"kubeconfig": str(file), "context": "staging", "cluster": "west"})
    wanted = f"--kubeconfig={file} --context=staging --cluster=west --namespace team "
    assert log.read_text().startswith(wanted)


def test_the_cluster_of_the_settings_is_asked(bin: Path) -> None:
    log = write_program(bin, "kubectl", NOTHING)
    ask(cluster={"context": "staging"})
    assert log.read_text().startswith("--context=staging --namespace team ")


def test_a_kubeconfig_that_is_a_text_is_used_and_not_shown(bin: Path) -> None:
    """kubectl gets a file; the token is in none of its arguments."""
    write_stack_file(cluster={"kubeconfig": ENCRYPTED})
    log = write_program(bin, "kubectl", NOTHING)
    ask(("cluster",), cluster={"kubeconfig": KUBECONFIG})
    assert "--kubeconfig=" in log.read_text()
    assert PASSWORD not in log.read_text()


def test_a_kubeconfig_in_the_home_directory_is_found(
    bin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = write_program(bin, "kubectl", NOTHING)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "config").touch()
    ask(provider={"kubeconfig": "~/config"})
    assert log.read_text().startswith(f"--kubeconfig={tmp_path}/config ")


def test_a_cluster_that_is_away_is_not_waited_for(bin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.cluster.kubectl._RETRY_SECONDS", 0)
    away = 'case "$*" in *get*) echo "The connection was refused" >&2; exit 1;; esac'
    log = write_program(bin, "kubectl", away)
    with pytest.raises(pulumi.RunError, match="The connection was refused"):
        ask()
    assert log.read_text().count(" get deployment ") == 1


def test_without_kubectl_nothing_is_begun(bin: Path) -> None:
    with pytest.raises(pulumi.RunError, match="kubectl was not found; install it and put it on PATH"):
        ask()
