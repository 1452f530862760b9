"""The rooms of components/: which imports which, and what docs/architecture.md says of them."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import pytest

from components.config.schema import settings
from tests.support.stack_config import ROOT

HOUSE = ROOT / "components"
# Lowest first. A room imports only rooms on lower floors.
FLOORS = (
    ("shared",),
    ("cluster", "image", "kubernetes"),
    ("analysis",),
    ("gate",),
    ("strategies",),
    ("service",),
    ("config",),
    ("operate",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# They start without a virtual environment, with the standard library alone.
STANDARD_LIBRARY = ("shared", "cluster", "analysis", "gate")
# errors.py is loaded when it is needed, and release.py needs Pulumi for types only.
MAY_NAME_PULUMI = (HOUSE / "shared/errors.py", HOUSE / "shared/release.py")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()


class Import(NamedTuple):
    """`from module import name`, with the module's full name."""

    file: Path
    module: str
    name: str

    @property
    def room(self) -> str:
        """Room that imports; empty outside of rooms."""
        parts = self.file.relative_to(ROOT).parts
        return parts[1] if parts[0] == "components" and len(parts) > 2 else ""

    @property
    def imported_room(self) -> str:
        """Room that is imported; empty for anything else."""
        return self.module.split(".")[1] if self.module.startswith("components.") else ""

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}: from {self.module} import {self.name}"


def imports(file: Path) -> Iterator[Import]:
    """Every import of a file, those in functions and for type checkers too."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (Import(file, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = file.relative_to(ROOT).parts[: -node.level] if node.level else ()
            module = ".".join(part for part in (*package, node.module) if part)
            yield from (Import(file, module, alias.name) for alias in node.names)


def face(room: str) -> set[str]:
    """What a room's `__init__` gives to others: `from .module import Name as Name`."""
    nodes = ast.walk(ast.parse((HOUSE / room / "__init__.py").read_text()))
    aliases = [alias for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names]
    return {alias.name for alias in aliases if alias.asname == alias.name}


INSIDE = [found for file in sorted(HOUSE.rglob("*.py")) for found in imports(file)]
OUTSIDE = [
    found
    for folder in ("docs", "local", "policies", "")
    for file in sorted((ROOT / folder).glob("**/*.py" if folder else "*.py"))
    for found in imports(file)
]
BETWEEN = [i for i in INSIDE if i.room and i.imported_room not in ("", i.room)]


def test_every_folder_is_a_room_with_a_floor() -> None:
    assert {file.parent.name for file in HOUSE.glob("*/*.py")} == set(FLOOR)
    assert [file.name for file in HOUSE.glob("*.py")] == ["__init__.py"]


def test_a_room_imports_only_rooms_on_lower_floors() -> None:
    assert [str(i) for i in BETWEEN if FLOOR[i.imported_room] >= FLOOR[i.room]] == []
    assert [str(i) for i in INSIDE if i.room and i.module == "components"] == []


def test_of_another_room_only_what_its_face_names_is_imported() -> None:
    faces = {f"components.{room}": face(room) for room in FLOOR}
    others = [i for i in (*INSIDE, *OUTSIDE) if i.imported_room not in ("", i.room)]
    assert [str(i) for i in others if i.name not in faces.get(i.module, set())] == []


def test_the_lower_rooms_import_the_standard_library_only() -> None:
    others = {i for i in INSIDE if i.room in STANDARD_LIBRARY and not i.imported_room}
    third_party = {i for i in others if i.module.partition(".")[0] not in sys.stdlib_module_names}
    assert [str(i) for i in third_party if i.module != "pulumi" or i.file not in MAY_NAME_PULUMI] == []


@pytest.mark.parametrize("room", STANDARD_LIBRARY)
def test_the_lower_rooms_load_without_installed_packages(room: str) -> None:
    code = f"import sys, components.{room}; assert 'pulumi' not in sys.modules"
    subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, check=True)


def test_the_package_may_have_another_name() -> None:
    """It is installed as `goservice`, so no import and no value in it says `components`."""
    found: list[str] = []
    for file in HOUSE.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text())))
        docstrings = [node.value for node in nodes if isinstance(node, ast.Expr)]
        texts = [node for node in nodes if isinstance(node, ast.Constant) and node not in docstrings]
        names = [str(node.value) for node in texts]
        names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
        names += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        found += [f"{file.relative_to(ROOT)}: {name}" for name in names if re.match(r"components\b", name)]
    assert found == []


def test_the_picture_shows_the_imports_there_are() -> None:
    (picture,) = re.findall(r"```mermaid\n(.*?)```", ARCHITECTURE, re.DOTALL)
    arrows = re.findall(r"(\w+) --> ([\w &]+)", picture)
    drawn = {(room, other) for room, others in arrows for other in others.split(" & ")}
    assert drawn == {(i.room, i.imported_room) for i in BETWEEN if i.imported_room != "shared"}


def test_the_page_says_of_every_room_what_it_is_for() -> None:
    listed = re.findall(r"^\| `(\w+)/` \| .+\. \|$", ARCHITECTURE, re.MULTILINE)
    assert listed == [room for rooms in reversed(FLOORS) for room in sorted(rooms)]


def kinds() -> list[Path]:
    """Files of kubernetes/ that hold a manifest."""
    return [
        file for file in sorted((HOUSE / "kubernetes").glob("*.py")) if '"apiVersion": ' in file.read_text()
    ]


@pytest.mark.parametrize("file", kinds(), ids=lambda file: file.stem)
def test_a_kind_is_in_one_file_its_face_and_the_component_that_uses_it(file: Path) -> None:
    named = {
        i.name
        for i in INSIDE
        if i.module == f"components.kubernetes.{file.stem}" and i.file.name == "__init__.py"
    }
    manifest = {name for name in named if name.islower()}
    assert manifest
    used_by = {i.room for i in BETWEEN if i.imported_room == "kubernetes" and i.name in manifest}
    assert used_by
    assert used_by <= {"service", "strategies"}


def test_a_setting_of_a_kind_or_strategy_is_a_field_of_its_class_and_nothing_else() -> None:
    """config/ lists no such field: reading and checking one more takes no other change."""
    own = [s for s in settings().values() if s.owner.__module__.split(".")[1] in ("kubernetes", "strategies")]
    owners = {s.owner for s in own}
    # A field that is such a class itself is a section within the section.
    found = {(owner, f.name) for owner in owners for f in fields(owner) if f.type not in owners}
    assert {(s.owner, s.field) for s in own} == found
    keys = {s.key for s in own} | {s.field for s in own if "_" in s.field}
    nodes = [
        node for file in (HOUSE / "config").glob("*.py") for node in ast.walk(ast.parse(file.read_text()))
    ]
    assert keys & {str(node.value) for node in nodes if isinstance(node, ast.Constant)} == set()
