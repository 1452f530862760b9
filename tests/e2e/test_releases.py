"""Releases on the embedded default: what rolls out, what does not, and who notices."""

import json
import re
from pathlib import Path

import pytest

from .conftest import PORT, Embedded, Result
from .load import Load

pytestmark = pytest.mark.e2e

SAMPLE_SECRET = "correct-horse-battery-staple-7431"


def change_source(embedded: Embedded, note: str) -> str:
    source = embedded.checkout / "app" / "cmd" / "server" / "e2e_note.go"
    source.write_text(f"package main\n\n// {note}\nvar _ = {note!r}\n".replace("'", '"'))
    return embedded.commit(f"Change the service: {note}")


def pods(embedded: Embedded) -> set[str]:
    return {pod["metadata"]["name"] for pod in running(embedded)}


def test_the_service_answers_with_the_version_of_the_checkout(embedded: Embedded) -> None:
    version = embedded.run("git", "describe", "--tags", "--always", "--dirty").ok().output.strip()
    assert version in embedded.get("/")
    assert not version.endswith("-dirty"), "make up changed the checkout"


def test_a_second_up_changes_nothing(embedded: Embedded) -> None:
    before = pods(embedded)
    again = embedded.make("up", timeout=90).ok()
    assert re.search(r"\d+ unchanged", again.output), again.output
    assert not re.search(r"[+~-]\s*\d+ (to )?(create|update|delete|replace)", again.output), again.output
    assert embedded.changes() == {}
    assert pods(embedded) <= before, "none is new; the autoscaler may take one away meanwhile"


def test_source_changes_roll_out_and_no_request_fails(embedded: Embedded) -> None:
    for number in range(3):
        with Load(port=PORT) as load:
            version = change_source(embedded, f"release {number}")
            embedded.up().ok()
            embedded.wait_for(version)
        assert load.total > 100
        assert not load.failures, f"release {number}: {load.failures} of {load.total}"
    assert embedded.changes() == {}


def test_a_config_change_rolls_the_pods(embedded: Embedded) -> None:
    before = pods(embedded)
    embedded.set(**{"env.GREETING": "hello again"})
    embedded.up().ok()
    embedded.wait_for("hello again")
    assert not before & pods(embedded)


def test_a_secret_change_rolls_the_pods_and_stays_secret(embedded: Embedded) -> None:
    before = pods(embedded)
    setting = ("config", "set", "--secret", "--path", "secrets.SESSION_KEY", SAMPLE_SECRET)
    embedded.pulumi(*setting, "--stack", embedded.stack).ok()
    shown = embedded.preview("--diff").ok().output
    shown += embedded.pulumi("up", "--yes", "--diff", "--stack", embedded.stack).ok().output
    assert not before & pods(embedded)
    assert SAMPLE_SECRET not in shown
    state = embedded.pulumi("stack", "export", "--stack", embedded.stack).ok().output
    assert SAMPLE_SECRET not in state
    for root in (
        Path(embedded.env["PULUMI_HOME"]),
        Path(embedded.env["PULUMI_BACKEND_URL"].removeprefix("file://")),
    ):
        for file in (f for f in root.rglob("*") if f.is_file()):
            assert SAMPLE_SECRET.encode() not in file.read_bytes(), file
    live = embedded.kubectl("get", "deployment,configmap,replicaset,event", "-n", "sample", "-o", "yaml")
    assert SAMPLE_SECRET not in live


def running(embedded: Embedded) -> list[dict]:
    return [p for p in embedded.objects("pods") if "deletionTimestamp" not in p["metadata"]]


def image(pod: dict) -> str:
    return pod["spec"]["containers"][0]["image"]


BROKEN = {
    "exits at start": (
        {"env.FAIL_START": "1"},
        r"1 pod: crashed: Error, exit code 1(, restarted \d times)?; last lines of sample-\S+:\n"
        r"\s+\| error: FAIL_START is set, so this version exits at start",
    ),
    "is never ready": (
        {"env.FAIL_READY": "1"},
        r"1 pod: readiness probe GET /health/ready on port 8080 answered 503: "
        r'\{"status":"not ready".*FAIL_READY is set',
    ),
    "cannot be pulled": (
        {"image.pin": f"v0.0.0-none@sha256:{'0' * 64}"},
        r"1 pod: image 127.0.0.1:5000/sample@sha256:0{64} cannot be pulled: \w+",
    ),
}
MOST_LINES = 15


