"""The stand-in Kubernetes provider under the real engine, on the embedded cluster."""

from __future__ import annotations

import base64
import json
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from .conftest import Embedded, Result

pytestmark = pytest.mark.e2e

Object = dict[str, Any]
IMAGE = "127.0.0.1:5000/debian:bookworm-slim"
PASSWORD = "correct-horse-9417"
PROGRAM = """
import json
from pathlib import Path

import pulumi

made = {}
for name, entry in json.loads(Path("objects.json").read_text()).items():
    token, after, secret = entry.pop("token"), entry.pop("after", []), entry.pop("secret", None)
    if secret:
        entry["stringData"] = {key: pulumi.Output.secret(value) for key, value in secret.items()}
    options = pulumi.ResourceOptions(depends_on=[made[other] for other in after], version="VERSION")
    made[name] = pulumi.CustomResource(token, name, entry, options)
"""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A project of its own, with objects in a namespace of its own."""

    directory: Path
    namespace: str
    env: dict[str, str]

    def objects(self, **objects: Object) -> None:
        """Replaces the program's objects, all in the namespace and after it."""
        namespace = {"token": "kubernetes:core/v1:Namespace", "metadata": {"name": self.namespace}}
        for entry in objects.values():
            entry.setdefault("metadata", {}).setdefault("namespace", self.namespace)
            entry.setdefault("after", []).append("namespace")
        every = {"namespace": namespace, **objects}
        (self.directory / "objects.json").write_text(json.dumps(every))

    def pulumi(self, *arguments: str, timeout: float = 300) -> Result:
        return self._run("pulumi", *arguments, "--non-interactive", timeout=timeout)

    def up(self, *arguments: str) -> Result:
        return self.pulumi("up", "--yes", "--skip-preview", *arguments)

    def changes(self, *arguments: str) -> dict[str, int]:
        """Counts of the operations a preview plans, `same` left out."""
        shown = self.pulumi("preview", "--json", *arguments).ok().output
        summary: dict[str, int] = json.loads(shown[shown.index("{") :])["changeSummary"]
        return {kind: count for kind, count in summary.items() if kind != "same"}

    def kubectl(self, *arguments: str) -> str:
        return self._run("kubectl", "--namespace", self.namespace, *arguments).ok().output

    def live(self, kind: str, name: str) -> Object:
        return json.loads(self.kubectl("get", kind, name, "--output", "json", "--show-managed-fields"))

    def state(self) -> str:
        return self.pulumi("stack", "export").ok().output

    def _run(self, *command: str, timeout: float = 300) -> Result:
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Result(code=done.returncode, output=done.stdout)


@pytest.fixture
def stack(embedded: Embedded, tmp_path: Path) -> Iterator[Stack]:
    (tmp_path / "state").mkdir()
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: plugin\nruntime: python\n")
    (project / "__main__.py").write_text(PROGRAM.replace("VERSION", version("pulumi-kubernetes")))
    env = embedded.env | {
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
    }
    made = Stack(directory=project, namespace=f"plugin-{uuid.uuid4().hex[:8]}", env=env)
    made.pulumi("stack", "init", "dev").ok()
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview").ok()
    assert made.namespace not in made.kubectl("get", "namespaces", "--output", "name")


def config_map(**data: str) -> Object:
    return {"token": "kubernetes:core/v1:ConfigMap", "data": data}


def workload(
    command: str = "exec sleep infinity",
    *,
    image: str = IMAGE,
    replicas: int = 1,
    timeout: int = 15,
    cpu: str = "10m",
    ready: str = "true",
) -> Object:
    probe = {"exec": {"command": ["sh", "-c", ready]}, "periodSeconds": 1}
    container = {
        "name": "app",
        "image": image,
        "command": ["sh", "-c", f"trap 'exit 0' TERM; {command}"],
        "readinessProbe": probe,
        "resources": {"requests": {"cpu": cpu, "memory": "8Mi"}},
    }
    return {
        "token": "kubernetes:apps/v1:Deployment",
        "metadata": {"name": "web", "annotations": {"pulumi.com/timeoutSeconds": str(timeout)}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]},
            },
        },
    }


def service() -> Object:
    return {
        "token": "kubernetes:core/v1:Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        "after": ["web"],
    }


