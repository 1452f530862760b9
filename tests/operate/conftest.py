"""A stack in a folder of its own: `pulumi` and `kubectl` are scripts that show it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from components.operate.cli import main
from tests.support.go_module import write_module
from tests.support.programs import alone_on_path, write_program
from tests.support.stack_config import merged

PULUMI = """\
case "$*" in
  "config --json"*) cat shown.json;;
  "up "*) exit $(cat up-code);;
esac
"""
KUBECTL = """\
case "$*" in
  *" get deployment shop "*) file=deployment.json;;
  *" get replicasets "*) file=replicasets.json;;
  *" get deployments.apps,pods "*) file=tracks.json;;
  *" get horizontalpodautoscaler "*) file=autoscaler.json;;
  *" patch "*) echo "$*" >>patches; exit;;
esac
if [ -e $file ]; then cat $file; else echo "Error from server (NotFound): not found" >&2; exit 1; fi
"""
IMAGE = "ghcr.io/acme/shop"


class Result(NamedTuple):
    """What a command came to."""

    code: int
    output: str


class Stack:
    """A stack called dev, with the service shop in namespace team."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pulumi = write_program(folder / "bin", "pulumi", PULUMI)
        self.kubectl = write_program(folder / "bin", "kubectl", KUBECTL)
        (folder / "Pulumi.yaml").write_text("name: goservice\n")
        (folder / "up-code").write_text("0")
        self.configure()

    def configure(self, **sections: Any) -> None:
        """Sets sections of its configuration."""
        given = {"service": {"name": "shop", "namespace": "team"}, "image": {"repository": IMAGE}} | sections
        values = merged({f"goservice:{name}": value for name, value in given.items()})
        shown = {key: {"value": text, "secret": False} for key, text in values.items()}
        self.write("shown", shown)

    def write(self, name: str, content: Any) -> None:
        """Writes a file that one of the scripts shows."""
        (self.folder / f"{name}.json").write_text(json.dumps(content))

    def serve(self, revision: int, *replica_sets: dict[str, Any]) -> None:
        """Has a Deployment at this revision, with these ReplicaSets."""
        metadata = {"name": "shop", "annotations": {"deployment.kubernetes.io/revision": str(revision)}}
        self.write("deployment", {"metadata": metadata})
        self.write("replicasets", {"items": replica_sets})


def replica_set(number: int, *, revision: int, ready: int = 0, record: Any = None) -> dict[str, Any]:
    """A ReplicaSet of release `v<number>` on the stable track; record: its verdict and reason."""
    image = f"{IMAGE}@sha256:{str(number) * 64}"
    annotations = {"deployment.kubernetes.io/revision": str(revision)}
    labels = {"track": "stable", "app.kubernetes.io/version": f"v{number}"}
    if record:
        verdict, reason = record
        release = {"version": f"v{number}", "image": image}
        said = {"verdict": verdict, "reason": reason, "release": release, "seconds": 60}
        annotations["goservice/record"] = json.dumps(said)
    template = {
        "metadata": {"labels": labels, "annotations": {"goservice/commit": f"c0ffee{number}" * 6}},
        "spec": {"containers": [{"image": image}]},
    }
    return {
        "metadata": {
            "name": f"shop-{number}",
            "annotations": annotations,
            "labels": labels,
            "creationTimestamp": f"2026-01-0{number}T10:00:00Z",
        },
        "spec": {"template": template},
        "status": {"readyReplicas": ready},
    }


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    write_module(tmp_path)
    monkeypatch.chdir(tmp_path)
    alone_on_path(monkeypatch, tmp_path / "bin")
    return Stack(tmp_path)


@pytest.fixture
def history(stack: Stack) -> None:
    """The stack has had three releases, of which the last was rolled back."""
    stack.serve(
        2,
        replica_set(1, revision=1, record=("promoted", "")),
        replica_set(2, revision=2, ready=3, record=("promoted", "passed 9 samples [a/b]")),
        replica_set(3, revision=3, record=("rolled back", "2 of 2 samples failed")),
    )


@pytest.fixture
def run(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Result]:
    """Runs a command as `python -m components.operate` would."""

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["operate", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Result(int(ended.value.code or 0), capfd.readouterr().out)

    return run