@pytest.mark.parametrize("broken", BROKEN)
def test_a_version_that(embedded: Embedded, broken: str) -> None:
    """… fails its update with the reason, while the old one answers; the next good one goes through."""
    settings, reason = BROKEN[broken]
    old, outputs = embedded.get("/"), embedded.outputs()
    embedded.set(**settings, **{"rollout.timeoutSeconds": 30})
    with Load(port=PORT) as load:
        failed = embedded.up().failed()
    told = report(failed)
    assert re.search(reason, told), failed.output
    assert f"is ROLLED BACK; {old.split()[1]} serves, " in told, told
    assert not load.failures, load.failures
    assert set(load.answers) == {old}
    assert embedded.get("/") == old
    assert {image(pod) for pod in running(embedded)} == {
        image(embedded.object("deployment")["spec"]["template"])
    }
    assert re.search(r"rolled back: did not come up", embedded.make("history").ok().output)
    assert embedded.outputs() == outputs, "they say what serves"
    # The same release is tried again, and what was changed beside Pulumi is no conflict to that.
    assert "update" in embedded.changes()

    embedded.run("git", "checkout", "--quiet", "--", "Pulumi.dev.yaml").ok()
    with Load(port=PORT) as load:
        version = change_source(embedded, f"after a version that {broken}")
        embedded.up().ok()
        embedded.wait_for(version)
    assert not load.failures, load.failures
    assert embedded.changes() == {}


def report(failed: Result) -> str:
    """What the program says of a release that failed, which is short."""
    start = failed.output.rindex("sample: ")
    lines = failed.output[start:].split("\n\n")[0].splitlines()
    assert len(lines) <= MOST_LINES, lines
    return "\n".join(lines)


def test_pods_that_the_cluster_does_not_want_are_told_in_its_words(embedded: Embedded) -> None:
    """First by a quota, then for want of room; each leaves the old version as it is."""
    old = embedded.get("/")
    embedded.kubectl("create", "quota", "tight", "-n", "sample", f"--hard=pods={len(running(embedded))}")
    embedded.set(**{"env.GREETING": "hello from a full house", "rollout.timeoutSeconds": 30})
    refused = embedded.up()
    embedded.kubectl("delete", "quota", "tight", "-n", "sample")
    told = report(refused.failed())
    assert re.search(r"no pod can be made: pods .* is forbidden: exceeded quota: tight", told), told
    embedded.set(**{"resources.cpuRequest": "1000", "resources.cpuLimit": "1000"})
    told = report(embedded.up().failed())
    assert re.search(r"1 pod: not scheduled: 0/1 nodes are available: .*Insufficient cpu", told), told
    assert embedded.get("/") == old
    embedded.run("git", "checkout", "--quiet", "--", "Pulumi.dev.yaml").ok()
    embedded.up().ok()
    assert embedded.changes() == {}


def test_the_autoscaler_owns_the_replicas(embedded: Embedded) -> None:
    autoscaler = embedded.object("hpa")
    assert autoscaler["spec"]["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "sample",
    }
    shown = embedded.kubectl(
        "get", "deployment", "sample", "-n", "sample", "-o", "json", "--show-managed-fields"
    )
    deployment = json.loads(shown)
    owners = [
        manager["manager"]
        for manager in deployment["metadata"]["managedFields"]
        if "f:replicas" in manager.get("fieldsV1", {}).get("f:spec", {})
    ]
    assert not [owner for owner in owners if owner.startswith("pulumi")]
    embedded.kubectl("scale", "deployment/sample", "-n", "sample", "--replicas=3")
    assert embedded.changes() == {}
    embedded.up().ok()
    assert embedded.object("deployment")["spec"]["replicas"] == 3


def test_a_hand_made_change_is_seen_and_repaired(embedded: Embedded) -> None:
    container = {"name": "sample", "resources": {"limits": {"memory": "300Mi"}}}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    embedded.kubectl("patch", "deployment", "sample", "-n", "sample", "-p", json.dumps(patch))
    embedded.kubectl("delete", "pdb", "sample", "-n", "sample")
    # Before that the plugin finds the Service without all of its endpoints, and would update it too.
    embedded.kubectl("rollout", "status", "deployment/sample", "-n", "sample", "--timeout=60s")
    seen = embedded.pulumi("refresh", "--yes", "--stack", embedded.stack).ok()
    assert re.search(r"sample.*(updated|deleted)|~ 1 updated|- 1 deleted", seen.output), seen.output
    assert embedded.changes() == {"update": 1, "create": 1}
    embedded.up().ok()
    limits = embedded.object("deployment")["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert limits["memory"] == "256Mi"
    assert embedded.object("pdb")
    embedded.pulumi("refresh", "--yes", "--stack", embedded.stack).ok()
    assert embedded.changes() == {}
