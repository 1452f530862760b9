"""Names, type tokens, labels and annotation keys; nothing else makes any."""

MANAGED = {"app.kubernetes.io/managed-by": "pulumi"}  # label of every object, whatever the service
# Labels of a namespace that refuses pods below the Pod Security Standard "restricted".
RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}
# Field manager for patches of fields that Pulumi manages, too. The plugin adopts it: previews apply over it
# by force, and updates take the fields over. With another one a preview ends in a conflict: patchForce and
# fixCSAFieldManagers in provider/pkg/await/await.go of pulumi-kubernetes 4.25.
PLUGIN_FIELDS = "pulumi-kubernetes"
# Field manager for annotations that Pulumi does not know. Under a name that begins with `kubectl`, the next
# update would adopt them, and remove them, as they are not in its manifest.
OWN_FIELDS = "goservice"
# Room for what is appended, within 63: the suffixes of children, of Pulumi and of Kubernetes.
LONGEST_NAME = 40
CANARY = "-canary"  # what the Deployment of a canary track adds to the name of its service

# Folder beside the program for files that the plugins read or run; git ignores it.
GENERATED = ".goservice"

# Type tokens, part of the state of every stack that uses the components. They never change by moving a file.
TOKENS = {
    "GoImage": "goservice:image:GoImage",
    "GoService": "goservice:service:GoService",
    "CanaryTrack": "goservice:canary:CanaryTrack",
}

# Labels.
TRACK = "track"  # tells stable pods from canary ones
VERSION = "app.kubernetes.io/version"

# Annotations of pods.
COMMIT = "goservice/commit"
CONFIG_HASH = "checksum/config"
SECRET_HASH = "checksum/secret"  # noqa: S105 a key
# Annotations of Deployments and ReplicaSets.
RECORD = "goservice/record"  # what the last trial or rollout came to, as JSON
POINTS = "goservice/points"  # samples of the last trial in short, as JSON
TRIAL = "goservice/trial"  # which trial has the canary
# How many releases did not come up, or were not seen to. AFTER_UNPROVEN is the same count in the manifest:
# once it has risen, the next update releases again, even if nothing else has changed.
UNPROVEN = "goservice/unproven"
AFTER_UNPROVEN = "goservice/after-unproven"


def label_value(text: str) -> str:
    """A text as the value of a label: at most 63 characters, of which the last is a letter or digit."""
    return text[:63].rstrip("-_.")


def canary_name(name: str) -> str:
    """Name of the Deployment of a service's canary track; the stable track's is the service's own."""
    return f"{name}{CANARY}"


def selector(name: str) -> dict[str, str]:
    """Labels that find all pods of a service, of both tracks."""
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": name}


def track_selector(name: str, track: str) -> dict[str, str]:
    """Labels that find the pods of one track. Never changed: selectors of a Deployment are immutable."""
    return selector(name) | {TRACK: track}


def labels(name: str) -> dict[str, str]:
    """Labels of every object of a service."""
    return selector(name) | MANAGED
