"""The pack as a folder of modules: the engine runs it with that folder first on the import path."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import policies
from policies.catalog import RULES

POLICIES = Path(__file__).parents[2] / "policies"


def test_no_module_hides_one_of_python() -> None:
    hiding = {file.stem for file in POLICIES.glob("*.py")} & sys.stdlib_module_names
    assert hiding == set(), "the engine imports these instead of Python's own; give them other names"


def test_the_pack_imports_where_the_engine_starts_it() -> None:
    script = "import pulumi.policy, sys; sys.path.insert(0, '..'); import policies.pack"
    subprocess.run([sys.executable, "-c", script], cwd=POLICIES, check=True, timeout=60)


def test_the_catalog_has_the_rules_of_every_module() -> None:
    names = {module.name for module in pkgutil.iter_modules(policies.__path__)} - {"__main__", "catalog"}
    modules = [importlib.import_module(f"policies.{name}") for name in names]
    found = {rule.name for module in modules for rule in getattr(module, "RULES", ())}
    assert {rule.name for rule in RULES} == found
    assert len(RULES) == len(found)
