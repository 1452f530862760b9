"""Image builds: the user, the base images, and credentials left in the image."""

from collections.abc import Iterator
from dataclasses import dataclass

from components.shared import references

from ..model import Options, Resource, ResourceRule, Violation
from ..reading.builds import Build, arguments_path, find_build, find_stage, makes_no_image
from ..reading.credentials import credential_in_entry
from ..reading.dockerfile_text import Instruction, Stage, expand, pairs
from ..values import Path, entries, get, text
from .images import is_fixed


@dataclass(frozen=True, kw_only=True)
class _Result:
    """Environment and user after the last instruction of a stage."""

    environment: dict[str, str | None]
    user: Instruction | None
    user_id: str | None
    """Value of the last USER; None if unknown."""


def _user(resource: Resource, _options: Options) -> Iterator[Violation]:
    found = None if makes_no_image(resource) else find_build(resource)
    stage = found.stage() if found else None
    if not found or not stage:
        return
    result = _result(found, stage)
    if result.user is None:
        message = "the final stage has no USER: it runs as the user of its base, usually root"
        yield Violation(path=found.path, message=message)
    elif result.user_id is not None and (problem := _user_problem(result.user_id)):
        yield Violation(path=found.path, message=f"line {result.user.line}: USER {problem}")


def _result(found: Build, stage: Stage) -> _Result:
    parent = find_stage(found.before(stage), _base(found, stage) or "")
    before = _result(found, parent) if parent else _Result(environment={}, user=None, user_id=None)
    environment, user, user_id, ahead = (
        dict(before.environment),
        before.user,
        before.user_id,
        found.variables(),
    )
    variables = dict(environment)
    for instruction in stage.instructions:
        for name, value in pairs(instruction) if instruction.name in ("ARG", "ENV") else ():
            known = ahead.get(name) if value is None else expand(value, variables)
            if instruction.name == "ENV":
                environment[name] = variables[name] = known
            elif name not in environment:
                variables[name] = found.argument(name, known)
        if instruction.name == "USER":
            user, user_id = instruction, expand(instruction.rest.strip(), variables)
    return _Result(environment=environment, user=user, user_id=user_id)


def _user_problem(user: str) -> str | None:
    name = user.partition(":")[0].strip()
    if not name.isascii() or not name.isdigit():
        return "is root" if name == "root" else "is a name: the kubelet cannot verify that a name is not root"
    return None if int(name) else "is root"


def _base(found: Build, stage: Stage) -> str | None:
    return expand(stage.base, found.variables())


def _bases(resource: Resource, _options: Options) -> Iterator[Violation]:
    found = find_build(resource)
    if not found:
        return
    for stage in found.dockerfile.stages:
        for instruction, written, image in _base_images(found, stage):
            reference = references.parse(image) if image and not _is_stage(found, stage, image) else None
            if reference and not is_fixed(reference):
                shown = (
                    instruction.name if resource.is_secret(found.path) else f"{instruction.name} {written}"
                )
                message = f"line {instruction.line}: {shown} uses the tag latest, which can move"
                yield Violation(path=found.path, message=message)


def _base_images(found: Build, stage: Stage) -> Iterator[tuple[Instruction, str, str | None]]:
    """Images in FROM and COPY --from of a stage: as written, and expanded (None if unknown)."""
    yield stage.start, stage.base, _base(found, stage)
    for instruction in stage.instructions:
        source = instruction.flags.get("from", "") if instruction.name == "COPY" else ""
        if not source.isdigit():
            yield instruction, f"--from={source}", expand(source, {})


def _is_stage(found: Build, stage: Stage, base: str) -> bool:
    return (
        base == "scratch"
        or get(found.contexts, base) is not None
        or find_stage(found.before(stage), base) is not None
    )


def _secrets(resource: Resource, _options: Options) -> Iterator[Violation]:
    arguments = arguments_path(resource)
    for path in (arguments, ("labels",)) if arguments else ():
        yield from _inputs(resource, path)
    found = find_build(resource)
    if found:
        instructions = [each for stage in found.dockerfile.stages for each in stage.instructions]
        for instruction in (*found.dockerfile.arguments, *instructions):
            for name, value in pairs(instruction) if instruction.name in ("ARG", "ENV", "LABEL") else ():
                if value and (kind := credential_in_entry(name, value)):
                    message = f"line {instruction.line}: {instruction.name} seems to contain {kind}"
                    yield Violation(path=found.path, message=message)


def _inputs(resource: Resource, path: Path) -> Iterator[Violation]:
    for name, value in entries(get(resource.props, *path)).items():
        if (*path, name) in resource.secrets:
            yield Violation(
                path=(*path, name), message="is a secret, but everyone who pulls the image can read it"
            )
        elif kind := credential_in_entry(name, text(value) or ""):
            yield Violation(path=(*path, name), message=f"looks like {kind}")


RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="image-user",
        asks="The final stage of a Dockerfile sets a numeric user other than root.",
        why="A process that runs as root and escapes its container is root on the node.",
        remedy="End the final stage with USER 65534:65534, or another number above 0.",
        example='dockerfile: {inline: "FROM scratch\\nCOPY --from=build /service /\\nUSER 65534:65534\\n"}',
        severity="high",
        check=_user,
    ),
    ResourceRule(
        name="image-base",
        asks="Images in FROM and COPY --from have a digest, or a tag other than `latest`.",
        why="If a base image changes, the same commit builds a different image.",
        remedy="Use a version tag or a digest.",
        example='dockerfile: {inline: "FROM golang:1.26-alpine AS build\\n"}',
        severity="medium",
        check=_bases,
    ),
    ResourceRule(
        name="image-secrets",
        asks="Build arguments, ARG, ENV and labels contain no credential.",
        why="They stay in the history of the image, where everyone who pulls it can read them.",
        remedy="Use a build secret: RUN --mount=type=secret,id=… and the input `secrets`.",
        example="buildArgs: {VERSION: 1.2.3}",
        severity="critical",
        check=_secrets,
    ),
)
