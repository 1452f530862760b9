"""Operate: one file for each verb of those who run a service."""

from .policy_options import policy_configuration as policy_configuration
from .policy_options import policy_options as policy_options
