"""Which pods the kubelet has evicted."""

from typing import Any

from components.cluster.pods.eviction import evictions
from tests.support.pods import KILLED, READY, pod, status

LOW = "The node was low on resource: memory."


def of(uid: str, reason: str = "", message: str = "", **more: Any) -> dict[str, Any]:
    found = pod(status(KILLED), **more)
    found["metadata"]["uid"] = uid
    found["status"] |= {"reason": reason, "message": message}
    return found


def test_pods_that_were_evicted_with_the_kubelets_words() -> None:
    told, untold = of("1", "Evicted", f"{LOW}\n", phase="Failed"), of("2", "Evicted", phase="Failed")
    assert evictions([told, untold]) == {"1": LOW, "2": "no reason given"}


def test_a_shutdown_of_the_node_is_none() -> None:
    assert evictions([of("1", "NodeShutdown", phase="Failed"), of("2", "Terminated", phase="Failed")]) == {}


def test_a_drain_or_a_preemption_deletes_the_pod_and_is_none() -> None:
    drained = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}
    assert evictions([of("1", deleted=True, conditions=[drained])]) == {}


def test_a_pod_that_runs_is_none() -> None:
    assert evictions([pod(READY, ready=True)]) == {}
