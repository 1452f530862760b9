"""Which policies a stack is held to, by `make up` as by a rollback."""

from pathlib import Path

PACK = "policies"
_STRICT = "prod"


def policy_configuration(folder: Path, stack: str) -> Path | None:
    """The policy configuration of a stack, in a program's folder: its own, or that of prod.

    None if there is neither.
    """
    files = (folder / PACK / f"{name}.json" for name in (stack.rpartition("/")[2], _STRICT))
    return next((file for file in files if file.is_file()), None)


def policy_options(folder: Path, stack: str) -> list[str]:
    """Options with which `pulumi`, run in a program's folder, checks its policies; none if there are none."""
    if not (folder / PACK / "PulumiPolicy.yaml").is_file():
        return []
    file = policy_configuration(folder, stack)
    configured = ["--policy-pack-config", str(file.relative_to(folder))] if file else []
    return ["--policy-pack", PACK, *configured]
