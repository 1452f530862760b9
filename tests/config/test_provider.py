"""A cluster of the settings gets a provider of its own; without one nothing changes."""

from typing import Any

import pulumi

from components.config import cluster_provider
from tests.support.loaded_settings import ENCRYPTED, KUBECONFIG, PASSWORD, loaded, problems, write_stack_file
from tests.support.recording import Recorded, Secret, record


def providers(
    secret_keys: tuple[str, ...] = (), provider: dict[str, str] | None = None, **sections: Any
) -> list[Recorded]:
    """Providers that a program registers with these settings."""
    settings = loaded(secret_keys, provider, **sections)
    recording = record(lambda: cluster_provider(settings))
    return [resource for resource in recording.resources if resource.type.startswith("pulumi:providers:")]


def test_without_a_cluster_the_default_provider_is_used() -> None:
    assert providers() == []
    assert providers(provider={"context": "staging", "kubeconfig": "/etc/kube"}) == []


def test_a_context_is_all_that_is_set() -> None:
    (provider,) = providers(cluster={"context": "staging"})
    assert (provider.type, provider.name) == ("pulumi:providers:kubernetes", "cluster")
    assert provider.inputs == {"context": "staging"}
    assert provider.version


def test_a_kubeconfig_stays_secret() -> None:
    write_stack_file(cluster={"kubeconfig": ENCRYPTED})
    (provider,) = providers(("cluster",), cluster={"kubeconfig": KUBECONFIG})
    (kubeconfig,) = provider.inputs.values()
    assert isinstance(kubeconfig, Secret)
    assert kubeconfig.value == KUBECONFIG
    assert PASSWORD not in repr(loaded(("cluster",), cluster={"kubeconfig": KUBECONFIG}))


def test_other_settings_of_the_default_provider_are_kept() -> None:
    (provider,) = providers(
        provider={"kubeconfig": "/etc/kube", "deleteUnreachable": "true"}, cluster={"context": "staging"}
    )
    kubeconfig = provider.inputs.pop("kubeconfig")
    assert isinstance(kubeconfig, Secret)
    assert provider.inputs == {"deleteUnreachable": "true", "context": "staging"}


def test_a_provider_says_its_cluster_to_what_follows() -> None:
    """The gate and the recovery read it there."""
    settings = loaded(cluster={"context": "staging"})
    found: list[str] = []

    def program() -> None:
        provider = cluster_provider(settings)
        context: pulumi.Output[str] = getattr(provider, "context")  # noqa: B009 set when it is registered
        context.apply(found.append)

    record(program)
    assert found == ["staging"]


def test_the_same_set_twice_is_refused() -> None:
    lines = problems(provider={"context": "one", "cluster": "west"}, cluster={"context": "two"})
    assert lines == ["cluster.context: is set as kubernetes:context too; keep one of the two"]


def test_a_kubeconfig_set_twice_is_refused_and_not_repeated() -> None:
    write_stack_file(cluster={"kubeconfig": ENCRYPTED})
    lines = problems(("cluster",), {"kubeconfig": KUBECONFIG}, cluster={"kubeconfig": KUBECONFIG})
    assert lines == ["cluster.kubeconfig: is set as kubernetes:kubeconfig too; keep one of the two"]
