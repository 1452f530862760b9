"""Config: the settings of a stack become arguments of the components."""

from .cluster_access import kubectl_of as kubectl_of
from .cluster_access import require_access as require_access
from .provider import cluster_provider as cluster_provider
from .pulumi_command import PulumiError as PulumiError
from .pulumi_command import run_pulumi as run_pulumi
from .schema import Setting as Setting
from .schema import all_settings as all_settings
from .settings import ConfigError as ConfigError
from .settings import Settings as Settings
from .settings import load as load
from .settings import load_stack as load_stack
