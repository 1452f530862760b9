"""The embedded default, brought up once for the whole run from a checkout of its own."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from .browser import Browser, browser

ROOT = Path(__file__).parents[2]
PORT = 30080
UP_SECONDS = 3600  # a cold start builds Pulumi, Kubernetes and buildx from source


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a command did: its exit code and all it printed, both streams in order."""

    code: int
    output: str

    def ok(self) -> "Result":
        assert self.code == 0, self.output[-8000:]
        return self

    def failed(self) -> "Result":
        assert self.code != 0, self.output[-8000:]
        return self


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """A checkout, and the environment in which its commands find the embedded default."""

    checkout: Path
    env: dict[str, str]
    stack: str = "dev"

    @property
    def is_up(self) -> bool:
        """Whether `make down` has not removed it."""
        return Path(self.env["PULUMI_HOME"]).exists()

    def run(self, *command: str, timeout: float = 900, env: dict[str, str] | None = None) -> Result:
        done = subprocess.run(
            command,
            cwd=self.checkout,
            env=self.env | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Result(code=done.returncode, output=done.stdout)

    def make(self, target: str, *variables: str, timeout: float = 900) -> Result:
        stack = [] if self.stack == "dev" else [f"STACK={self.stack}"]
        # Under `make e2e` it would say which directory it enters and leaves.
        command = ["make", "--no-print-directory", target, f"VENV={sys.prefix}", *stack, *variables]
        return self.run(*command, timeout=timeout)

    def pulumi(self, *arguments: str, env: dict[str, str] | None = None) -> Result:
        return self.run("pulumi", *arguments, "--non-interactive", env=env)

    def up(self, env: dict[str, str] | None = None) -> Result:
        return self.pulumi("up", "--yes", "--skip-preview", "--stack", self.stack, env=env)

    def preview(self, *arguments: str) -> Result:
        return self.pulumi("preview", "--stack", self.stack, *arguments)

    def changes(self) -> dict[str, int]:
        """Counts of the operations a preview plans, `same` left out."""
        shown = self.pulumi("preview", "--json", "--stack", self.stack).ok().output
        summary: dict[str, int] = json.loads(shown[shown.index("{") :])["changeSummary"]
        return {kind: count for kind, count in summary.items() if kind != "same"}

    def outputs(self) -> dict[str, Any]:
        return json.loads(self.pulumi("stack", "output", "--json", "--stack", self.stack).ok().output)

    def set(self, **values: Any) -> None:
        """Sets values of the stack file by dotted key, as a hand on the file would; None removes one."""
        yaml = YAML()
        path = self.checkout / f"Pulumi.{self.stack}.yaml"
        document = yaml.load(path)
        for key, value in values.items():
            first, *rest = key.split(".")
            *between, last = [f"goservice:{first}", *rest]
            node = document["config"]
            for part in between:
                node = node.setdefault(part, {})
            if value is None:
                node.pop(last, None)
            else:
                node[last] = value
        with path.open("w") as file:
            yaml.dump(document, file)

    def kubectl(self, *arguments: str) -> str:
        return self.run("kubectl", *arguments).ok().output

    def objects(self, kind: str, namespace: str = "sample") -> list[dict[str, Any]]:
        return json.loads(self.kubectl("get", kind, "-n", namespace, "-o", "json"))["items"]

    def object(self, kind: str, name: str = "sample", namespace: str = "sample") -> dict[str, Any]:
        return json.loads(self.kubectl("get", kind, name, "-n", namespace, "-o", "json"))

    def get(self, path: str = "/", port: int = PORT) -> str:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10).raise_for_status().text.strip()

    def wait_for(self, text: str, seconds: float = 15) -> None:
        """Waits until ten answers in a row have the text: for a moment, pods that leave answer too."""
        deadline = time.monotonic() + seconds
        in_a_row = 0
        while in_a_row < 10:
            answer = self.get("/")
            in_a_row = in_a_row + 1 if text in answer else 0
            assert time.monotonic() < deadline, f"{text!r} is not in {answer!r} after {seconds} s"
            time.sleep(0.2)

    def commit(self, message: str) -> str:
        """Commits the checkout's changes. Returns the version they get."""
        self.run("git", "add", "--all").ok()
        self.run("git", "commit", "--quiet", "--message", message).ok()
        return self.run("git", "describe", "--tags", "--always", "--dirty").ok().output.strip()


def clone(target: Path) -> Path:
    """Copies the working tree, uncommitted work included, into a clean repository of its own."""
    git = ["git", "-C", str(target)]
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(target)], check=True)
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, listed):
        source = ROOT / name
        (target / name).unlink(missing_ok=True)
        if source.exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    subprocess.run([*git, "config", "user.name", "e2e"], check=True)
    subprocess.run([*git, "config", "user.email", "e2e@example.com"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "under test"], check=True)
    return target


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    """The embedded default with the dev stack up and answering."""
    checkout = clone(tmp_path_factory.mktemp("e2e") / "checkout")
    bare = Embedded(checkout=checkout, env=dict(os.environ))
    started = bare.make("up", timeout=UP_SECONDS)
    (checkout.parent / "up.log").write_text(started.output)
    started.ok()
    exports = bare.run(sys.executable, "-m", "local", "env").ok().output
    env = dict(
        word.split("=", 1) for line in exports.splitlines() for word in shlex.split(line) if "=" in word
    )
    return replace(bare, env=dict(os.environ) | env)


@pytest.fixture(scope="session")
def chromium(embedded: Embedded) -> Iterator[Browser]:
    """Opens pages without a network."""
    with browser(embedded.env) as opened:
        yield opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """After a test that failed the stack is as the checkout says again, for the next one."""
    report = yield
    shared = getattr(item, "funcargs", {}).get("embedded")
    if report.when == "call" and report.failed and isinstance(shared, Embedded) and shared.is_up:
        shared.run("git", "checkout", "--quiet", "--", "Pulumi.dev.yaml")
        report.sections.append(("back to the checkout's settings", shared.up().output[-2000:]))
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Removal comes last: the other tests share what it removes."""
    items.sort(key=lambda item: item.path.name == "test_removal.py")
