"""Ships a Go service from source to production: `from components import GoImage, GoService`.

A name loads its room when it is first used: imports take most of the time of a preview.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .image import GoImage as GoImage
    from .image import GoImageArgs as GoImageArgs
    from .image import Version as Version
    from .kubernetes import Autoscaling as Autoscaling
    from .kubernetes import Exposure as Exposure
    from .kubernetes import Ingress as Ingress
    from .kubernetes import Metrics as Metrics
    from .kubernetes import Network as Network
    from .kubernetes import Probes as Probes
    from .kubernetes import RegistryLogin as RegistryLogin
    from .kubernetes import Resources as Resources
    from .kubernetes import Rollout as Rollout
    from .service import GoService as GoService
    from .service import GoServiceArgs as GoServiceArgs
    from .shared import ArgsError as ArgsError
    from .shared import Release as Release
    from .strategies import Canary as Canary
    from .strategies import CanaryMetrics as CanaryMetrics
    from .strategies import Rolling as Rolling

_ROOMS = {
    "GoImage": "image",
    "GoImageArgs": "image",
    "Version": "image",
    "Autoscaling": "kubernetes",
    "Exposure": "kubernetes",
    "Ingress": "kubernetes",
    "Metrics": "kubernetes",
    "Network": "kubernetes",
    "Probes": "kubernetes",
    "RegistryLogin": "kubernetes",
    "Resources": "kubernetes",
    "Rollout": "kubernetes",
    "GoService": "service",
    "GoServiceArgs": "service",
    "ArgsError": "shared",
    "Release": "shared",
    "Canary": "strategies",
    "CanaryMetrics": "strategies",
    "Rolling": "strategies",
}
__all__ = [
    "ArgsError",
    "Autoscaling",
    "Canary",
    "CanaryMetrics",
    "Exposure",
    "GoImage",
    "GoImageArgs",
    "GoService",
    "GoServiceArgs",
    "Ingress",
    "Metrics",
    "Network",
    "Probes",
    "RegistryLogin",
    "Release",
    "Resources",
    "Rolling",
    "Rollout",
    "Version",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_ROOMS[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
