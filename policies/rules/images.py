"""Images that pods run: which, and from where. image_builds.py looks at how they are made."""

from collections.abc import Iterator
from typing import Any

from components.references import Reference, parse

from ..model import Option, Options, Resource, ResourceRule, Violation
from ..reading.workloads import containers, pods
from ..values import Path, get, items, text


def _references(resource: Resource) -> Iterator[tuple[Path, str]]:
    """Known image references of pods with their paths: of containers, and of image volumes."""
    for pod in pods(resource):
        found: list[tuple[Path, Any]] = [
            (container.at("image"), get(container.props, "image")) for container in containers(pod)
        ]
        for index, volume in enumerate(items(get(pod.spec, "volumes"))):
            found.append((pod.at("volumes", index, "image", "reference"), get(volume, "image", "reference")))
        yield from ((path, value) for path, value in found if text(value))


def is_fixed(found: Reference) -> bool:
    """Whether a reference names one version: by digest, or by a tag other than `latest`."""
    return bool(found.digest) or found.tag not in ("", "latest")


def _tag(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, value in _references(resource):
        found = parse(value)
        if not found:
            yield Violation(path=path, message=f"{resource.quoted(path)} is no image reference")
        elif not is_fixed(found):
            yield Violation(
                path=path, message=f"{resource.quoted(path)} means latest, which changes by itself"
            )


def _digest(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, value in _references(resource):
        found = parse(value)
        if found and not found.digest:
            yield Violation(path=path, message=f"{resource.quoted(path)} has no digest")


def _registry(resource: Resource, options: Options) -> Iterator[Violation]:
    allowed: list[str] = options["registries"]
    for path, value in _references(resource):
        found = parse(value)
        if found and allowed and not any(_lies_in(found, registry) for registry in allowed):
            message = f"{resource.quoted(path)} is from none of {', '.join(allowed)}"
            yield Violation(path=path, message=message)


def _lies_in(found: Reference, registry: str) -> bool:
    """Whether an image is of a registry such as `ghcr.io`, or below a path of it such as `ghcr.io/acme`."""
    host = "docker.io" if found.host in ("", "index.docker.io") else found.host
    short = host == "docker.io" and "/" not in found.path
    full = f"{host}/{'library/' if short else ''}{found.path}/"
    return full.startswith(f"{registry.rstrip('/')}/")


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="image-tag",
        asks="Images have a digest, or a tag other than `latest`.",
        why="`latest` is another image on each node and each day, and cannot be rolled back to.",
        remedy="Name a version tag, or better the digest of one build.",
        example="spec: {containers: [{name: app, image: 'ghcr.io/acme/shop:1.2.3'}]}",
        severity="high",
        check=_tag,
    ),
    ResourceRule(
        name="image-digest",
        asks="Images are named by digest.",
        why="A tag can be moved to another image, which then runs unreviewed.",
        remedy="Use repository@sha256:…, as GoImage.ref gives it.",
        example=f"spec: {{containers: [{{name: app, image: 'ghcr.io/acme/shop@sha256:{'0a1b2c3d' * 8}'}}]}}",
        severity="medium",
        check=_digest,
    ),
    ResourceRule(
        name="image-registry",
        asks="Images are from the registries in `registries`.",
        why="An image from anywhere is code from anyone.",
        remedy="Push the image to an allowed registry, or allow its registry in the policy's configuration.",
        example="spec: {containers: [{name: app, image: 'ghcr.io/acme/shop:1.2.3'}]}",
        severity="high",
        options={
            "registries": Option(
                schema={"type": "array", "items": {"type": "string", "minLength": 1}},
                default=[],
                meaning="Hosts such as ghcr.io or docker.io, or paths such as ghcr.io/acme; empty for any.",
            )
        },
        check=_registry,
    ),
)
