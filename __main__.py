"""The program: settings, components, exports."""

import pulumi

from components.cluster_access import require_access
from components.image import GoImage
from components.service import GoService
from components.settings import load

settings = load()
access = require_access(settings.namespace, settings.name)
image = GoImage(settings.name, settings.image)
service = GoService(
    settings.name,
    settings.service(
        image=image.ref,
        version=image.version,
        commit=image.commit,
        rollback=bool(settings.image.pin),
        cluster=access.cluster,
        unproven=access.unproven,
    ),
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
