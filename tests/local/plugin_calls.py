"""What the tests of the plugins share: a context that remembers, and a docker command that is none."""

from __future__ import annotations

import json
import stat
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.plugins.base import Context


@dataclass
class Said:
    """What a plugin told the user."""

    logs: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    statuses: list[str] = field(default_factory=list[str])


def context(
    type_: str = "t", *, preview: bool = False, cancelled: threading.Event | None = None
) -> tuple[Context, Said]:
    said = Said()
    made = Context(
        urn=f"urn:pulumi:dev::p::{type_}::thing",
        type=type_,
        name="thing",
        preview=preview,
        cancelled=cancelled or threading.Event(),
        log=lambda severity, message: said.logs.append((severity, message)),
        status=said.statuses.append,
    )
    return made, said


_SCRIPT = """#!{python}
import json, os, sys
here = {here!r}
answers = json.load(open(here + "/answers.json"))
arguments = sys.argv[1:]
stdin = "" if sys.stdin.isatty() else sys.stdin.read()
config = os.environ.get("DOCKER_CONFIG", "")
file = config + "/config.json"
call = dict(
    arguments=arguments,
    stdin=stdin,
    env=dict(os.environ),
    config=json.load(open(file)) if config and os.path.exists(file) else None,
    mode=oct(os.stat(file).st_mode & 0o777) if config and os.path.exists(file) else None,
)
with open(here + "/calls.jsonl", "a") as log:
    log.write(json.dumps(call) + "\\n")
answer = next((a for a in answers if all(any(w in x for x in arguments) for w in a["when"])), dict(code=0))
for argument in arguments:
    if argument.startswith("--metadata-file=") and answer.get("metadata"):
        json.dump(answer["metadata"], open(argument.split("=", 1)[1], "w"))
sys.stdout.write(answer.get("stdout", ""))
sys.stderr.write(answer.get("stderr", ""))
sys.exit(answer.get("code", 0))
"""


class FakeDocker:
    """An executable named docker that answers as told and writes down how it was called."""

    def __init__(self, folder: Path, python: str) -> None:
        self._folder = folder
        folder.mkdir()
        script = folder / "docker"
        script.write_text(_SCRIPT.format(python=python, here=str(folder)))
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        self._answers: list[dict[str, Any]] = []
        self._write()

    def answer(self, *when: str, **answer: Any) -> None:
        """The answer to calls whose arguments contain all the given texts; the first such answer counts."""
        self._answers.append({"when": list(when), **answer})
        self._write()

    def calls(self, *having: str) -> list[dict[str, Any]]:
        log = self._folder / "calls.jsonl"
        lines = log.read_text().splitlines() if log.exists() else []
        made = [json.loads(line) for line in lines]
        return [call for call in made if all(word in call["arguments"] for word in having)]

    def _write(self) -> None:
        (self._folder / "answers.json").write_text(json.dumps(self._answers))
