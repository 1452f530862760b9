"""Changes of resources that rules have to bear, and the kinds a pod may stand in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policies.model import Resource
from policies.reading.workloads import TEMPLATES
from policies.values import UNKNOWN, MakeSecret, Path, get, leaves, put

from .fixture_files import nodes

SECRET = "kept-Secret-4711"
ODD: tuple[Any, ...] = (None, True, 3.5, "odd", [], {}, [None], {"odd": [None]})
MISSING = object()
VERSIONS = {"core": "v1", "apps": "apps/v1", "batch": "batch/v1", "argoproj.io": "argoproj.io/v1alpha1"}


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """Resources of which one is changed."""

    resources: tuple[Resource, ...]
    changed: Resource


def unknowns(resources: Sequence[Resource]) -> Iterator[Mutation]:
    """The resources with each part unknown in turn, maps and lists included."""
    for index, resource in enumerate(resources):
        for path, _ in nodes(resource.props):
            if path:
                yield _with(resources, index, replace(resource, props=put(resource.props, path, UNKNOWN)))


def secrets(resources: Sequence[Resource]) -> Iterator[Mutation]:
    """The resources with each leaf a secret in turn, the strings among them SECRET."""
    for index, resource in enumerate(resources):
        for path, leaf in leaves(resource.props):
            props = put(resource.props, path, SECRET) if isinstance(leaf, str) else resource.props
            kept = replace(resource, props=props, secrets=resource.secrets | {path})
            yield _with(resources, index, kept)


def oddities(resources: Sequence[Resource], most: int) -> Iterator[Mutation]:
    """The resources with a part missing or of an odd shape: all parts and shapes, or about `most`."""
    shapes = [
        (index, path, odd)
        for index, resource in enumerate(resources)
        for path, _ in nodes(resource.props)
        for odd in (*ODD, MISSING)
        if path
    ]
    step = 1 + len(shapes) // most
    step += step % 3 == 0  # there are nine shapes, and each of them is to be chosen
    for index, path, odd in shapes[::step]:
        props = resources[index].props
        changed = _without(props, path) if odd is MISSING else put(props, path, odd)
        yield _with(resources, index, replace(resources[index], props=changed))


def _without(value: Any, path: Path) -> Any:
    parents, last = path[:-1], path[-1]
    parent = get(value, *parents)
    rest = (
        [entry for index, entry in enumerate(parent) if index != last]
        if isinstance(parent, list)
        else {key: entry for key, entry in parent.items() if key != last}
    )
    return put(value, parents, rest)


def _with(resources: Sequence[Resource], index: int, changed: Resource) -> Mutation:
    return Mutation(resources=(*resources[:index], changed, *resources[index + 1 :]), changed=changed)


def with_props(resource: Resource, props: Any) -> Resource:
    """The resource with other properties, those a fix makes secret among them."""
    made = {path: leaf for path, leaf in leaves(props) if isinstance(leaf, MakeSecret)}
    for path, leaf in made.items():
        props = put(props, path, leaf.value)
    return replace(resource, props=props, secrets=resource.secrets | made.keys())


def wrapped(pod: Resource, group: str, kind: str) -> Resource:
    """A workload of a kind, with a pod as its template."""
    metadata = pod.props.get("metadata", {})
    own = {key: value for key, value in metadata.items() if key in ("name", "namespace")}
    template = {
        "metadata": {key: value for key, value in metadata.items() if key not in own},
        "spec": pod.props["spec"],
    }
    props: dict[str, Any] = put({}, TEMPLATES[group, kind], template)
    if kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout"):
        props["spec"]["selector"] = {"matchLabels": metadata.get("labels", {})}
    props = {"apiVersion": VERSIONS[group], "kind": kind, "metadata": own, **props}
    version = VERSIONS[group] if group != "core" else "core/v1"
    return replace(pod, type=f"kubernetes:{version}:{kind}", props=props)


def wrapped_path(path: str, group: str, kind: str) -> str:
    """Where a path in a pod is once the pod is wrapped in a workload."""
    if path in ("metadata.namespace", "metadata.name"):
        return path
    return ".".join([*(str(part) for part in TEMPLATES[group, kind]), path])
