"""Which cluster kubectl goes to, and that the text of a kubeconfig is nowhere for longer than a call."""

from pathlib import Path

import pytest

from components.cluster.errors import ClusterError
from components.cluster.kubeconfig import Cluster, configured_cluster

TEXT = "apiVersion: v1\nusers: [{name: admin, user: {token: hunter2}}]\n"


def configured(**settings: str) -> Cluster:
    return configured_cluster(settings.get)


def test_without_settings_it_is_left_to_kubectl() -> None:
    assert configured() == Cluster()
    with Cluster().flags() as flags:
        assert flags == ()


def test_a_path_context_and_cluster_become_flags(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.touch()
    with configured(kubeconfig=str(file), context="staging", cluster="west").flags() as flags:
        assert flags == (f"--kubeconfig={file}", "--context=staging", "--cluster=west")


def test_a_path_in_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an input of the gate as it was set, so that no input differs between machines."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "config").touch()
    cluster = configured(kubeconfig="~/config")
    assert cluster.kubeconfig == "~/config"
    with cluster.flags() as flags:
        assert flags == (f"--kubeconfig={tmp_path}/config",)


@pytest.mark.parametrize("value", ["/nowhere", "token: hunter2 " * 100])
def test_what_is_neither_a_path_nor_a_text_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(ClusterError) as refused:
        configured(kubeconfig=value)
    assert str(refused.value) == "the kubeconfig is neither the path of a file nor the text of one"


@pytest.mark.parametrize("text", [TEXT, '{"apiVersion": "v1"}'])
def test_a_text_is_in_a_private_file_for_one_call(text: str) -> None:
    with configured(kubeconfig=text).flags() as (flag,):
        file = Path(flag.removeprefix("--kubeconfig="))
        assert file.read_text() == text
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
        assert "hunter2" not in flag
    assert not file.parent.exists()


def test_the_file_goes_when_a_call_is_interrupted() -> None:
    files: list[Path] = []

    def call() -> None:
        with Cluster(kubeconfig=TEXT).flags() as (flag,):
            files.append(Path(flag.removeprefix("--kubeconfig=")))
            assert files[0].exists()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call()
    assert not files[0].parent.exists()


def test_a_text_is_not_shown() -> None:
    assert "hunter2" not in repr(configured(kubeconfig=TEXT))
