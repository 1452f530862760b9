"""Images of pods: tag, digest and registry. See image_builds.py for how images are built."""

from collections.abc import Iterator
from typing import Any

from components.shared import references

from ..model import Option, Options, Resource, ResourceRule, Violation
from ..reading.workloads import containers, pods
from ..values import Path, get, items, text


def _references(resource: Resource) -> Iterator[tuple[Path, str]]:
    """Known image references of containers and image volumes, with their paths."""
    for pod in pods(resource):
        found: list[tuple[Path, Any]] = [
            (container.at("image"), get(container.props, "image")) for container in containers(pod)
        ]
        for index, volume in enumerate(items(get(pod.spec, "volumes"))):
            found.append((pod.at("volumes", index, "image", "reference"), get(volume, "image", "reference")))
        yield from ((path, value) for path, value in found if text(value))


def is_fixed(found: references.Reference) -> bool:
    """Whether a reference has a digest, or a tag other than `latest`."""
    return bool(found.digest) or found.tag not in ("", "latest")


def _tag(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, value in _references(resource):
        found = references.parse(value)
        if not found:
            yield Violation(path=path, message=f"{resource.quote(path)} is not an image reference")
        elif not is_fixed(found):
            yield Violation(path=path, message=f"{resource.quote(path)} uses the tag latest, which can move")


def _digest(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, value in _references(resource):
        found = references.parse(value)
        if found and not found.digest:
            yield Violation(path=path, message=f"{resource.quote(path)} has no digest")


def _registry(resource: Resource, options: Options) -> Iterator[Violation]:
    allowed: list[str] = options["registries"]
    for path, value in _references(resource):
        found = references.parse(value)
        if found and allowed and not any(_is_in(found, registry) for registry in allowed):
            message = f"{resource.quote(path)} is not from {' or '.join(allowed)}"
            yield Violation(path=path, message=message)


def _is_in(found: references.Reference, registry: str) -> bool:
    """Whether an image is in a registry such as `ghcr.io`, or below a path such as `ghcr.io/acme`."""
    host = "docker.io" if found.host in ("", "index.docker.io") else found.host
    short = host == "docker.io" and "/" not in found.path
    full = f"{host}/{'library/' if short else ''}{found.path}/"
    return full.startswith(f"{registry.rstrip('/')}/")


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="image-tag",
        asks="Images have a digest, or a tag other than `latest`.",
        why="`latest` can differ between nodes and over time, and cannot be rolled back to.",
        remedy="Use a digest, or at least a version tag.",
        example="spec: {containers: [{name: app, image: 'ghcr.io/acme/shop:1.2.3'}]}",
        severity="high",
        check=_tag,
    ),
    ResourceRule(
        name="image-digest",
        asks="Images are referenced by digest.",
        why="A tag can be moved to another image, which then runs without a review.",
        remedy="Use repository@sha256:…, as in GoImage.ref.",
        example=f"spec: {{containers: [{{name: app, image: 'ghcr.io/acme/shop@sha256:{'0a1b2c3d' * 8}'}}]}}",
        severity="medium",
        check=_digest,
    ),
    ResourceRule(
        name="image-registry",
        asks="Images come from the registries in `registries`.",
        why="An image from an unknown registry is code from an unknown author.",
        remedy="Push the image to an allowed registry, or allow its registry in the policy's configuration.",
        example="spec: {containers: [{name: app, image: 'ghcr.io/acme/shop:1.2.3'}]}",
        severity="high",
        options={
            "registries": Option(
                schema={"type": "array", "items": {"type": "string", "minLength": 1}},
                default=[],
                meaning="Hosts such as ghcr.io, or paths such as ghcr.io/acme; empty allows all.",
            )
        },
        check=_registry,
    ),
)
