"""The pack as modules and packages: the engine runs it with their folder first on the import path."""

import importlib
import pkgutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import policies
from policies import catalog, rules

POLICIES = Path(__file__).parents[2] / "policies"


def test_no_module_or_package_hides_one_of_python_or_of_an_installed_package() -> None:
    names = {found.name for found in pkgutil.iter_modules([str(POLICIES)])}
    assert {"catalog", "rules"} <= names
    hiding = names & (sys.stdlib_module_names | packages_distributions().keys())
    assert hiding == set(), "the engine imports these instead of the real ones; give them other names"


def test_the_pack_imports_where_the_engine_starts_it() -> None:
    script = "import pulumi.policy, sys; sys.path.insert(0, '..'); import policies.pack"
    subprocess.run([sys.executable, "-c", script], cwd=POLICIES, check=True, timeout=60)


def test_the_catalog_has_the_rules_of_every_module() -> None:
    names = {found.name for found in pkgutil.walk_packages(policies.__path__, "policies.") if not found.ispkg}
    modules = {name: importlib.import_module(name) for name in names - {"policies.__main__"}}
    # What else is called so is the catalog's own, imported.
    with_rules = {
        name for name in modules if getattr(modules[name], "RULES", catalog.RULES) is not catalog.RULES
    }
    assert with_rules == {found.name for found in pkgutil.iter_modules(rules.__path__, "policies.rules.")}
    found = [rule.name for name in with_rules for rule in modules[name].RULES]
    assert sorted(rule.name for rule in catalog.RULES) == sorted(found)
    assert len(set(found)) == len(found)
