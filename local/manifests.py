"""Provider plugins that installed Python packages ask for."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A provider plugin a package wants; empty version: any, empty server: the usual."""

    name: str
    version: str
    server: str

    @property
    def directory(self) -> str:
        """Name of its directory under `plugins/` of Pulumi's home."""
        return f"resource-{self.name}-v{self.version}"


def plugins(site_packages: Iterable[Path]) -> list[Plugin]:
    """The plugins named in the packages' pulumi-plugin.json."""
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
