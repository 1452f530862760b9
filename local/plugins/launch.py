"""Starts a stand-in quickly: python -m local.plugins.launch MODULE ENGINE_ADDRESS.

A preview waits for every plugin it uses, so start-up counts. A plugin needs the messages of the protocol
and nothing of the SDK they are packaged in, which is a third of its start: the packages above are entered
without running them. Collecting garbage while modules load finds nothing and costs a sixth.
"""

import gc
import importlib.util
import runpy
import sys
from types import ModuleType


def enter_without_running(*names: str) -> None:
    """Makes packages, each inside the one before, importable from without running their `__init__`.

    Raises ModuleNotFoundError if the first is not installed.
    """
    spec = importlib.util.find_spec(names[0])
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {names[0]} is missing; install requirements-dev.txt")
    (home,) = spec.submodule_search_locations
    for name in names:
        module = ModuleType(name)
        module.__path__ = ["/".join([home, *name.split(".")[1:]])]
        sys.modules[name] = module


def main() -> None:
    gc.disable()
    enter_without_running("pulumi", "pulumi.runtime")
    name = sys.argv.pop(1)
    runpy.run_module(name, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
