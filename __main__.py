"""The program: settings, components, exports."""

import pulumi

from components import GoImage, GoService
from components.config import cluster_provider, load, require_access

settings = load()
require_access(settings)
provider = cluster_provider(settings)
image = GoImage(settings.name, settings.image)
service = GoService(
    settings.name,
    settings.service(release=image.release),
    opts=pulumi.ResourceOptions(provider=provider),
)
image.promote(after=service)

pulumi.export("image", image.ref)
pulumi.export("tags", list(image.tags))
pulumi.export("version", image.version)
pulumi.export("namespace", service.namespace)
pulumi.export("deployment", service.deployment)
pulumi.export("service", service.service)
pulumi.export("url", service.url)
if service.canary:
    pulumi.export("trial", service.canary.verdict)
