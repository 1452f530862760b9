"""A cluster that cannot be used is named before anything is touched."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.cluster_access import Access, require_access
from components.kubectl import Cluster

from .recording import record


def kubectl(directory: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """A kubectl that does what the script says, alone on PATH. Returns the file with its arguments."""
    directory.mkdir()
    log = directory / "log"
    program = directory / "kubectl"
    program.write_text(f'#!/bin/sh\necho "$*" >> {log}\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}")
    return log


def access(**config: str) -> Access:
    """What the program is told, with `kubernetes:` settings of the stack."""
    found: list[Access] = []
    settings = {f"kubernetes:{key}": value for key, value in config.items()}
    record(lambda: found.append(require_access("team", "shop")), config=settings)
    return found[0]


NOTHING = 'echo "Error from server (NotFound): deployments.apps \\"shop\\" not found" >&2; exit 1'
LOGIN = 'case "$*" in *get*) echo "error: You must be logged in to the server" >&2; exit 1;; esac'


def test_a_cluster_that_answers_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = kubectl(tmp_path / "bin", monkeypatch, NOTHING)
    assert access() == Access(cluster=Cluster(), unproven="")
    asked = "--namespace team --request-timeout=30s get deployment shop --output json\n"
    assert log.read_text() == asked


@pytest.mark.parametrize(
    ("annotations", "unproven"),
    [
        (None, ""),
        ({"a": "b"}, ""),
        ({"goservice/unproven": "0"}, ""),
        ({"goservice/unproven": "10"}, "10"),
    ],
)
def test_releases_that_did_not_come_up_are_known(
    annotations: dict[str, Any] | None, unproven: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = {"annotations": annotations} if annotations else {}
    kubectl(tmp_path / "bin", monkeypatch, f"echo '{json.dumps({'metadata': metadata})}'")
    assert access().unproven == unproven


def test_a_refusal_names_the_cluster_and_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl(tmp_path / "bin", monkeypatch, f"{LOGIN}\nprintf https://cluster.example.com:6443")
    with pytest.raises(pulumi.RunError) as refused:
        access()
    assert str(refused.value) == (
        "the cluster at https://cluster.example.com:6443 cannot be used: "
        "error: You must be logged in to the server\n"
        "  → Have KUBECONFIG name a cluster that answers, renew its credentials, have kubectl on PATH."
        " Nothing was touched."
    )


def test_the_cluster_that_the_stack_sets_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = kubectl(tmp_path / "bin", monkeypatch, NOTHING)
    file = tmp_path / "config"
    file.touch()
    found = access(kubeconfig=str(file), context="staging", cluster="west")
    assert found.cluster == Cluster(kubeconfig=str(file), context="staging", name="west")
    assert log.read_text().startswith(
        f"--kubeconfig={file} --context=staging --cluster=west --namespace team "
    )


def test_a_kubeconfig_in_the_home_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl(tmp_path / "bin", monkeypatch, NOTHING)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "config").touch()
    assert access(kubeconfig="~/config").cluster == Cluster(kubeconfig=f"{tmp_path}/config")


def test_a_cluster_that_is_away_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.kubectl._RETRY_SECONDS", 0)
    away = 'case "$*" in *get*) echo "The connection was refused" >&2; exit 1;; esac'
    log = kubectl(tmp_path / "bin", monkeypatch, away)
    with pytest.raises(pulumi.RunError, match="The connection was refused"):
        access()
    assert log.read_text().count(" get deployment ") == 1


def test_a_kubeconfig_that_is_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """kubectl could not follow the plugin there."""
    log = kubectl(tmp_path / "bin", monkeypatch, NOTHING)
    with pytest.raises(pulumi.RunError) as refused:
        access(kubeconfig="apiVersion: v1\nusers: [{user: {token: t0ken}}]")
    assert "kubernetes:kubeconfig is not the path of a file" in str(refused.value)
    assert "t0ken" not in str(refused.value)
    assert not log.exists()


def test_without_kubectl_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pulumi.RunError, match="kubectl was not found; install it and put it on PATH"):
        access()
