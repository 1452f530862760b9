"""All rules by name."""

import importlib
import pkgutil

import policies

from .fixture_files import AnyRule

MODULES = [
    importlib.import_module(f"policies.{module.name}")
    for module in pkgutil.iter_modules(policies.__path__)
    if module.name != "__main__"
]
RULES: dict[str, AnyRule] = {rule.name: rule for module in MODULES for rule in getattr(module, "RULES", ())}
