"""Fields of pods that only certain values are allowed in, as the Pod Security Standards list them."""

from collections.abc import Callable, Iterator
from typing import Any

from ..model import Violation
from ..values import UNKNOWN, Path, get, items
from .workloads import Pod, containers

Fields = Callable[[Pod], Iterator[tuple[Path, Any]]]
"""Finds fields in a pod: their paths in its resource, and what is there; None where nothing is."""

EACH = "*"
"""In a path: every entry of a list."""


def find(value: Any, pattern: tuple[str, ...], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """What is at a path, EACH in it for every entry of a list."""
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
    """Fields of containers, init and ephemeral ones included."""

    def found(pod: Pod) -> Iterator[tuple[Path, Any]]:
        for container in containers(pod):
            yield from find(container.props, pattern, container.at())

    return found


def in_security_contexts(*pattern: str) -> Fields:
    """Fields of the security contexts of the pod and of its containers."""
    return together(in_pod("securityContext", *pattern), in_containers("securityContext", *pattern))


def together(*several: Fields) -> Fields:
    """All of several fields."""

    def found(pod: Pod) -> Iterator[tuple[Path, Any]]:
        for fields in several:
            yield from fields(pod)

    return found


def only(fields: Fields, allowed: tuple[Any, ...], says: str) -> Callable[[Pod], Iterator[Violation]]:
    """A check that fields have allowed values; `says` what is wrong with others, {} stands for the value."""

    def check(pod: Pod) -> Iterator[Violation]:
        for path, value in fields(pod):
            if value is not UNKNOWN and value not in allowed:
                yield Violation(path=path, message=says.format(pod.resource.quoted(path)))

    return check
