"""A tag that names a release never moves to another image: the registry is asked before the tag is set.

A registry has no call that sets a tag only where there is none, so of two stacks that release one version
within the same second one may still replace the other's.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import pulumi

from .args import GoImageArgs
from .version import Version

if TYPE_CHECKING:
    from .registry import Registry

_Result = TypeVar("_Result")


def guard_version(name: str, args: GoImageArgs, version: Version) -> pulumi.ResourceHook:
    """Hook that runs before docker-build's Index sets the tag of a version."""

    async def before(hook: pulumi.ResourceHookArgs) -> None:
        inputs: dict[str, Any] = dict(hook.new_inputs or {})
        digest = inputs["sources"][0].partition("@")[2]
        await _ask(args, lambda registry: claim_version(registry, args, version, digest))

    return pulumi.ResourceHook(f"{name}-tags", before)


def guard_build(name: str, args: GoImageArgs) -> pulumi.ResourceHook:
    """Hook that runs before a build of pulumi-docker, which pushes to its tag at once."""

    async def before(hook: pulumi.ResourceHookArgs) -> None:
        await _ask(args, lambda registry: refuse_taken_tag(registry, args, hook))

    return pulumi.ResourceHook(f"{name}-tags", before)


def claim_version(registry: "Registry", args: GoImageArgs, version: Version, digest: str) -> None:
    """Raises RuntimeError if the version's tag is another image. Tags the commit if it has no tag yet.

    A commit that git tags later is built again as another image, since the binary carries its version. The
    commit's tag stays with the first one, which an Index could not leave in place.
    """
    if version.is_fixed and not args.overwrite_tags:
        found = registry.manifest(version.name)
        if found and not found.is_image(digest):
            other = f"this build is {digest}"
            raise RuntimeError(refusal(args.repository, version.name, found.digest, other))
    if args.overwrite_tags or registry.manifest(version.commit_tag) is None:
        registry.tag(digest, version.commit_tag)


def refuse_taken_tag(registry: "Registry", args: GoImageArgs, hook: pulumi.ResourceHookArgs) -> None:
    """Raises RuntimeError if the registry already has the tag of a build.

    The digest is not known in advance, as an engine without BuildKit does not build reproducibly.
    """
    inputs: dict[str, Any] = dict(hook.new_inputs or {})
    tag = inputs["imageName"].rpartition(":")[2]
    found = registry.manifest(tag)
    if found and not is_same_build(hook, found.digest):
        other = "the docker builder would replace it before its own digest is known"
        raise RuntimeError(refusal(args.repository, tag, found.digest, other))


def is_same_build(hook: pulumi.ResourceHookArgs, digest: str) -> bool:
    """Whether the stack itself pushed a digest from the same sources, as when only the password changed."""
    new, old = dict(hook.new_inputs or {}), dict(hook.old_inputs or {})
    pushed = str(dict(hook.old_outputs or {}).get("repoDigest", "")).rpartition("@")[2]
    return pushed == digest and all(new.get(key) == old.get(key) for key in ("imageName", "build"))


def refusal(repository: str, tag: str, found: str, other: str) -> str:
    """Why a tag is not set, and what to do."""
    return (
        f"{repository}:{tag} is in the registry as {found}, and {other}; a released tag is not replaced\n"
        f"  → Run what is there with image.pin: {tag}@{found}, release a new commit, or set "
        "image.overwriteTags to true."
    )


async def _ask(args: GoImageArgs, question: Callable[["Registry"], _Result]) -> _Result:
    """Asks the registry with the login of the push. Raises RuntimeError."""
    # Only a release needs it, and imports are most of what a preview takes.
    from .registry import Login, Registry, RegistryError  # noqa: PLC0415

    password = await pulumi.Output.from_input(args.password).future()
    login = Login(username=args.username, password=password or "") if args.username else None
    try:
        return await asyncio.to_thread(lambda: question(Registry(args.repository, login)))
    except RegistryError as error:
        raise RuntimeError(
            f"the tags of {args.repository} can be neither read nor set: {error}\n"
            "  → Have it answer, and log in with `docker login`, or image.username and image.password."
        ) from None
