"""Checks that fields of pods have allowed values, as the Pod Security Standards define them."""

from collections.abc import Callable, Iterator
from typing import Any

from ..model import Violation
from ..values import UNKNOWN, Path, get, items
from .workloads import Pod, containers

Fields = Callable[[Pod], Iterator[tuple[Path, Any]]]
"""Finds fields in a pod: paths in its resource, with values; None for fields that are not set."""

EACH = "*"
"""In a path: each entry of a list."""


def find(value: Any, pattern: tuple[str, ...], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Paths and values that match a pattern; EACH stands for each entry of a list."""
    if not pattern:
        yield path, value
    elif pattern[0] == EACH:
        for index, entry in enumerate(items(value)):
            yield from find(entry, pattern[1:], (*path, index))
    else:
        yield from find(get(value, pattern[0]), pattern[1:], (*path, pattern[0]))


def in_pod(*pattern: str) -> Fields:
    """Fields of the pod spec."""
    return lambda pod: find(pod.spec, pattern, pod.at())


def in_containers(*pattern: str) -> Fields:
    """Fields of containers, including init and ephemeral ones."""

    def fields(pod: Pod) -> Iterator[tuple[Path, Any]]:
        for container in containers(pod):
            yield from find(container.props, pattern, container.at())

    return fields


def in_security_contexts(*pattern: str) -> Fields:
    """Fields of the security contexts of the pod and of its containers."""
    return union(in_pod("securityContext", *pattern), in_containers("securityContext", *pattern))


def union(*several: Fields) -> Fields:
    """Fields of several finders."""

    def all_fields(pod: Pod) -> Iterator[tuple[Path, Any]]:
        for fields in several:
            yield from fields(pod)

    return all_fields


def only(fields: Fields, allowed: tuple[Any, ...], message: str) -> Callable[[Pod], Iterator[Violation]]:
    """A check that fields have allowed values; {} in the message stands for another value."""

    def check(pod: Pod) -> Iterator[Violation]:
        for path, value in fields(pod):
            if value is not UNKNOWN and value not in allowed:
                yield Violation(path=path, message=message.format(pod.resource.quote(path)))

    return check
