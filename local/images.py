"""Images built on this machine, labelled with a hash of their inputs."""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local import docker, probes
from local.process import CommandError
from local.site import Site
from local.steps import Report

REGISTRY = "127.0.0.1:5000"
BASE = f"{REGISTRY}/debian:bookworm-slim"
GOLANG = f"{REGISTRY}/golang:1.26"
OWN = REGISTRY_IMAGE, NODE_IMAGE, BUILDKIT_IMAGE = (
    "goservice/registry",
    "goservice/node",
    "goservice/buildkit",
)

KEY_LABEL = "goservice.key"
KEY = '{{index .Config.Labels "' + KEY_LABEL + '"}}'
PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image to build. files: build context by name, each content, a file or a directory."""

    tag: str
    dockerfile: str
    files: Mapping[str, bytes | Path]
    seed: str = ""

    @property
    def key(self) -> str:
        """Hash of the inputs. Directories are too big to read each time; `seed` stands for them."""
        digest = hashlib.sha256(f"{self.dockerfile}\n{self.seed}\n".encode())
        for name, source in sorted(self.files.items()):
            if isinstance(source, Path) and source.is_dir():
                continue
            content = source.read_bytes() if isinstance(source, Path) else source
            digest.update(f"{name} {len(content)}\n".encode() + content)
        return digest.hexdigest()[:16]

    def done(self, site: Site) -> str | None:
        """Its tag if the engine has it up to date, else None."""
        return self.tag if docker.inspect(site, "image", self.tag, KEY) == self.key else None

    def ensure(self, site: Site, report: Report) -> str:
        """Builds it unless it is up to date. Returns its tag."""
        if not self.done(site):
            report(f"building {self.tag}")
            site.runner.run(
                [
                    "docker", "build", "--network", "host", "--label", f"{KEY_LABEL}={self.key}",
                    *(f"--build-arg={variable}" for variable in PROXY_VARIABLES),
                    "--tag", self.tag, "-",
                ],
                feed=self.pack,
                env={"DOCKER_BUILDKIT": "0"},  # also builds BuildKit's own image
                log=self.log(site),
                on_line=lambda line: report(line.strip()[:100]),
            )  # fmt: skip
        return self.tag

    def publish(self, site: Site, report: Report) -> str:
        """Builds it and pushes it to the registry. Returns its tag."""
        self.ensure(site, report)
        report("pushing it to the registry")
        site.runner.run(["docker", "push", self.tag], log=self.log(site))
        return self.tag

    def log(self, site: Site) -> Path:
        """Log file of its builds, named after it without registry and version."""
        return site.log(f"image-{self.tag.rpartition('/')[2].partition(':')[0]}")

    def pack(self, sink: IO[bytes]) -> None:
        """Writes the build context as a tar archive; equal inputs give equal bytes."""
        with tarfile.open(mode="w|", fileobj=sink, format=tarfile.PAX_FORMAT) as archive:
            for name, source in {"Dockerfile": self.dockerfile.encode(), **self.files}.items():
                if isinstance(source, Path):
                    archive.add(source, name, filter=_set_root)
                else:
                    entry = tarfile.TarInfo(name)
                    entry.size = len(source)
                    archive.addfile(entry, io.BytesIO(source))


def pull(site: Site, tag: str, log: Path, report: Report) -> bool:
    """Pulls an image of the public registry. Returns whether that succeeded."""
    if not probes.is_reachable(probes.DOCKER_HUB, site.paths):
        return False
    report(f"pulling {tag}")
    try:
        site.runner.run(["docker", "pull", tag], log=log, on_line=report)
    except CommandError:
        probes.remember(probes.DOCKER_HUB, False, site.paths)
        return False
    return True


def exists(site: Site, tag: str) -> bool:
    """Whether the engine has an image, up to date or not."""
    return docker.inspect(site, "image", tag, KEY) is not None


def _set_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
