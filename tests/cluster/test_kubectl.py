"""kubectl, played by a script: what it says, and how often it is asked."""

import json
import sys
from pathlib import Path

import pytest

from components.cluster import Cluster, ClusterError, ForbiddenError, Kubectl, NotFoundError

REFUSED = "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?"
NOT_FOUND = 'Error from server (NotFound): deployments.apps "shop" not found'


class Script:
    """A `kubectl` on PATH that gives the answers it was told to, one a call, the last for good."""

    def __init__(self, directory: Path) -> None:
        self._answers, self._calls = directory / "answers.json", directory / "calls"
        self._calls.touch()
        script = directory / "kubectl"
        script.write_text(
            f"#!{sys.executable} -ISE\n"
            "import json, sys\n"
            f"calls = open({str(self._calls)!r}, 'a+')\n"
            "calls.seek(0)\n"
            "before = len(calls.readlines())\n"
            "calls.write(json.dumps(sys.argv[1:] + [sys.stdin.read()]) + '\\n')\n"
            f"answers = json.load(open({str(self._answers)!r}))\n"
            "code, out, err = answers[min(before, len(answers) - 1)]\n"
            "sys.stdout.write(out)\n"
            "sys.stderr.write(err)\n"
            "sys.exit(code)\n"
        )
        script.chmod(0o755)

    def gives(self, *answers: tuple[int, str, str]) -> None:
        self._answers.write_text(json.dumps(answers))

    @property
    def calls(self) -> list[list[str]]:
        """Arguments of each call, and last what was on stdin."""
        return [json.loads(line) for line in self._calls.read_text().splitlines()]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("components.cluster.kubectl._RETRY_SECONDS", 0)
    return Script(tmp_path)


def cluster(said: list[str] | None = None, patience: int = 120) -> Kubectl:
    return Kubectl(namespace="team", say=(said if said is not None else []).append, patience=patience)


def test_a_call_names_the_namespace_ends_in_time_and_is_fed_nothing(script: Script) -> None:
    script.gives((0, "hello", "Warning: of no concern"))
    assert cluster().run("get", "pods") == "hello"
    assert script.calls == [["--namespace", "team", "--request-timeout=30s", "get", "pods", ""]]


def test_a_call_goes_to_the_cluster_that_is_meant(script: Script) -> None:
    script.gives((0, "", ""))
    meant = Cluster(kubeconfig="/etc/kube", context="staging", name="west")
    Kubectl(namespace="team", cluster=meant).run("get", "pods")
    assert script.calls[0][:4] == [
        "--kubeconfig=/etc/kube",
        "--context=staging",
        "--cluster=west",
        "--namespace",
    ]


def test_fields_are_applied_as_ours(script: Script) -> None:
    script.gives((0, "", ""))
    cluster().apply({"kind": "Deployment"})
    *call, given = script.calls[0][3:]
    assert call == [
        "apply",
        "--server-side",
        "--force-conflicts",
        "--field-manager=goservice",
        "--filename=-",
    ]
    assert json.loads(given) == {"kind": "Deployment"}


def test_objects_of_all_namespaces(script: Script) -> None:
    script.gives((0, '{"items": [{"kind": "Service"}]}', ""))
    assert cluster().list_everywhere("services") == [{"kind": "Service"}]
    assert script.calls[0][3:-1] == ["get", "services", "--all-namespaces", "--output", "json"]


def test_what_is_forbidden_is_told_apart(script: Script) -> None:
    script.gives((1, "", 'Error from server (Forbidden): services is forbidden: User "ci" cannot list'))
    with pytest.raises(ForbiddenError, match="cannot list"):
        cluster().list_everywhere("services")


def test_an_object(script: Script) -> None:
    script.gives((0, '{"kind": "Deployment"}', ""))
    assert cluster().get("deployment", "shop") == {"kind": "Deployment"}
    assert script.calls[0][3:-1] == ["get", "deployment", "shop", "--output", "json"]


def test_no_such_object_is_none(script: Script) -> None:
    script.gives((1, "", NOT_FOUND))
    assert cluster().get("deployment", "shop") is None
    assert len(script.calls) == 1


def test_no_such_object_to_work_on_is_an_error(script: Script) -> None:
    script.gives((1, "", NOT_FOUND))
    with pytest.raises(NotFoundError, match="not found"):
        cluster().scale("shop", 0)


def test_objects_by_labels(script: Script) -> None:
    script.gives((0, '{"items": [{"kind": "Pod"}]}', ""))
    assert cluster().list("pods", {"a": "1", "b": "2"}) == [{"kind": "Pod"}]
    assert script.calls[0][3:-1] == ["get", "pods", "--selector", "a=1,b=2", "--output", "json"]


