"""Runs commands as root."""

import os
from collections.abc import Sequence


def as_root(command: Sequence[str]) -> list[str]:
    """The command itself for root, else with sudo that does not prompt."""
    return list(command) if os.geteuid() == 0 else ["sudo", "-n", *command]
