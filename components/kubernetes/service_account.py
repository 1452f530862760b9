"""The ServiceAccount of the pods, without a token."""

from .metadata import Manifest, Owner


def service_account(owner: Owner) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": owner.named,
        "automountServiceAccountToken": False,
    }
