"""The Go builder image: Go, git, CA certificates and zoneinfo, for the program's image builds."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from local import images, probes, registry
from local.certificates import user_bundle
from local.images import Image
from local.site import Site
from local.steps import Report

PUBLIC = "golang:1.26-bookworm"
PATH = "/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SETTINGS = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE")


def image(base: str, settings: Mapping[str, str], files: Mapping[str, bytes | Path], seed: str) -> Image:
    """The builder on a base image. settings: this machine's Go settings, such as GOPROXY."""
    lines = [
        f"FROM {base}",
        "RUN apt-get update -qq \\",
        " && apt-get install -y -qq --no-install-recommends ca-certificates git tzdata \\",
        " && rm -rf /var/lib/apt/lists/*",
        # The machine's CA bundle: behind a proxy that inspects TLS, builds need the proxy's authority.
        "COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
        *(["COPY go /usr/local/go"] if "go" in files else []),
        f"ENV PATH={PATH} GOTOOLCHAIN=local",
        *(f"ENV {key}={json.dumps(value)}" for key, value in settings.items() if value),
        "WORKDIR /src",
    ]
    return Image(tag=images.GOLANG, dockerfile="\n".join(lines) + "\n", files=files, seed=seed)


def done(site: Site) -> str | None:
    """Tag and source of the builder image if it is up to date, else None."""
    built, origin = required_image(site)
    return _describe(origin) if registry.is_published(site, built) else None


def ensure(site: Site, report: Report) -> str:
    """Builds the builder image and pushes it to the registry. Returns its tag and source."""
    images.pull(site, PUBLIC, site.log("image-golang"), report)
    built, origin = required_image(site)
    built.publish(site, report)
    return _describe(origin)


def required_image(site: Site) -> tuple[Image, str]:
    """The image to build, on the public Go image if it can be pulled, and the source of its Go."""
    files: dict[str, bytes | Path] = {"ca-certificates.crt": user_bundle(os.environ).read_bytes()}
    go = json.loads(site.runner.run(["go", "env", "-json", "GOROOT", "GOVERSION", *SETTINGS]))
    settings = {key: go[key] for key in SETTINGS}
    if probes.is_reachable(probes.DOCKER_HUB, site.paths):
        return image(PUBLIC, settings, files, ""), PUBLIC
    files["go"] = Path(go["GOROOT"])
    return image(images.BASE, settings, files, go["GOVERSION"]), f"{go['GOVERSION']} of this machine"


def _describe(origin: str) -> str:
    return f"{images.GOLANG}, {origin}"
