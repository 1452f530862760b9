"""Names, type tokens and labels; nothing else makes any."""

MANAGER = "pulumi"
LONGEST_NAME = (
    40  # room for what is appended: the suffixes of children, of Pulumi and of Kubernetes, within 63
)


def token(module: str, component: str) -> str:
    """Type token of a component, part of the state of every stack that uses it."""
    return f"goservice:{module}:{component}"


def selector(name: str) -> dict[str, str]:
    """Labels that find the pods of a service. Never changed: selectors of a Deployment are immutable."""
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": name}


def labels(name: str) -> dict[str, str]:
    """Labels of every object of a service."""
    return selector(name) | {"app.kubernetes.io/managed-by": MANAGER}
