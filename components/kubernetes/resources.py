"""CPU and memory of a container."""

from dataclasses import dataclass
from typing import Annotated, Any

from ..shared import require
from .quantities import at_least, cpu, memory


@dataclass(frozen=True, kw_only=True)
class Resources:
    """CPU and memory of a pod, as Kubernetes quantities. Raises ArgsError."""

    cpu_request: Annotated[str, cpu] = "100m"
    """CPU reserved for a pod, cores or thousandths (`100m`)."""
    memory_request: Annotated[str, memory] = "64Mi"
    """Memory reserved for a pod, bytes with a unit (`64Mi`)."""
    cpu_limit: Annotated[str, cpu] = "500m"
    """CPU limit of a pod; at least the request."""
    memory_limit: Annotated[str, memory] = "256Mi"
    """Memory limit of a pod, above which it is killed; at least the request."""

    def __post_init__(self) -> None:
        require(
            self,
            ("cpu_limit", at_least(self.cpu_limit, self.cpu_request), "cpu_request"),
            ("memory_limit", at_least(self.memory_limit, self.memory_request), "memory_request"),
        )


def resources(amounts: Resources) -> dict[str, Any]:
    """The `resources` of a container."""
    return {
        "requests": {"cpu": amounts.cpu_request, "memory": amounts.memory_request},
        "limits": {"cpu": amounts.cpu_limit, "memory": amounts.memory_limit},
    }
