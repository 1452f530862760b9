"""The stack's configuration as arguments of the components; nothing else reads it."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from ..image import GoImageArgs
from ..kubernetes import RegistryLogin
from ..service import GoServiceArgs
from ..shared import Release, references
from ..strategies import Canary
from .choices import ClusterChoice, StrategyChoice
from .provider import provider_settings
from .reader import Reader
from .schema import PARTS
from .stack_config import StackConfig, config_of, running_config

_ANY_REPOSITORY = "example.com/unset"  # stands in for a missing one, so that the rest can be checked
_ANY_RELEASE = Release(image=f"{_ANY_REPOSITORY}@sha256:{'0' * 64}")


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
    strategy: str
    """Name of its strategy."""
    cluster: ClusterChoice
    """Which cluster it runs in."""
    provider: Mapping[str, str] = field(repr=False)
    """Settings of the Kubernetes provider by name: those of the stack (`kubernetes:`) and `cluster`."""
    image: GoImageArgs
    """Arguments of the image."""
    service: functools.partial[GoServiceArgs] = field(repr=False)
    """Arguments of the service, all but `release`."""


def load() -> Settings:
    """Reads the configuration of the stack that this program runs for.

    Settings left out have the defaults of the arguments, which are those of Pulumi.yaml.
    Raises ConfigError, naming everything that is wrong.
    """
    return _settings(running_config())


def load_stack(stack: str) -> Settings:
    """Reads the configuration of a stack from outside of the program, for operators.

    Runs `pulumi` in this folder, which is that of Pulumi.yaml. Raises ConfigError and PulumiError.
    """
    return _settings(config_of(stack))


def _settings(config: StackConfig) -> Settings:
    reader = Reader(config)
    values = reader.values
    parts = {name: reader.build(part, values[part]) for name, (_, part) in PARTS.items()}
    choice = reader.build(StrategyChoice, values[StrategyChoice])
    canary = reader.build(Canary, values[Canary])
    cluster = reader.build(ClusterChoice, values[ClusterChoice])
    given = values[GoServiceArgs] | {name: part for name, part in parts.items() if part is not None}
    if choice and canary:
        given["strategy"] = choice.with_settings(canary)
    shared = {"port": given["port"]} if "port" in given else {}
    image = reader.build(GoImageArgs, {"repository": _ANY_REPOSITORY} | shared | values[GoImageArgs])
    service = reader.build(GoServiceArgs, {"release": _ANY_RELEASE} | given)
    provider = provider_settings(values[ClusterChoice], config.provider, reader.refuse)
    if reader.problems or not image or not service or not cluster or not choice:
        raise ConfigError(config.stack, reader.problems)
    return Settings(
        name=service.name,
        namespace=service.namespace,
        strategy=choice.strategy,
        cluster=cluster,
        provider=provider,
        image=image,
        service=functools.partial(GoServiceArgs, **given, registry_login=_login(image)),
    )


def _login(image: GoImageArgs) -> RegistryLogin | None:
    """What the image is pushed with, for the cluster to pull with; None without a username."""
    found = references.parse(image.repository)
    if found is None or not image.username:
        return None
    return RegistryLogin(host=found.host, username=image.username, password=image.password)