def test_scaling_leaves_the_field_to_an_owner_that_the_plugin_takes_over(script: Script) -> None:
    script.gives((0, "", ""))
    cluster().scale("shop-canary", 2)
    *call, patch = script.calls[0][3:-1]
    owner = "--field-manager=pulumi-kubernetes"
    assert call == ["patch", "deployment", "shop-canary", owner, "--type", "merge", "--patch"]
    assert json.loads(patch) == {"spec": {"replicas": 2}}


def test_annotations_are_our_own_and_stay_when_the_plugin_updates(script: Script) -> None:
    script.gives((0, "", ""))
    cluster().annotate("deployment", "shop-canary", {"goservice/trial": 'a "b"'})
    *call, patch = script.calls[0][3:-1]
    owner = "--field-manager=goservice"
    assert call == ["patch", "deployment", "shop-canary", owner, "--type", "merge", "--patch"]
    assert json.loads(patch) == {"metadata": {"annotations": {"goservice/trial": 'a "b"'}}}


def test_a_list_is_a_json_patch(script: Script) -> None:
    script.gives((0, "", ""))
    steps = [{"op": "replace", "path": "/spec/paused", "value": True}]
    cluster().patch("deployment", "shop", steps)
    assert script.calls[0][-4:-2] == ["json", "--patch"]
    assert json.loads(script.calls[0][-2]) == steps


AWAY = [
    REFUSED,
    "Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout",
    "Unable to connect to the server: net/http: TLS handshake timeout",
    "error: read tcp 10.0.0.2:1->10.0.0.1:6443: read: connection reset by peer",
    "Error from server (ServiceUnavailable): apiserver not ready",
    "Error from server: etcdserver: leader changed",
    "error: unexpected EOF",
]


@pytest.mark.parametrize("message", AWAY)
def test_away_it_is_asked_again_and_says_so_once(script: Script, message: str) -> None:
    script.gives((1, "", message), (1, "", REFUSED), (0, "back", ""))
    said: list[str] = []
    assert cluster(said).run("get", "pods") == "back"
    assert said == [f"the API server does not answer, trying again: {message}"]
    assert len(script.calls) == 3


def test_only_the_last_of_many_lines_is_said(script: Script) -> None:
    script.gives((1, "", f"E1 memcache.go\nE2 memcache.go\n{REFUSED}\n"), (0, "", ""))
    said: list[str] = []
    cluster(said).run("get", "pods")
    assert said == [f"the API server does not answer, trying again: {REFUSED}"]


def test_away_for_good_is_an_error_in_kubectls_words(script: Script) -> None:
    script.gives((1, "", REFUSED))
    with pytest.raises(ClusterError) as caught:
        cluster(patience=0).run("get", "pods")
    assert str(caught.value) == REFUSED
    assert len(script.calls) == 1


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        (
            "Error from server (Forbidden): pods is forbidden\n",
            "Error from server (Forbidden): pods is forbidden",
        ),
        ("error: You must be logged in to the server (Unauthorized)", None),
        ("", "kubectl exited with code 3"),
    ],
)
def test_any_other_error_is_raised_at_once(script: Script, stderr: str, message: str | None) -> None:
    script.gives((3, "", stderr))
    said: list[str] = []
    with pytest.raises(ClusterError) as caught:
        cluster(said).run("get", "pods")
    assert str(caught.value) == (message or stderr)
    assert not isinstance(caught.value, NotFoundError)
    assert (len(script.calls), said) == (1, [])


def test_without_kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterError) as caught:
        cluster().get("deployment", "shop")
    assert str(caught.value) == "kubectl was not found; install it and put it on PATH"


def test_a_kubectl_that_hangs_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.cluster.kubectl._RETRY_SECONDS", 0)
    monkeypatch.setattr("components.cluster.kubectl._CALL_SECONDS", 0.1)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    script = tmp_path / "kubectl"
    mark = tmp_path / "called"
    script.write_text(f"#!/bin/sh\nif [ -e {mark} ]; then echo back; else : > {mark}; exec sleep 5; fi\n")
    script.chmod(0o755)
    said: list[str] = []
    assert cluster(said).run("get", "pods") == "back\n"
    assert said == ["the API server does not answer, trying again: kubectl gave no answer within 0.2 s"]


def test_a_log_may_have_any_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text("#!/bin/sh\nprintf 'caf\\351 crashed'\n")
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert Kubectl(namespace="shop").run("logs", "shop-1") == "caf\ufffd crashed"
