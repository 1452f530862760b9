"""A Deployment that somebody else made is left alone, though the stable track's is applied by force."""

from typing import Any

import pulumi

from .kubectl import Kubectl, KubectlMissingError
from .naming import labels


def guard(name: str, namespace: str, service: str) -> pulumi.ResourceHook:
    """Fails the creation of a Deployment where there is one of its name that is not ours, in previews too."""

    def before_create(_args: pulumi.ResourceHookArgs) -> None:
        try:
            found = Kubectl(namespace=namespace, patience=0).get("deployment", service)
        except KubectlMissingError:
            return  # which has been said
        if found and not is_ours(found, service):
            raise RuntimeError(
                f"namespace {namespace} has a Deployment {service} that is not this service's; "
                "choose another service.name or service.namespace"
            )

    options = pulumi.ResourceHookOptions(on_dry_run=True)
    return pulumi.ResourceHook(f"{name}-foreign", before_create, options)


def is_ours(deployment: dict[str, Any], service: str) -> bool:
    """Whether a Deployment, as the API server gives it, has the labels of every object of the service."""
    found: dict[str, str] = deployment["metadata"].get("labels", {})
    return labels(service).items() <= found.items()
