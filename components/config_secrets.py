"""Secrets of the configuration that would end in clear: found before anything is touched, never repeated.

The engine says of a section only that one of its values is secret. The stack file says which; what it does
not show to be clear counts as secret.
"""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass
from typing import Any, cast

from .schema import settings
from .stack_file import Steps, encrypted, path

_SECRETS = "secrets"  # the section that is secret by purpose
_IMAGE, _PASSWORD = "image", "password"  # and the one setting that is
_SET = "pulumi config set --path"
_REMOVE = "pulumi config rm --path"


@dataclass(frozen=True, kw_only=True)
class Exposed:
    """A value that would end in clear although it is secret, or may be."""

    withheld: str
    """Setting or section that is not to be read, as any message about it might repeat a secret."""
    key: str
    """Path of the value, or the section if nothing tells which value it is."""
    reason: str
    """What is wrong, and the remedy."""


def exposed(section: str, values: Mapping[str, Any], stored: Any, file: str) -> Iterator[Exposed]:
    """What would end in clear of a section that the engine marks secret.

    values: as the engine gives them. stored: the section as the stack file has it, None without it.
    file: name of the stack file, for messages.
    """
    if section == _SECRETS:
        return
    found = [steps for steps in encrypted(stored) if (section, *steps[:1]) != (_IMAGE, _PASSWORD)]
    known = [steps for steps in found if not steps or _is_known(section, steps)]
    for steps in known:
        yield _encrypted(section, steps)
    if () in found:
        return
    if section == _IMAGE:
        names = {steps[0] for steps in found}
        yield from (_unshown(name, file) for name in _not_shown(values, stored) if name not in names)
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
        remedy = f"{_REMOVE} {given}, or set it without --secret if it is none"
    return Exposed(
        # Any other value may be secret too; of the image, those are refused one by one.
        withheld=path(section, steps[:1]) if section == _IMAGE else section,
        key=key,
        reason=f"is encrypted, and would be in clear in the cluster and in the state; {remedy}",
    )


def _not_shown(values: Mapping[str, Any], stored: Any) -> Iterator[str]:
    """Names of settings of the image which neither the stack file has in clear nor the defaults.

    The password is the one left: with all else shown, the secret is the password, wherever it comes from.
    """
    clear = cast("dict[str, Any]", stored) if isinstance(stored, dict) else {}
    for name, value in values.items():
        shown = name in clear and clear[name] == value
        if name != _PASSWORD and _is_known(_IMAGE, (name,)) and not shown and not _is_default(name, value):
            yield name


def _unshown(name: str, file: str) -> Exposed:
    key = f"{_IMAGE}.{name}"
    hint = settings()[key].kind.hint.format(key=key)
    return Exposed(
        withheld=key,
        key=key,
        reason=f"may be the secret of this section, as its value is not from {file}, and would be in clear;"
        f" set it there, only the password may come from elsewhere: {_SET} {hint}",
    )


def _is_default(name: str, value: Any) -> bool:
    setting = settings()[f"{_IMAGE}.{name}"]
    try:
        return setting.kind.decode(value) == getattr(setting.owner, setting.field, MISSING)
    except TypeError:
        return False


def _is_known(section: str, steps: Steps) -> bool:
    """Whether there is such a setting; one that there is not is refused as such."""
    return section == "env" or path(section, steps[:1]) in settings()
