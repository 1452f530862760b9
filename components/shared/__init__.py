"""Shared: names, checks of values and image references. Pulumi only where errors become its own."""

from typing import TYPE_CHECKING, Any

from . import references as references
from .checks import Between as Between
from .checks import Check as Check
from .checks import dns_label as dns_label
from .checks import dns_subdomain as dns_subdomain
from .checks import http_path as http_path
from .checks import listed as listed
from .checks import or_empty as or_empty
from .checks import service_name as service_name
from .checks import variable_name as variable_name
from .checks import when as when
from .credentials import holds_credential as holds_credential
from .names import AFTER_UNPROVEN as AFTER_UNPROVEN
from .names import COMMIT as COMMIT
from .names import CONFIG_HASH as CONFIG_HASH
from .names import GENERATED as GENERATED
from .names import MANAGED as MANAGED
from .names import OWN_FIELDS as OWN_FIELDS
from .names import PLUGIN_FIELDS as PLUGIN_FIELDS
from .names import POINTS as POINTS
from .names import RECORD as RECORD
from .names import RESTRICTED as RESTRICTED
from .names import SECRET_HASH as SECRET_HASH
from .names import TOKENS as TOKENS
from .names import TRACK as TRACK
from .names import TRIAL as TRIAL
from .names import UNPROVEN as UNPROVEN
from .names import VERSION as VERSION
from .names import canary_name as canary_name
from .names import label_value as label_value
from .names import labels as labels
from .names import selector as selector
from .names import track_selector as track_selector
from .references import DOCKER_HUB as DOCKER_HUB
from .references import DOCKER_HUB_KEY as DOCKER_HUB_KEY
from .release import Release as Release

if TYPE_CHECKING:
    from .errors import ArgsError as ArgsError
    from .errors import require as require


def __getattr__(name: str) -> Any:
    """What needs Pulumi is loaded when it is asked for: the gate runs without."""
    if name in {"ArgsError", "require"}:
        from . import errors  # noqa: PLC0415 as above

        return getattr(errors, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
