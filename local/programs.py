"""Programs built from source, as parts: on this machine, or in an image."""

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
    """An image with a program. The build context has the program under the tool's name.

    version: of the image's tag; empty to use a hash of the image's inputs.
    """

    name: str
    tool: GoTool
    dockerfile: str
    version: str = ""

    def image_for(self, binary: Path) -> Image:
        """The image with the built program `binary`."""
        image = Image(tag="", dockerfile=self.dockerfile, files={self.tool.name: binary})
        return replace(image, tag=f"{images.REGISTRY}/{self.name}:{self.version or image.key}")

    def image(self, site: Site) -> Image | None:
        """The image to build; None before the program is built."""
        binary = site.tools.path(self.tool)
        return self.image_for(binary) if binary.exists() else None

    def done(self, site: Site) -> str | None:
        """The image's tag if the registry has it up to date, else None."""
        image = self.image(site)
        return image.tag if image and registry.is_published(site, image) else None

    def ensure(self, site: Site, report: Report) -> str:
        """Builds the program and its image, and pushes it to the registry. Returns its tag."""
        return self.image_for(site.tools.build(self.tool, report)).publish(site, report)
