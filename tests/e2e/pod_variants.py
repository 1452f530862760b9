"""Pods that differ in what the Pod Security Standards look at."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from policies.values import put
from tests.policies.fixture_files import nodes

PROFILES: tuple[Any, ...] = (
    None,
    {},
    *({"type": type_} for type_ in ("RuntimeDefault", "Localhost", "Unconfined", "")),
)
ADDED = (
    None,
    [],
    ["NET_BIND_SERVICE"],
    ["CHOWN"],
    ["NET_BIND_SERVICE", "SYS_ADMIN"],
    ["ALL"],
    ["chown"],
    [""],
)
DROPPED = (None, [], ["ALL"], ["all"], ["NET_RAW", "ALL"], ["NET_RAW"])
TWO_LEVELS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("seccompProfile", PROFILES),
    ("appArmorProfile", PROFILES),
    ("runAsNonRoot", (None, True, False)),
    ("runAsUser", (None, 0, 1, 65534)),
    ("windowsOptions", (None, {}, {"hostProcess": None}, {"hostProcess": True}, {"hostProcess": False})),
    (
        "seLinuxOptions",
        (None, {}, {"type": "container_t"}, {"type": "spc_t"}, {"user": "u"}, {"role": "r"}, {"type": ""}),
    ),
)
"""Fields of the security contexts of both pod and container, and values to try."""
ONE_LEVEL: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("privileged", (None, True, False)),
    ("allowPrivilegeEscalation", (None, True, False)),
    ("procMount", (None, "", "Default", "Unmasked")),
    ("capabilities", (None, *({"add": add, "drop": drop} for add, drop in product(ADDED, DROPPED)))),
)
"""Fields of the security context of a container alone."""
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    "",
    "Localhost",
    "Default",
    "windows",
    "linux",
    [],
    {},
    ["ALL"],
)
ROLES = ("containers", "initContainers", "ephemeralContainers")


def combined() -> Iterator[dict[str, Any]]:
    """Pods with each pair of values in pod and container, in each role, system and kind of users."""
    systems = (None, {}, {"name": "linux"}, {"name": "windows"})
    for role, system, host_users in product(ROLES, systems, (None, True, False)):
        whole = {"os": system, "hostUsers": host_users}
        for field, values in TWO_LEVELS:
            for in_pod, in_container in product(values, values):
                context = {} if in_pod is None else {"securityContext": {field: in_pod}}
                yield _pod(role, field, in_container, {**context, **whole})
        for field, values in ONE_LEVEL:
            for in_container in values:
                yield _pod(role, field, in_container, whole)


def _pod(role: str, field: str, value: Any, spec: dict[str, Any]) -> dict[str, Any]:
    context = {"securityContext": None if value is None else {field: value}}
    containers = {"containers": [{"name": "app"}], role: [{"name": "judged", **context}, {"name": "other"}]}
    return {"metadata": {"name": "pod"}, "spec": {**containers, **spec}}


def mutants(pod: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The pod with each part of it replaced by each of VALUES in turn."""
    for path, _ in nodes(pod):
        for value in VALUES if len(path) > 1 else ():
            yield put(pod, path, value)
