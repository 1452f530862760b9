"""What a stand-in plugin is written with: values, differences, the `Provider` interface and its server."""

from local.plugins.base_diff import Change, Diff, diff_values, join_path, top_key
from local.plugins.base_provider import (
    Autonaming,
    Context,
    Failure,
    PartialFailure,
    PluginError,
    Provider,
)
from local.plugins.base_server import serve
from local.plugins.base_values import (
    UNKNOWN,
    Archive,
    Asset,
    Secret,
    Unknown,
    Value,
    Values,
    has_unknown,
    is_secret,
    unwrap,
)

__all__ = [
    "UNKNOWN",
    "Archive",
    "Asset",
    "Autonaming",
    "Change",
    "Context",
    "Diff",
    "Failure",
    "PartialFailure",
    "PluginError",
    "Provider",
    "Secret",
    "Unknown",
    "Value",
    "Values",
    "diff_values",
    "has_unknown",
    "is_secret",
    "join_path",
    "serve",
    "top_key",
    "unwrap",
]
