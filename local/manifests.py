"""Provider plugins that installed Python packages require."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A provider plugin that a package requires. Empty version: any. Empty server: the default one."""

    name: str
    version: str
    server: str

    @property
    def directory(self) -> str:
        """Name of its directory in `plugins/` of the Pulumi home."""
        return f"resource-{self.name}-v{self.version}"


def plugins(site_packages: Iterable[Path]) -> list[Plugin]:
    """The plugins in the packages' pulumi-plugin.json."""
    found: list[Plugin] = []
    for path in sorted(
        path for directory in site_packages for path in directory.glob("*/pulumi-plugin.json")
    ):
        described = json.loads(path.read_text())
        if described.get("resource"):
            found.append(
                Plugin(
                    name=described.get("name") or path.parent.name.removeprefix("pulumi_"),
                    version=described.get("version", "").removeprefix("v"),
                    server=described.get("server", ""),
                )
            )
    return found