def test_a_service_lives_its_life(stack: Stack) -> None:
    def program(command: str, **data: str) -> None:
        secret = {"token": "kubernetes:core/v1:Secret", "secret": {"password": PASSWORD}, "type": "Opaque"}
        stack.objects(
            settings=config_map(**data),
            secret=secret,
            web=workload(command),
            service=service(),
        )

    program("sleep 1000", a="1")
    assert stack.changes() == {"create": 6}
    shown = stack.up().ok().output
    assert stack.changes() == {}
    state = stack.state()
    for text in (shown, state):
        assert PASSWORD not in text
        assert base64.b64encode(PASSWORD.encode()).decode() not in text
    names = re.findall(r"settings-[0-9a-f]{8}", state)
    assert len(set(names)) == 1
    assert stack.live("configmap", names[0])["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}

    pod = stack.kubectl("get", "pods", "--output", "name")
    program("sleep 1001", a="2")
    assert stack.changes() == {"update": 1, "replace": 1}
    stack.up().ok()
    assert stack.kubectl("get", "pods", "--output", "name") != pod
    assert names[0] not in stack.kubectl("get", "configmaps", "--output", "name")
    assert stack.changes() == {}
    managers = {entry["manager"] for entry in stack.live("deployment", "web")["metadata"]["managedFields"]}
    assert len([name for name in managers if re.fullmatch(r"pulumi-kubernetes-[0-9a-f]{8}", name)]) == 1


def test_hand_made_changes_are_seen_and_repaired(stack: Stack) -> None:
    stack.objects(web=workload(replicas=1), service=service(), settings=config_map(a="1"))
    stack.up().ok()
    stack.kubectl("scale", "deployment/web", "--replicas=2")
    stack.kubectl("set", "env", "deployment/web", "MORE=1")
    stack.kubectl("delete", "service", "web")
    assert stack.changes() == {}  # what nobody has looked at
    assert stack.changes("--refresh") == {"update": 1, "create": 1}
    stack.pulumi("refresh", "--yes", "--skip-preview").ok()
    assert stack.changes() == {"update": 1, "create": 1}
    stack.up().ok()
    deployment = stack.live("deployment", "web")
    assert deployment["spec"]["replicas"] == 1
    # A variable the program says nothing of belongs to whoever added it.
    assert deployment["spec"]["template"]["spec"]["containers"][0]["env"] == [{"name": "MORE", "value": "1"}]
    assert stack.changes("--refresh") == {}


BROKEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an image that is not there": (
        {"image": "127.0.0.1:5000/nothing:here"},
        [r"container app: image 127\.0\.0\.1:5000/nothing:here cannot be pulled \((Err|Image)[A-Za-z]+\)"],
    ),
    "a crash": (
        {"command": "echo no database at db:5432; exit 3"},
        [r"container app exited with code 3", r"its last lines:\s+no database at db:5432"],
    ),
    "a failing probe": (
        {"ready": "echo still warming up; exit 1"},
        [r"container app is not ready: Readiness probe failed: .*still warming up"],
    ),
    "a request no node can meet": (
        {"cpu": "900"},
        [r"cannot be scheduled: 0/1 nodes are available: 1 Insufficient cpu"],
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_failing_rollout_gives_its_reason(stack: Stack, broken: str) -> None:
    settings, patterns = BROKEN[broken]
    stack.objects(web=workload("sleep 1000"))
    stack.up().ok()
    worse: dict[str, Any] = {"command": "sleep 1001"} | settings
    stack.objects(web=workload(**worse))
    shown = stack.up().failed().output
    for pattern in [
        r"Deployment \S+/web is not ready after 15 s",
        r"0 of 1 pods of the new version",
        *patterns,
    ]:
        assert re.search(pattern, shown), shown
    assert "[1/2] Waiting for app ReplicaSet" in shown
    assert stack.live("deployment", "web")["status"]["availableReplicas"] == 1  # the old version serves on
    assert stack.changes() == {"update": 1}
    stack.objects(web=workload("sleep 1000"))  # back to what the engine takes for the last success
    stack.up().ok()
    assert stack.changes("--refresh") == {}


def test_a_quota_that_is_too_small_is_named(stack: Stack) -> None:
    quota = {"token": "kubernetes:core/v1:ResourceQuota", "spec": {"hard": {"pods": "0"}}}
    stack.objects(quota=quota, web={**workload(timeout=10), "after": ["quota"]})
    shown = stack.up().failed().output
    assert re.search(r"pods cannot be created \(FailedCreate\): .*exceeded quota", shown), shown


def test_a_job_ends_the_wait_when_it_fails(stack: Stack) -> None:
    container = {"name": "app", "image": IMAGE, "command": ["sh", "-c", "echo no rows; exit 4"]}
    pod = {"restartPolicy": "Never", "containers": [container]}
    job = {"token": "kubernetes:batch/v1:Job", "spec": {"backoffLimit": 0, "template": {"spec": pod}}}
    stack.objects(job=job)
    start = time.monotonic()
    shown = stack.up().failed().output
    assert time.monotonic() - start < 60
    assert "will not become ready" in shown
    assert "container app exited with code 4" in shown
    assert "no rows" in shown


def test_an_interrupted_update_stops_at_once_and_goes_on_later(stack: Stack) -> None:
    stack.objects(web=workload(ready="false", timeout=600))
    running = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=stack.directory,
        env=stack.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    while "deployment.apps/web" not in stack.kubectl("get", "deployments", "--output", "name"):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    time.sleep(2)
    running.send_signal(signal.SIGINT)
    start = time.monotonic()
    shown, _ = running.communicate(timeout=60)
    assert time.monotonic() - start < 10
    assert running.returncode != 0
    assert re.search(r"cancelled while waiting for Deployment \S+/web to be ready", shown), shown
    assert '"pending_operations"' not in stack.state()
    stack.objects(web=workload())
    assert stack.changes() == {"update": 1}
    stack.up().ok()
    assert stack.changes("--refresh") == {}


def test_what_is_wrong_with_an_object_is_said_at_preview(stack: Stack) -> None:
    stack.objects()
    stack.up().ok()
    web = workload(replicas=-1)
    web["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    stack.objects(web=web)
    shown = stack.pulumi("preview").failed().output
    assert re.search(rf"Deployment {stack.namespace}/web is invalid:", shown), shown
    assert "spec.replicas: Invalid value: -1: must be greater than or equal to 0" in shown
    assert "spec.template.metadata.labels: Invalid value" in shown
    stack.objects(web={**workload(), "spec": {**workload()["spec"], "replicaz": 2}})
    assert "spec.replicaz is not a field of this kind" in stack.pulumi("preview").failed().output


def test_an_object_of_somebody_else_is_not_taken_over(stack: Stack) -> None:
    stack.objects()
    stack.up().ok()
    stack.kubectl("create", "configmap", "theirs", "--from-literal=a=1")
    stack.objects(theirs={**config_map(a="2"), "metadata": {"name": "theirs"}})
    shown = stack.up().failed().output
    assert f"ConfigMap {stack.namespace}/theirs already exists in the cluster" in shown
    assert stack.live("configmap", "theirs")["data"] == {"a": "1"}
    token, id_ = "kubernetes:core/v1:ConfigMap", f"{stack.namespace}/theirs"
    stack.pulumi("import", "--yes", "--generate-code=false", "--protect=false", token, "theirs", id_).ok()
    assert stack.changes() == {"replace": 1}
    stack.up().ok()
    assert stack.live("configmap", "theirs")["data"] == {"a": "2"}


def test_fields_of_other_programs_are_reported(stack: Stack) -> None:
    stack.objects(web=workload())
    stack.up().ok()
    theirs = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": stack.namespace},
        "spec": {"replicas": 0},
    }
    manifest = stack.directory / "theirs.json"
    manifest.write_text(json.dumps(theirs))
    apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=fleet", f"--filename={manifest}"]
    stack.kubectl(*apply)
    stack.objects(web=workload(replicas=1, command="sleep 1001"))
    for command in ("preview", "up"):
        arguments = ["--yes", "--skip-preview"] if command == "up" else []
        shown = stack.pulumi(command, *arguments).failed().output
        assert "spec.replicas is owned by fleet" in shown
        assert "pulumi.com/patchForce" in shown
    forced = workload(replicas=1, command="sleep 1001")
    forced["metadata"]["annotations"]["pulumi.com/patchForce"] = "true"
    stack.objects(web=forced)
    stack.up().ok()
    assert stack.live("deployment", "web")["spec"]["replicas"] == 1


def test_kinds_that_a_program_defines_itself(stack: Stack) -> None:
    group = f"{stack.namespace}.example.com"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    definition = {
        "token": "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "things", "singular": "thing", "kind": "Thing"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
    thing = {
        "token": f"kubernetes:{group}/v1:Thing",
        "metadata": {"name": "one", "annotations": {"pulumi.com/waitFor": "jsonpath={.spec.size}=3"}},
        "spec": {"size": 3},
    }
    stack.objects(definition=definition, thing=thing)
    stack.up().ok()  # at once: nothing says that the one needs the other
    assert stack.changes("--refresh") == {}
    assert stack.live(f"things.{group}", "one")["spec"] == {"size": 3}


def test_missing_rights_are_named(stack: Stack, tmp_path: Path) -> None:
    stack.objects(settings=config_map(a="1"))
    stack.up().ok()
    stack.kubectl("create", "serviceaccount", "reader")
    stack.kubectl(
        "create", "rolebinding", "reader", "--clusterrole=view", f"--serviceaccount={stack.namespace}:reader"
    )
    token = stack.kubectl("create", "token", "reader").strip()
    config = json.loads(stack.kubectl("config", "view", "--raw", "--output", "json"))
    for user in config["users"]:
        user["user"] = {"token": token}
    (tmp_path / "reader").write_text(json.dumps(config))
    reader = Stack(
        directory=stack.directory,
        namespace=stack.namespace,
        env=stack.env
        | {"KUBECONFIG": str(tmp_path / "reader"), "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE": "true"},
    )
    reader.objects(settings=config_map(a="2"))
    user = f"system:serviceaccount:{stack.namespace}:reader"
    refusal = f"user '{user}' may not patch configmaps in namespace '{stack.namespace}'"
    assert refusal in reader.pulumi("preview").ok().output  # reading is enough to see what would change
    shown = reader.up().failed().output
    assert refusal in shown
    assert token not in shown


def test_a_preview_with_nothing_to_do_is_quick(stack: Stack) -> None:
    stack.objects()
    stack.up().ok()
    empty = min(_seconds(stack) for _ in range(3))
    maps = {f"settings{n}": config_map(a=str(n)) for n in range(10)}
    stack.objects(**maps, web=workload(), service=service())
    stack.up().ok()
    assert min(_seconds(stack) for _ in range(3)) - empty < 1.0


def _seconds(stack: Stack) -> float:
    start = time.monotonic()
    assert stack.changes() == {}
    return time.monotonic() - start
