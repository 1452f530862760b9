"""Starts the gate from wherever the components are installed.

The command of the gate is an input, and has to be the same on every machine. So it runs a file with a fixed
name, which is written before each run and says where this machine has Python and the components.
"""

import shlex
import sys
from pathlib import Path

import pulumi

from ...shared import GENERATED

_PACKAGE = __name__.partition(".")[0]


class Launcher:
    """The file that starts the gate of one service and stack."""

    command: str
    """Shell command that runs the gate and exits as it does.

    Two commands, so that the shell stays: when Pulumi kills it, the gate notices, and ends the trial.
    """
    hooks: pulumi.ResourceHookBinding
    """Hooks of the command that write the file. Previews do not run them."""

    def __init__(self, name: str) -> None:
        file = Path(GENERATED, f"{name}.{pulumi.get_stack()}.gate")
        self.command = f". ./{file.as_posix()}; exit $?"

        def before(_args: pulumi.ResourceHookArgs) -> None:
            file.parent.mkdir(exist_ok=True)
            file.with_name(".gitignore").write_text("*\n")
            file.write_text(launcher_text(sys.executable, Path(__file__).parents[3], _PACKAGE))

        hook = pulumi.ResourceHook(f"{name}-launcher", before)
        self.hooks = pulumi.ResourceHookBinding(before_create=[hook], before_update=[hook])


def launcher_text(python: str, folder: Path, package: str) -> str:
    """Shell text that starts the gate of a package in a folder.

    It sets no PYTHONPATH: kubectl may start programs in Python to log in, which would load our modules.
    """
    program = (
        f"import runpy, sys; sys.path.insert(0, {str(folder)!r}); "
        f"runpy.run_module({f'{package}.gate'!r}, run_name='__main__', alter_sys=True)"
    )
    return f"{shlex.quote(python)} -c {shlex.quote(program)}\n"
