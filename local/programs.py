"""Programs built from source as parts: on this machine, or in an image for the registry."""

from dataclasses import dataclass, replace
from pathlib import Path

from local import images, registry
from local.gobuild import GoTool
from local.images import Image
from local.site import Site
from local.steps import Report


@dataclass(frozen=True)
class Program:
    """A program on this machine."""

    tool: GoTool

    def done(self, site: Site) -> str | None:
        return self.tool.version if site.tools.path(self.tool).exists() else None

    def ensure(self, site: Site, report: Report) -> str:
        site.tools.build(self.tool, report)
        return self.tool.version


@dataclass(frozen=True, kw_only=True)
class ProgramImage:
    """An image to build of a Dockerfile and the program, which lies beside it under the tool's name.

    version: of its tag; empty to have the tag follow what the image is made of.
    """

    name: str
    tool: GoTool
    dockerfile: str
    version: str = ""

    def around(self, binary: Path) -> Image:
        """The image of the built program."""
        image = Image(tag="", dockerfile=self.dockerfile, files={self.tool.name: binary})
        return replace(image, tag=f"{images.REGISTRY}/{self.name}:{self.version or image.key}")

    def built(self, site: Site) -> Image | None:
        """The image to have; None before the program is built."""
        binary = site.tools.path(self.tool)
        return self.around(binary) if binary.exists() else None

    def done(self, site: Site) -> str | None:
        """The image's tag if it is in the registry as it would be built now, else None."""
        image = self.built(site)
        return image.tag if image and registry.holds(site, image) else None

    def ensure(self, site: Site, report: Report) -> str:
        """Has the program built and the image in the registry."""
        return self.around(site.tools.build(self.tool, report)).publish(site, report)
