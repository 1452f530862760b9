"""A cluster that cannot be used is named before anything is touched."""

from pathlib import Path

import pulumi
import pytest

from components.cluster_access import require_access

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


REFUSED = 'case "$*" in *version*) echo "error: You must be logged in to the server" >&2; exit 1;; esac'


def test_a_cluster_that_answers_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = kubectl(tmp_path / "bin", monkeypatch, "exit 0")
    record(require_access)
    assert log.read_text() == "--namespace default --request-timeout=30s get --raw /version\n"


def test_a_refusal_names_the_cluster_and_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl(tmp_path / "bin", monkeypatch, f"{REFUSED}\nprintf https://cluster.example.com:6443")
    with pytest.raises(pulumi.RunError) as refused:
        record(require_access)
    assert str(refused.value) == (
        "the cluster at https://cluster.example.com:6443 cannot be used: "
        "error: You must be logged in to the server\n"
        "  → Have KUBECONFIG name a cluster that answers, and renew its credentials. Nothing was touched."
    )


def test_the_context_of_the_stack_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = kubectl(tmp_path / "bin", monkeypatch, "exit 0")
    record(require_access, config={"kubernetes:context": "staging"})
    assert log.read_text().endswith("get --raw /version --context=staging\n")


def test_a_kubeconfig_of_the_stack_is_left_to_the_plugin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = kubectl(tmp_path / "bin", monkeypatch, "exit 1")
    record(require_access, config={"kubernetes:kubeconfig": "apiVersion: v1"})
    assert not log.exists()


def test_without_kubectl_it_is_said_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", told.append)
    record(require_access)
    assert told == [
        "kubectl was not found; install it and put it on PATH; without it a failed release is not taken back"
    ]
