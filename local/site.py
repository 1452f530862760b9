"""Shared context of all parts: paths, the record, and commands in the embedded environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from local.environment import variables
from local.gobuild import Builder
from local.paths import Paths
from local.process import Runner
from local.record import Record


@dataclass(frozen=True, kw_only=True)
class Site:
    """One embedded default. Expects the user's environment as process environment, without our variables."""

    paths: Paths
    record: Record
    runner: Runner
    tools: Builder

    @classmethod
    def of(cls, paths: Paths) -> "Site":
        """The site as earlier runs left it."""
        record = Record.load(paths)
        runner = Runner(env=variables(paths, record, os.environ))
        tools = Builder(cache=paths.cache, logs=paths.logs, runner=runner)
        return cls(paths=paths, record=record, runner=runner, tools=tools)

    @property
    def env(self) -> dict[str, str]:
        """Variables to add to the user's environment."""
        return variables(self.paths, self.record, os.environ)

    def use(self, **choices: bool) -> None:
        """Records a choice, for later commands too."""
        self.record.save(self.paths, **choices)
        self.runner.env.update(self.env)

    def log(self, name: str) -> Path:
        """Log file of a part."""
        return self.paths.logs / f"{name}.log"
