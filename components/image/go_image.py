"""GoImage: a Go module becomes an image in a registry, known by its digest."""

from pathlib import Path
from typing import cast

import pulumi
from pulumi.output import UNKNOWN

from ..shared import TOKENS, Release
from .args import GoImageArgs
from .build_files import BuildFiles
from .build_inputs import buildkit_inputs, cache_inputs, docker_inputs, registries, tagged
from .dockerfile import dockerfile
from .tag_guard import guard_build, guard_version
from .version import Version, describe


class GoImage(pulumi.ComponentResource):
    """Builds a Go module for all platforms and pushes the image; previews never push."""

    ref: pulumi.Output[str]
    """`repository@sha256:…`, what everything downstream runs. Known once all tags are set."""
    digest: pulumi.Output[str]
    """`sha256:…` of the manifest list, or of the manifest with the docker builder."""
    version: str
    """Version the binary carries."""
    commit: str
    """Full commit hash; `unknown` outside git, and for a release that is pinned."""
    tags: tuple[str, ...]
    """Tags pushed, as `repository:tag`."""

    def __init__(self, name: str, args: GoImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TOKENS["GoImage"], name, None, opts)
        self._name, self._args = name, args
        version = _pinned(args) or args.version or describe(Path(args.context))
        # A release that is not built any more stays where a rollback finds it.
        self._child = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        self.tags = tagged(args, version.tags)
        if args.pin:
            pulumi.log.warn(f"image.pin is set: {args.pin} runs, and nothing is built", self)
            self.digest = pulumi.Output.from_input(args.pin.partition("@")[2])
        elif args.builder == "buildkit":
            self.digest = self._build(version)
        else:
            self.digest = self._build_without_buildkit(version)
            self.tags = self.tags[:1]
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

    @property
    def release(self) -> Release:
        """Image, version and commit: what GoService takes."""
        return Release(image=self.ref, version=self.version, commit=self.commit)

    def promote(self, after: pulumi.Resource) -> None:
        """Moves the tag `stable` to this image once `after` is done. The docker builder has no means to."""
        if self._args.builder == "buildkit":
            self._tag("stable", "stable", self.ref, pulumi.ResourceOptions(depends_on=after))

    def _build(self, version: Version) -> pulumi.Output[str]:
        """Builds with pulumi-docker-build, sets the tags, and returns the digest."""
        # Each SDK is imported only where it is used: imports are most of what a preview takes.
        import pulumi_docker_build as docker_build  # noqa: PLC0415

        args, name = self._args, self._name
        # By stack, as two may be updated from one checkout at a time.
        files = BuildFiles(f"{name}.{pulumi.get_stack()}", dockerfile(args.recipe), args.context)
        inputs = buildkit_inputs(args, version, files.path)
        image = docker_build.Image(f"{name}-build", **inputs, opts=self._child)
        readers = [image]
        if args.cache_to:
            # A build of its own, as one that writes its cache would write it in previews too. All steps of it
            # are cached, and the release does not wait for it.
            opts = pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=image))
            readers.append(docker_build.Image(f"{name}-cache", **cache_inputs(args, inputs), opts=opts))
        files.release(*readers)
        digest = image.digest.apply(_known)
        tags = self._set_tags(version, pulumi.Output.concat(args.repository, "@", digest))
        return pulumi.Output.all(digest, *(tag.urn for tag in tags)).apply(lambda known: known[0])

    def _set_tags(self, version: Version, ref: pulumi.Output[str]) -> list[pulumi.Resource]:
        """Sets the tags of a release, `latest` last. Other builds were pushed to theirs."""
        if not version.commit_tag:
            return []
        guard = guard_version(self._name, self._args, version)
        hooks = pulumi.ResourceHookBinding(before_create=[guard], before_update=[guard])
        named = self._tag("version", version.name, ref, pulumi.ResourceOptions(hooks=hooks))
        if "latest" not in version.tags or version.name == "latest":
            return [named]
        return [named, self._tag("latest", "latest", ref, pulumi.ResourceOptions(depends_on=named))]

    def _tag(
        self, role: str, tag: str, ref: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> pulumi.Resource:
        import pulumi_docker_build as docker_build  # noqa: PLC0415 as above

        logins = registries(self._args)
        return docker_build.Index(
            f"{self._name}-{role}",
            tag=f"{self._args.repository}:{tag}",
            sources=[ref],
            push=True,
            registry=docker_build.RegistryArgs(**logins[0]) if logins else None,
            opts=pulumi.ResourceOptions.merge(self._child, opts),
        )

    def _build_without_buildkit(self, version: Version) -> pulumi.Output[str]:
        """Builds with pulumi-docker, which sets the tag too, and returns the digest."""
        import pulumi_docker as docker  # noqa: PLC0415 as above

        args, name = self._args, self._name
        hooks = None
        if version.is_fixed and not args.overwrite_tags:
            guard = guard_build(name, args)
            hooks = pulumi.ResourceHookBinding(before_create=[guard], before_update=[guard])
        files = BuildFiles(name, dockerfile(args.recipe), args.context)
        opts = pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(hooks=hooks))
        image = docker.Image(f"{name}-build", **docker_inputs(args, version, files.path), opts=opts)
        files.release(image)
        return image.repo_digest.apply(lambda reference: _known(reference.rpartition("@")[2]))


def _known(digest: str) -> pulumi.Input[str]:
    """A digest; unknown where it is empty, as in previews of the build of another image."""
    return digest or cast(pulumi.Output[str], pulumi.Output.from_input(UNKNOWN))


def _pinned(args: GoImageArgs) -> Version | None:
    return Version(name=args.pin.partition("@")[0]) if args.pin else None
