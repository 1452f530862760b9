"""GoImage: a Go module becomes an image in a registry, known by its digest."""

from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi.output import UNKNOWN

from .dockerfile import dockerfile
from .image_args import GoImageArgs
from .naming import token
from .references import parse
from .version import Version, describe

__all__ = ["GoImage", "GoImageArgs"]

GENERATED = Path(".goservice")


class GoImage(pulumi.ComponentResource):
    """Builds a Go module for all platforms and pushes the image; previews never push."""

    ref: pulumi.Output[str]
    """`repository@sha256:…`, what everything downstream runs."""
    digest: pulumi.Output[str]
    """`sha256:…` of the manifest list, or of the manifest with the docker builder."""
    version: str
    """Version the binary carries."""
    commit: str
    """Full commit hash; `unknown` outside git, and for a release that is pinned."""
    tags: tuple[str, ...]
    """Tags pushed, as `repository:tag`."""

    def __init__(self, name: str, args: GoImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(token("image", "GoImage"), name, None, opts)
        self._name, self._args = name, args
        version = _pinned(args) or args.version or describe(Path(args.context))
        # A release that is not built any more stays where a rollback finds it.
        self._child = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        # Each SDK is imported only where it is used: imports are most of what a preview takes.
        if args.pin:
            pulumi.log.warn(f"image.pin is set: {args.pin} runs, and nothing is built", self)
            self.digest = pulumi.Output.from_input(args.pin.partition("@")[2])
            self.tags = _references(args, version)
        elif args.builder == "buildkit":
            import pulumi_docker_build as docker_build  # noqa: PLC0415

            image = docker_build.Image(f"{name}-build", **buildkit_inputs(args, version), opts=self._child)
            self.digest = image.digest.apply(_known)
            self.tags = _references(args, version)
        else:
            import pulumi_docker as docker  # noqa: PLC0415

            path = _write_dockerfile(name, dockerfile(args.recipe))
            image = docker.Image(f"{name}-build", **docker_inputs(args, version, path), opts=self._child)
            self.digest = image.repo_digest.apply(lambda reference: _known(reference.rpartition("@")[2]))
            self.tags = _references(args, version)[:1]
        self.ref = pulumi.Output.concat(args.repository, "@", self.digest)
        self.version = version.name
        self.commit = version.commit or "unknown"
        self.register_outputs(
            {
                "ref": self.ref,
                "digest": self.digest,
                "version": self.version,
                "commit": self.commit,
                "tags": list(self.tags),
            }
        )

    def promote(self, after: pulumi.Resource) -> None:
        """Moves the tag `stable` to this image once `after` is done. The docker builder has no means to."""
        if self._args.builder == "docker":
            return
        import pulumi_docker_build as docker_build  # noqa: PLC0415 as above

        logins = _registries(self._args)
        docker_build.Index(
            f"{self._name}-stable",
            tag=f"{self._args.repository}:stable",
            sources=[self.ref],
            push=True,
            registry=docker_build.RegistryArgs(**logins[0]) if logins else None,
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=after)),
        )


def buildkit_inputs(args: GoImageArgs, version: Version) -> dict[str, Any]:
    """Inputs of pulumi_docker_build.Image."""
    return {
        "push": True,
        "build_on_preview": args.build_on_preview,
        "context": {"location": args.context},
        "dockerfile": {"inline": dockerfile(args.recipe)},
        "build_args": _build_args(version),
        "platforms": list(args.platforms),
        "tags": list(_references(args, version)),
        "cache_from": [{"registry": {"ref": reference}} for reference in args.cache_from],
        "cache_to": [{"registry": {"ref": reference, "mode": "max"}} for reference in args.cache_to],
        "registries": _registries(args),
    }


def docker_inputs(args: GoImageArgs, version: Version, path: Path) -> dict[str, Any]:
    """Inputs of pulumi_docker.Image, with the Dockerfile at a path."""
    operating_system, architecture = args.platforms[0].split("/")
    registries = [{"server": key, **login} for key, login in _logins(args).items()]
    return {
        "image_name": _references(args, version)[0],
        "build_on_preview": args.build_on_preview,
        "build": {
            "builder_version": "BuilderV1",
            "context": args.context,
            "dockerfile": path.as_posix(),
            "platform": args.platforms[0],
            "args": _build_args(version) | {"TARGETOS": operating_system, "TARGETARCH": architecture},
            "cache_from": {"images": list(args.cache_from)},
        },
        "registry": registries[0] if registries else None,
    }


def _known(digest: str) -> pulumi.Input[str]:
    """A digest; unknown where it is empty, as in previews of the build of another image."""
    return digest or cast(pulumi.Output[str], pulumi.Output.from_input(UNKNOWN))


def _references(args: GoImageArgs, version: Version) -> tuple[str, ...]:
    return tuple(f"{args.repository}:{tag}" for tag in version.tags)


def _build_args(version: Version) -> dict[str, str]:
    return {
        "VERSION": version.name,
        "COMMIT": version.commit,
        "BUILD_TIME": version.time,
        "SOURCE_DATE_EPOCH": str(version.epoch),
    }


def _registries(args: GoImageArgs) -> list[dict[str, Any]]:
    """Credentials as pulumi_docker_build takes them."""
    return [{"address": key, **login} for key, login in _logins(args).items()]


def _logins(args: GoImageArgs) -> dict[str, dict[str, Any]]:
    """Credentials by registry host; none leaves it to the Docker client's own login."""
    if not args.username:
        return {}
    found = parse(args.repository)
    host = found.host if found and found.host else "docker.io"
    return {host: {"username": args.username, "password": pulumi.Output.secret(args.password)}}


def _pinned(args: GoImageArgs) -> Version | None:
    return Version(name=args.pin.partition("@")[0]) if args.pin else None


def _write_dockerfile(name: str, text: str) -> Path:
    """Writes the text for pulumi-docker, which takes a path only. Returns the path.

    It is relative, the same on every machine and in every run, so that a preview shows no change of its own.
    """
    GENERATED.mkdir(exist_ok=True)
    (GENERATED / ".gitignore").write_text("*\n")
    path = GENERATED / f"{name}.Dockerfile"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return path
