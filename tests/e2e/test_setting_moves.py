"""Every setting changed on the running service and back, under load: no request fails, nothing foreign goes.

Rows of one effect change together; EACH_SETTING=1 has every row change by itself, which takes half an hour.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from components.config.schema import MAPS
from tests.support.setting_moves import MOVES

from .conftest import Embedded
from .load import Load

pytestmark = pytest.mark.e2e

PROBE_PORT = 30083  # of a Service of somebody else, so that the load has a way in whatever happens to ours
# Rows that take what the embedded default has not; they are tried without a cluster alone.
NOT_HERE = {
    "cluster.context": "is what test_clusters sets",
    "cluster.kubeconfig": "is what test_clusters sets",
    "image.goVersion": "takes another builder image",
    "image.builderImage": "takes another builder image",
    "image.base": "takes a base image of a registry",
    "image.baseImage": "takes a base image of a registry",
    "image.pin": "is what test_canary goes back with",
    "canary.prometheus": "takes another Prometheus",
    "canary.prometheusHeaders": "takes another Prometheus",
    "canary.prometheusUsername": "takes another Prometheus",
    "canary.prometheusPassword": "takes another Prometheus",
    "canary.prometheusToken": "takes another Prometheus",
    "canary.prometheusCa": "takes another Prometheus",
    "service.readinessService": "takes a gRPC server",
    "metrics.monitor": "takes the kinds of Prometheus's operator",
}
# No controller gives an Ingress an address here, which Pulumi would wait for.
UNANSWERED = {"pulumi.com/skipAwait": "true"}
ALONE = {"service.createNamespace", "service.probe", "service.replicas", "service.type"}
MOVING = {"service.name", "service.namespace"}
# These change for the whole of another test.
ELSEWHERE = {"rollout.strategy", "image.builder", "autoscaling.enabled"}
QUICK = "in place, replaces or nothing"
LIVE = [key for key in MOVES if key not in NOT_HERE and key not in MOVING]


def groups() -> dict[str, list[str]]:
    """Rows that change together, by a name."""
    if os.environ.get("EACH_SETTING"):
        return {key: [key] for key in LIVE}
    found: dict[str, list[str]] = {key: [key] for key in LIVE if key in ALONE}
    for key in LIVE:
        if key not in ALONE and key not in ELSEWHERE:
            effect = MOVES[key].effect
            together = "canary" if key.startswith("canary.") else QUICK if effect in QUICK else effect
            found.setdefault(together, []).append(key)
    return found


def values(keys: list[str], *, changed: bool) -> dict[str, Any]:
    """Settings by key, what the rows take beside included, before or after the change."""
    found: dict[str, Any] = {}
    for key in keys:
        found |= MOVES[key].beside
        if changed:
            found |= MOVES[key].with_it | {key: MOVES[key].value}
    if any(key.startswith("ingress.") for key in found):
        found["ingress.annotations"] = found.get("ingress.annotations", {}) | UNANSWERED
    return found


def give(embedded: Embedded, settings: dict[str, Any]) -> None:
    """Writes settings into the stack file as it is in the checkout; secrets through pulumi."""
    embedded.run("git", "checkout", "--quiet", "--", "Pulumi.dev.yaml").ok()
    entries = {
        path: text
        for key, value in settings.items()
        for path, text in (
            {f"{key}.{name}": text for name, text in value.items()} if key in MAPS else {key: value}
        ).items()
    }
    secret = {path for path in entries if path == "image.password" or path.startswith("secrets.")}
    for path in secret:
        embedded.pulumi("config", "set", "--secret", "--path", path, entries[path], "--stack", "dev").ok()
    embedded.set(**{path: value for path, value in entries.items() if path not in secret})


@pytest.fixture(scope="module", autouse=True)
def foreign(embedded: Embedded) -> Iterator[None]:
    """Objects of somebody else in the service's namespace, among them a Service in front of its pods."""
    meta = {"namespace": "sample"}
    port = {"port": 80, "targetPort": "http", "nodePort": PROBE_PORT}
    spec = {"type": "NodePort", "selector": {"app.kubernetes.io/name": "sample"}, "ports": [port]}
    objects = [
        {"apiVersion": "v1", "kind": "Service", "metadata": meta | {"name": "probe"}, "spec": spec},
        {"apiVersion": "v1", "kind": "Secret", "metadata": meta | {"name": "registry"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta | {"name": "theirs"}, "data": {"a": "b"}},
    ]
    file = embedded.checkout.parent / "foreign.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    embedded.run("git", "checkout", "--quiet", "--", "Pulumi.dev.yaml").ok()
    embedded.up().ok()
    embedded.kubectl("apply", "-f", str(file))
    yield
    embedded.kubectl("delete", "-f", str(file))
    embedded.run("git", "checkout", "--quiet", "--", "Pulumi.dev.yaml").ok()
    embedded.up().ok()


@contextmanager
def nothing_lost(embedded: Embedded) -> Iterator[None]:
    """No request fails meanwhile, and what is not ours is there afterwards."""
    with Load(port=PROBE_PORT) as load:
        yield
    assert load.total > 50
    assert not load.failures, f"{load.failures} of {load.total}"
    assert embedded.object("configmap", "theirs")["data"] == {"a": "b"}


def shared(embedded: Embedded) -> dict[str, Any]:
    """What old and new pods share, as asked for."""
    kinds = "service,horizontalpodautoscaler,poddisruptionbudget,serviceaccount,ingress"
    found = embedded.objects(kinds)
    return {f"{each['kind']} {each['metadata']['name']}": each.get("spec") for each in found}


@pytest.mark.parametrize("group", groups())
def test_there_and_back(embedded: Embedded, group: str) -> None:
    keys = groups()[group]
    before = values(keys, changed=False)
    # The file of the stack is part of the version: with canary settings beside, one would be tried here.
    give(embedded, before | ({"canary.skip": True} if "rollout.strategy" in before else {}))
    embedded.up().ok()
    with nothing_lost(embedded):
        give(embedded, values(keys, changed=True))
        embedded.up().ok()
        assert embedded.changes() == {}
        give(embedded, values(keys, changed=False))
        embedded.up().ok()
        assert embedded.changes() == {}


def test_with_a_version_that_does_not_come_up(embedded: Embedded) -> None:
    """… all that old and new pods share stays as it was, whatever else changes, and the way back is free."""
    keys = [key for name, rows in groups().items() if name in (QUICK, "rolls pods") for key in rows]
    give(embedded, values(keys, changed=False))
    embedded.up().ok()
    before = shared(embedded)
    with nothing_lost(embedded):
        give(embedded, values(keys, changed=True) | {"env.FAIL_READY": "1", "rollout.timeoutSeconds": 30})
        embedded.up().failed()
        assert shared(embedded) == before
        give(embedded, values(keys, changed=False))
        embedded.up().ok()
    assert embedded.changes() == {}


@pytest.mark.parametrize("key", sorted(MOVING))
def test_a_move_serves_at_the_old_place_until_the_new_one_answers(embedded: Embedded, key: str) -> None:
    """… and leaves everything in the old namespace that is not the service's."""
    give(embedded, {key: MOVES[key].value})
    refused = embedded.preview().failed().output
    assert "has node port 30080, and two cannot have it at a time" in refused, refused
    give(embedded, {key: MOVES[key].value} | MOVES[key].with_it)
    with Load(port=30080, keep_alive=False) as old, Load(port=30085, keep_alive=False) as new:
        embedded.up().ok()
    first = min(answer.moment for answer in new.log if answer.status == 200)
    lost = [answer.moment for answer in old.log if answer.status != 200]
    assert not lost or min(lost) > first, f"{min(lost) - first:.1f} s"
    assert embedded.changes() == {}
    assert embedded.object("configmap", "theirs")["data"] == {"a": "b"}
    give(embedded, {})
    embedded.up().ok()
    assert embedded.changes() == {}
    embedded.wait_for("sample")


def test_a_namespace_is_kept_and_what_it_holds(embedded: Embedded) -> None:
    """Without `service.createNamespace` it is nobody's but its users'; the preview says that it stays."""
    give(embedded, {"service.createNamespace": False})
    shown = embedded.preview().ok().output
    assert "Namespace sample-namespace delete[retain]" in shown, shown


@pytest.mark.parametrize("enabled", [False, True])
def test_an_autoscaler_comes_and_goes_and_no_pod_is_lost(embedded: Embedded, enabled: bool) -> None:
    """Four pods stay four, whoever owns their number."""
    fixed = {"autoscaling.enabled": False, "service.replicas": 4}
    scaled = {"autoscaling.minReplicas": 4, "autoscaling.maxReplicas": 6}
    first, then = (scaled, fixed) if enabled else (fixed, scaled)
    give(embedded, first)
    embedded.up().ok()
    four = "--for=jsonpath={.status.availableReplicas}=4"
    embedded.kubectl("wait", "deployment/sample", "-n", "sample", four, "--timeout=90s")
    give(embedded, then)
    available = [
        "get",
        "deployment/sample",
        "-n",
        "sample",
        "--watch",
        "-o",
        "jsonpath={.status.availableReplicas} ",
    ]
    with subprocess.Popen(
        ["kubectl", *available], env=embedded.env, stdout=subprocess.PIPE, text=True
    ) as watch:
        with nothing_lost(embedded):
            embedded.up().ok()
        watch.terminate()
        counts = [int(count) for count in watch.communicate()[0].split()]
    assert counts
    assert min(counts) == 4, counts
    assert embedded.object("deployment")["spec"]["replicas"] == 4
