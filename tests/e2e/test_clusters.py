"""A stack with a kubeconfig of its own: objects, gate and recovery go by it, wherever KUBECONFIG points."""

import json
from pathlib import Path

import pytest
import yaml

from .conftest import Embedded, Result

pytestmark = pytest.mark.e2e

READER = "reader"


def kubeconfig(embedded: Embedded) -> str:
    """The embedded default's with a second context, whose user may read and change nothing."""
    manifest = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": READER},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": READER, "namespace": "default"}],
    }
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": READER, "namespace": "default"},
    }
    file = embedded.checkout.parent / "reader.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [account, manifest]}))
    embedded.kubectl("apply", "-f", str(file))
    token = embedded.kubectl("create", "token", READER, "--namespace=default", "--duration=1h").strip()
    config = yaml.safe_load(Path(embedded.env["KUBECONFIG"]).read_text())
    admin = config["contexts"][0]["context"]
    config["users"].append({"name": READER, "user": {"token": token}})
    config["contexts"].append({"name": READER, "context": {"cluster": admin["cluster"], "user": READER}})
    return yaml.safe_dump(config)


def up(embedded: Embedded, context: str) -> Result:
    """An update whose KUBECONFIG leads nowhere."""
    embedded.set(**{"cluster.context": context})
    return embedded.up(env={"KUBECONFIG": "/nowhere"})


def test_a_stack_goes_by_its_own_kubeconfig_in_everything(embedded: Embedded) -> None:
    text = kubeconfig(embedded)
    admin = yaml.safe_load(text)["current-context"]
    before = embedded.object("deployment")["spec"]["template"]
    file = embedded.checkout.parent / "kubeconfig.yaml"
    file.write_text(text)
    secret = ("config", "set", "--secret", "--path", "cluster.kubeconfig", "--stack", "dev")
    embedded.run("sh", "-c", f"pulumi {' '.join(secret)} <{file}").ok()
    file.unlink()
    try:
        shown = embedded.pulumi("preview", "--stack", "dev", env={"KUBECONFIG": "/nowhere"}).ok().output
        assert "replace" not in shown, shown

        refused = up(embedded, READER).failed().output
        assert "forbidden" in refused.lower(), refused
        # Not the generation: the autoscaler may have its own way with the replicas meanwhile.
        assert embedded.object("deployment")["spec"]["template"] == before

        # The gate, which asks the cluster and writes its record there.
        embedded.set(
            **{
                "rollout.strategy": "canary",
                "canary.prometheus": "monitoring/prometheus:9090",
                "canary.steps": [34],
                "canary.skip": True,
            }
        )
        up(embedded, admin).ok()
        assert "goservice/record" in embedded.object("deployment", "sample-canary")["metadata"]["annotations"]

        # The recovery, which patches the Deployment.
        embedded.set(**{"rollout.strategy": "rolling", "rollout.timeoutSeconds": 30, "env.FAIL_READY": "1"})
        failed = up(embedded, admin).failed().output
        assert "ROLLED BACK" in failed, failed
        embedded.wait_for("sample")

        state = embedded.pulumi("stack", "export", "--stack", "dev").ok().output
        token = yaml.safe_load(text)["users"][-1]["user"]["token"]
        for output in (shown, refused, failed, state):
            assert token not in output
    finally:
        embedded.run("git", "checkout", "--quiet", "--", "Pulumi.dev.yaml").ok()
        embedded.up().ok()
    assert embedded.changes() == {}
