"""The components as the package `goservice`, installed from this checkout. Needs no cluster."""

import subprocess
import sys
from pathlib import Path

import pytest

from components import __all__ as names
from components.analysis import PRESETS, Limits, PrometheusAccess
from components.cluster import Cluster
from components.gate import Plan, TrialRequest
from tests.support.stack_config import ROOT

pytestmark = pytest.mark.e2e

LIMITS = Limits(
    min_requests=1,
    max_error_percent=1,
    max_error_increase_percent=1,
    max_p99_milliseconds=0,
    failure_limit=0,
    unmeasured_limit=0,
)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of a virtual environment with the package; its dependencies are borrowed from this one."""
    place = tmp_path_factory.mktemp("install")
    subprocess.run([sys.executable, "-m", "venv", place / "venv"], check=True)
    python = place / "venv/bin/python"
    (packages,) = (place / "venv/lib").glob("python*/site-packages")
    (packages / "borrowed.pth").write_text(next(path for path in sys.path if path.endswith("site-packages")))
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", ROOT], check=True, cwd=place)
    return python


def run(python: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs Python outside of the checkout, with nothing on PATH."""
    return subprocess.run(
        [python, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd=python.parents[2],
        env={"PATH": ""},
    )


def test_every_name_of_the_face_is_there(python: Path) -> None:
    done = run(
        python, "-c", "import goservice; print([getattr(goservice, n).__name__ for n in goservice.__all__])"
    )
    assert done.stdout == f"{names}\n", done.stderr


def test_all_files_are_installed(python: Path) -> None:
    done = run(python, "-c", "import goservice; print(*goservice.__path__)")
    package = Path(done.stdout.strip())
    assert "site-packages" in package.parts
    installed, source = (
        {str(file.relative_to(folder)) for file in folder.rglob("*") if file.suffix in {".py", ".typed"}}
        for folder in (package, ROOT / "components")
    )
    assert installed == source


def test_the_operators_commands_start(python: Path) -> None:
    done = run(python, "-m", "goservice.operate", "--help")
    assert done.returncode == 0, done.stderr
    assert "rollback" in done.stdout


def test_the_gate_starts(python: Path) -> None:
    request = TrialRequest(
        service="shop",
        namespace="team",
        cluster=Cluster(),
        prometheus=PrometheusAccess(address="monitoring/prometheus:9090"),
        metrics=PRESETS["default"],
        queries={},
        skip=False,
        plan=Plan(steps=(50,), analysis=20, interval=5, warmup=0, start=30, limits=LIMITS, eviction_limit=2),
        uid="1",
    )
    done = run(python, "-m", "goservice.gate", stdin=request.to_json())
    assert done.returncode == 1
    assert done.stderr.startswith("error: kubectl was not found"), done.stderr


def test_type_checkers_find_the_types(python: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("from goservice import GoServiceArgs\n\nGoServiceArgs(release=1)\n")
    pyright = [sys.executable, "-m", "pyright", "--pythonpath", str(python), str(program)]
    done = subprocess.run(pyright, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert '"Literal[1]" is not assignable to "Release"' in done.stdout
    assert "1 error" in done.stdout
