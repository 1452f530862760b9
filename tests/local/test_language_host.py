"""The Python language host as the engine talks to it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pytest
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from local import language_host, language_venv, program_run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def host() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "local.language_host", "127.0.0.1:1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


@pytest.fixture(scope="module")
def stub(host: subprocess.Popen[str]) -> Iterator[Any]:
    assert host.stdout is not None
    with grpc.insecure_channel(f"127.0.0.1:{host.stdout.readline().strip()}") as channel:
        yield language_pb2_grpc.LanguageRuntimeStub(channel)


def info(directory: Path, **options: str) -> language_pb2.ProgramInfo:
    given = Struct()
    given.update(options)
    return language_pb2.ProgramInfo(
        root_directory=str(directory), program_directory=str(directory), entry_point=".", options=given
    )


def test_it_introduces_itself(stub: Any, tmp_path: Path) -> None:
    assert stub.Handshake(language_pb2.LanguageHandshakeRequest()) is not None
    about = stub.About(language_pb2.AboutRequest(info=info(tmp_path)))
    assert about.executable == sys.executable
    assert about.version == ".".join(map(str, sys.version_info[:3]))
    assert stub.GetPluginInfo(empty_pb2.Empty()).version == language_host.pulumi_version()
    assert stub.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()


def test_it_names_the_plugins_the_packages_ask_for(stub: Any, tmp_path: Path) -> None:
    found = stub.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest(info=info(tmp_path))).packages
    versions = {package.name: package.version for package in found}
    assert {"command", "docker", "docker-build", "kubernetes"} <= versions.keys()
    assert all(version[0].isdigit() for version in versions.values())


def test_direct_and_all_dependencies(stub: Any, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("# what it needs\nPulumi>=3\npytest[dev] == 1 ; x\n")

    def names(*, transitive: bool) -> set[str]:
        request = language_pb2.GetProgramDependenciesRequest(
            info=info(tmp_path), transitiveDependencies=transitive
        )
        return {found.name for found in stub.GetProgramDependencies(request).dependencies}

    assert names(transitive=False) == {"pulumi", "pytest"}
    assert {"pulumi", "pytest", "grpcio"} <= names(transitive=True)


def test_it_runs_a_plugin_and_passes_on_its_output(stub: Any, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(
        "import os, sys\nprint(os.environ['WHO'], sys.argv[1:])\nprint('bad', file=sys.stderr)\nsys.exit(3)\n"
    )
    request = language_pb2.RunPluginRequest(
        info=info(tmp_path),
        args=["--port"],
        env=["WHO=me", f"PATH={Path(sys.executable).parent}"],
        kind="resource",
    )
    parts = list(stub.RunPlugin(request))
    assert b"".join(part.stdout for part in parts) == b"me ['--port']\n"
    assert b"".join(part.stderr for part in parts) == b"bad\n"
    assert parts[-1].exitcode == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "local.language_host", "127.0.0.1:1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_run_error_is_its_message_alone() -> None:
    assert program_run.describe(pulumi.RunError("key a: wrong\nkey b: wrong"), Path("p")) == (
        "key a: wrong\nkey b: wrong"
    )


@pytest.mark.parametrize(
    ("code", "shown"),
    [(0, None), (None, None), (2, "the program exited with 2"), ("no", "the program exited with 'no'")],
)
def test_exits(code: int | str | None, shown: str | None) -> None:
    assert program_run.describe(SystemExit(code), Path("p")) == shown


def test_an_exception_shows_the_programs_frames_only(tmp_path: Path) -> None:
    program = tmp_path / "__main__.py"
    program.write_text("def fail():\n    raise ValueError('boom')\n\nfail()\n")
    with pytest.raises(ValueError, match="boom") as raised:
        program_run.run_main(program)
    shown = program_run.describe(raised.value, program)
    assert shown is not None
    assert shown.startswith("the program failed with an unhandled exception:\nTraceback")
    assert shown.count("File ") == 2
    assert "runpy" not in shown
    assert shown.endswith("ValueError: boom")


def test_the_programs_own_virtual_environment_is_made_and_filled(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pulumi\n")
    environment = tmp_path / ".venv"
    assert language_venv.install_commands(info(tmp_path, virtualenv=".venv"), tmp_path) == [
        [sys.executable, "-m", "venv", str(environment)],
        [
            str(environment / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check",
            "-r", "requirements.txt",
        ],
    ]  # fmt: skip


def test_a_virtual_environment_that_is_not_there_falls_back_to_ours(tmp_path: Path) -> None:
    assert language_venv.python(info(tmp_path, virtualenv=".venv")) == Path(sys.executable)
    other = tmp_path / ".venv/bin/python"
    other.parent.mkdir(parents=True)
    other.touch()
    found = language_venv.python(info(tmp_path, virtualenv=".venv"))
    assert found == other
    assert language_venv.is_other(found)
    assert not language_venv.is_other(Path(sys.executable))
