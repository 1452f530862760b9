"""Secrets that would end up in clear are found before anything is touched, and never repeated.

The engine says of a section only that it holds a secret. The stack file says which value it is; a value that
the file does not show in clear may be that one.
"""

import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..shared import listed
from .schema import secret_keys, sections, settings
from .stack_file import Steps, encrypted, path, value_at

_SECRETS = "secrets"  # the section whose values are all secret
_SET = "pulumi config set --path"
_REMOVE = "pulumi config rm --path"


@dataclass(frozen=True, kw_only=True)
class Exposed:
    """A value that would end up in clear, and is or may be secret."""

    withheld: str
    """Setting or section that is not to be read, as a message about it might repeat a secret."""
    key: str
    """Path of the value, or the section if nothing tells which of its values it is."""
    reason: str
    """What is wrong, and the remedy."""


def exposed(section: str, values: Mapping[str, Any], stored: Any, file: str) -> Iterator[Exposed]:
    """Values of a section that would end up in clear. The section holds a secret, says the engine.

    values: as the engine gives them. stored: the section as the stack file has it, None if it is not there.
    file: name of the stack file, for messages.
    """
    if section == _SECRETS:
        return
    secrets = secret_keys().get(section, ())
    found = [steps for steps in encrypted(stored) if _setting(section, steps) not in secrets]
    yield from (_encrypted(section, steps) for steps in found if _is_known(section, steps))
    if () in found:
        return
    if secrets:
        refused = {_setting(section, steps) for steps in found} | {*secrets}
        yield from (
            _unproven(key, secrets, file) for key in _not_shown(section, values, stored) if key not in refused
        )
    elif not found:
        yield Exposed(
            withheld=section,
            key=section,
            reason=f"holds a secret, {file} does not show which value it is, and all would be in clear;"
            f" put secrets into the section {_SECRETS}, wherever they come from",
        )


def _encrypted(section: str, steps: Steps) -> Exposed:
    key = path(section, steps)
    given = shlex.quote(key)
    if section == "env":
        moved = path(_SECRETS, steps[:1])
        remedy = f"move it to {moved}: {_SET} --secret {shlex.quote(moved)}, then {_REMOVE} {given}"
    else:
        remedy = f"{_REMOVE} {given}, or set it without --secret if it is not a secret"
    return Exposed(
        # Any other value may be secret too; in a section with a secret setting they are refused one by one.
        withheld=_setting(section, steps) if section in secret_keys() else section,
        key=key,
        reason=f"is encrypted, and would be in clear in the cluster and in the state; {remedy}",
    )


def _not_shown(section: str, values: Mapping[str, Any], stored: Any, at: Steps = ()) -> Iterator[str]:
    """Settings whose value neither the stack file has in clear nor is the default.

    Once there is none, the secrets of the section are the settings for them, wherever their values come from.
    """
    for name, value in values.items():
        steps = (*at, name)
        key = path(section, steps)
        if key in sections() and isinstance(value, dict):
            yield from _not_shown(section, cast("dict[str, Any]", value), stored, steps)
        elif key in settings() and value_at(stored, steps) != value and not _is_default(key, value):
            yield key


def _unproven(key: str, secrets: Collection[str], file: str) -> Exposed:
    hint = settings()[key].kind.hint.format(key=key)
    return Exposed(
        withheld=key,
        key=key,
        reason=f"may be a secret of this section, as its value is not from {file}, and would be in clear;"
        f" set it there, only {listed(secrets)} may come from elsewhere: {_SET} {hint}",
    )


def _is_default(key: str, value: Any) -> bool:
    setting = settings()[key]
    try:
        return setting.kind.decode(value) == setting.default
    except TypeError:
        return False


def _setting(section: str, steps: Steps) -> str:
    """The setting that a place is in, or the section that it is; empty if there is none."""
    keys = [path(section, steps[:end]) for end in range(len(steps) + 1)]
    found = next((key for key in keys if key in settings()), "")
    return found or (keys[-1] if keys[-1] in sections() else "")


def _is_known(section: str, steps: Steps) -> bool:
    """Whether there is such a setting; anything else is refused as an unknown one."""
    return section == "env" or bool(_setting(section, steps))
