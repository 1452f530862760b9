"""The stack's configuration as arguments of the components; nothing else reads it."""

import functools
from dataclasses import dataclass, field

import pulumi

from . import references
from .config_reader import Reader
from .image_args import GoImageArgs
from .pull_secret import RegistryLogin
from .schema import PARTS
from .service_args import GoServiceArgs

_ANY_REPOSITORY = "example.com/unset"  # stands in for a missing one, so that the rest can be checked
_ANY_IMAGE = f"{_ANY_REPOSITORY}@sha256:{'0' * 64}"


class ConfigError(pulumi.RunError):
    """Settings of a stack are wrong: one line for each, `key: what is wrong; the remedy`."""

    def __init__(self, stack: str, problems: list[str]) -> None:
        count = "1 setting is" if len(problems) == 1 else f"{len(problems)} settings are"
        super().__init__("\n  ".join([f"{count} wrong in stack {stack}:", *problems]))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a stack is configured to be."""

    name: str
    """Name of the service."""
    namespace: str
    """Its namespace."""
    image: GoImageArgs
    """Arguments of the image."""
    service: functools.partial[GoServiceArgs] = field(repr=False)
    """Arguments of the service, all but `image`."""


def load() -> Settings:
    """Reads the configuration of the stack that is running.

    Values left out have the defaults of the arguments, which are those of Pulumi.yaml.
    Raises ConfigError, naming everything that is wrong.
    """
    reader = Reader()
    parts = {name: reader.build(part, reader.values[part]) for name, part in PARTS.items()}
    given = reader.values[GoServiceArgs] | {name: part for name, part in parts.items() if part is not None}
    shared = {"port": given["port"]} if "port" in given else {}
    image = reader.build(GoImageArgs, {"repository": _ANY_REPOSITORY} | shared | reader.values[GoImageArgs])
    service = reader.build(GoServiceArgs, {"image": _ANY_IMAGE} | given)
    if reader.problems or image is None or service is None:
        raise ConfigError(pulumi.get_stack(), reader.problems)
    make = functools.partial(GoServiceArgs, **given, registry_login=_login(image))
    return Settings(name=service.name, namespace=service.namespace, image=image, service=make)


def _login(image: GoImageArgs) -> RegistryLogin | None:
    """What the image is pushed with, for the cluster to pull with; None without a username."""
    found = references.parse(image.repository)
    if found is None or not image.username:
        return None
    return RegistryLogin(host=found.host, username=image.username, password=image.password)
