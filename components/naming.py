"""Names, type tokens and labels; nothing else makes any."""

MANAGED = {"app.kubernetes.io/managed-by": "pulumi"}  # label of every object, whatever the service
# Labels of a namespace that refuses pods below the Pod Security Standard "restricted".
RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}
# Owner of fields of Pulumi's objects that are changed beside Pulumi. Its plugin takes them over: a preview
# that finds this owner applies by force, and an update makes the fields its own (pulumi-kubernetes 4.25,
# patchForce and fixCSAFieldManagers in provider/pkg/await/await.go). Of others a preview says "conflict".
PLUGIN_FIELDS = "pulumi-kubernetes"
# Owner of annotations that Pulumi knows nothing of. From an owner whose name begins with `kubectl`, as that
# of `kubectl patch` does, an update takes them over, and removes them, as they are not in its manifest.
OWN_FIELDS = "goservice"
# Annotation that counts the releases that did not come up, or of which nobody saw that they did. A count that
# has risen has the next update release again, also where the stack has nothing else to change.
UNPROVEN = "unproven"
TRACK = "track"  # label that tells stable pods from canary ones
VERSION = "app.kubernetes.io/version"
COMMIT = "goservice/commit"
LONGEST_NAME = (
    40  # room for what is appended: the suffixes of children, of Pulumi and of Kubernetes, within 63
)


def token(module: str, component: str) -> str:
    """Type token of a component, part of the state of every stack that uses it."""
    return f"goservice:{module}:{component}"


def annotation(key: str) -> str:
    """Name of an annotation of ours."""
    return f"goservice/{key}"


def label_value(text: str) -> str:
    """A text as the value of a label: at most 63 characters, of which the last is a letter or digit."""
    return text[:63].rstrip("-_.")


def canary_name(name: str) -> str:
    """Name of the Deployment of a service's canary track; the stable track's is the service's own."""
    return f"{name}-canary"


def selector(name: str) -> dict[str, str]:
    """Labels that find all pods of a service, of both tracks."""
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": name}


def track_selector(name: str, track: str) -> dict[str, str]:
    """Labels that find the pods of one track. Never changed: selectors of a Deployment are immutable."""
    return selector(name) | {TRACK: track}


def labels(name: str) -> dict[str, str]:
    """Labels of every object of a service."""
    return selector(name) | MANAGED
