"""The Go builder image: Go, git, CA certificates and zoneinfo, for the program's image builds."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from local import images, probes, registry
from local.certificates import users_bundle
from local.images import Image
from local.site import Site
from local.steps import Report

PUBLIC = "golang:1.26-bookworm"
PATH = "/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SETTINGS = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE")


def image(base: str, settings: Mapping[str, str], files: Mapping[str, bytes | Path], seed: str) -> Image:
    """The builder on a base image. settings: Go's own, as on this machine, such as its module proxy."""
    lines = [
        f"FROM {base}",
        "RUN apt-get update -qq \\",
        " && apt-get install -y -qq --no-install-recommends ca-certificates git tzdata \\",
        " && rm -rf /var/lib/apt/lists/*",
        # The machine's own bundle: behind a proxy that inspects TLS, downloads in builds need its authority.
        "COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
        *(["COPY go /usr/local/go"] if "go" in files else []),
        f"ENV PATH={PATH} GOTOOLCHAIN=local",
        *(f"ENV {key}={json.dumps(value)}" for key, value in settings.items() if value),
        "WORKDIR /src",
    ]
    return Image(tag=images.GOLANG, dockerfile="\n".join(lines) + "\n", files=files, seed=seed)


def done(site: Site) -> str | None:
    """What the builder image is made of if it is as it would be built now, else None."""
    built, origin = wanted(site)
    return _describe(origin) if registry.holds(site, built) else None


def ensure(site: Site, report: Report) -> str:
    """Has the builder image in the engine and the registry. Returns what it is made of."""
    images.pull(site, PUBLIC, site.log("image-golang"), report)
    built, origin = wanted(site)
    built.publish(site, report)
    return _describe(origin)


def wanted(site: Site) -> tuple[Image, str]:
    """The image to have, on the public one where that can be had, and where its Go comes from."""
    files: dict[str, bytes | Path] = {"ca-certificates.crt": users_bundle(os.environ).read_bytes()}
    go = json.loads(site.runner.run(["go", "env", "-json", "GOROOT", "GOVERSION", *SETTINGS]))
    settings = {key: go[key] for key in SETTINGS}
    if probes.reachable(probes.DOCKER_HUB, site.paths):
        return image(PUBLIC, settings, files, ""), PUBLIC
    files["go"] = Path(go["GOROOT"])
    return image(images.BASE, settings, files, go["GOVERSION"]), f"{go['GOVERSION']} of this machine"


def _describe(origin: str) -> str:
    return f"{images.GOLANG}, {origin}"
