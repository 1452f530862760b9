"""Images built on this machine, each labelled with the hash of its inputs."""

import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from local.process import CommandError, Runner
from local.steps import Report

REGISTRY = "127.0.0.1:5000"
BASE = f"{REGISTRY}/debian:bookworm-slim"
GOLANG = f"{REGISTRY}/golang:1.26"
PAUSE = f"{REGISTRY}/pause:1"
REGISTRY_IMAGE = "goservice/registry"
NODE_IMAGE = "goservice/node"
BUILDKIT_IMAGE = "goservice/buildkit"

KEY_LABEL = "goservice.key"
PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image to build: Dockerfile text and the files of its context by name; a directory is taken whole."""

    tag: str
    dockerfile: str
    files: Mapping[str, bytes | Path]
    seed: str = ""

    @property
    def key(self) -> str:
        """Hash of the inputs; a directory, too big to read each time, counts by `seed`."""
        digest = hashlib.sha256(f"{self.dockerfile}\n{self.seed}\n".encode())
        for name, source in sorted(self.files.items()):
            if isinstance(source, Path) and source.is_dir():
                continue
            content = source.read_bytes() if isinstance(source, Path) else source
            digest.update(f"{name} {len(content)}\n".encode() + content)
        return digest.hexdigest()[:16]


def keyed(name: str, dockerfile: str, files: Mapping[str, bytes | Path]) -> Image:
    """An image for the registry, tagged by the hash of its inputs, so that what names it follows them."""
    image = Image(tag="", dockerfile=dockerfile, files=files)
    return replace(image, tag=f"{REGISTRY}/{name}:{image.key}")


def key_of(runner: Runner, tag: str) -> str | None:
    """Label with the hash of an image's inputs; None if there is no such image."""
    try:
        template = '{{index .Config.Labels "' + KEY_LABEL + '"}}'
        return runner.run(["docker", "image", "inspect", "--format", template, tag]).strip()
    except CommandError:
        return None


def build(runner: Runner, image: Image, log: Path, report: Report) -> None:
    """Builds an image unless the same one is there."""
    if key_of(runner, image.tag) == image.key:
        return
    report(f"building {image.tag}")
    runner.run(
        [
            "docker", "build", "--network", "host", "--label", f"{KEY_LABEL}={image.key}",
            *(f"--build-arg={variable}" for variable in PROXY_VARIABLES),
            "--tag", image.tag, "-",
        ],
        feed=context(image),
        env={"DOCKER_BUILDKIT": "0"},  # the engine's own builder: BuildKit's image is among what is built here
        log=log,
        on_line=lambda line: report(line.strip()[:100]),
    )  # fmt: skip


def push(runner: Runner, tag: str, log: Path) -> None:
    """Pushes an image; layers the registry has are not sent again."""
    runner.run(["docker", "push", tag], log=log)


def context(image: Image) -> Iterator[bytes]:
    """The build context as pieces of a tar archive; the same inputs give the same bytes."""
    sink = io.BytesIO()
    with tarfile.open(mode="w", fileobj=sink, format=tarfile.PAX_FORMAT) as archive:
        files = {"Dockerfile": image.dockerfile.encode(), **image.files}
        for name, source in files.items():
            for entry, content in _entries(name, source):
                archive.addfile(entry, content)
                yield sink.getvalue()
                # The archive writes at its own offset; what has been handed on is not kept.
                sink.seek(0)
                sink.truncate()
    yield sink.getvalue()


def _entries(name: str, source: bytes | Path) -> Iterator[tuple[tarfile.TarInfo, io.BufferedIOBase | None]]:
    if isinstance(source, bytes):
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(source), 0o644
        yield entry, io.BytesIO(source)
        return
    probe = tarfile.TarFile(fileobj=io.BytesIO(), mode="w")
    paths = [source] if source.is_file() else [source, *sorted(source.rglob("*"))]
    for path in paths:
        entry = probe.gettarinfo(path, arcname=str(Path(name) / path.relative_to(source)))
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        if entry.isreg():
            with path.open("rb") as content:
                yield entry, content
        else:
            yield entry, None
