"""Settings as a stack would have them, loaded in the directory of the test."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.config import ConfigError, Settings, load
from components.service import GoServiceArgs
from components.shared import Release
from tests.support.recording import record
from tests.support.stack_config import merged

PASSWORD = "hunter2-7431"
KUBECONFIG = f"users: [{{user: {{token: {PASSWORD}}}}}]\n"
ENCRYPTED = {"secure": "v1:abc"}
SET = "pulumi config set --path"


def loaded(
    secret_keys: tuple[str, ...] = (), provider: dict[str, str] | None = None, **sections: Any
) -> Settings:
    """Settings of a stack with a repository and the sections given.

    secret_keys: sections that the engine says hold a secret. provider: its `kubernetes:` settings.
    """
    sections = {"image": {}} | sections
    if isinstance(sections["image"], dict):
        sections["image"] = {"repository": "ghcr.io/acme/shop"} | sections["image"]
    values = {f"goservice:{name}": value for name, value in sections.items()}
    values |= {f"kubernetes:{name}": value for name, value in (provider or {}).items()}
    result: list[Settings] = []
    record(
        lambda: result.append(load()),
        config=merged(values),
        secret_keys=tuple(f"goservice:{key}" for key in secret_keys),
    )
    return result[0]


def service_args(settings: Settings) -> GoServiceArgs:
    """The arguments of the service, with some image."""
    return settings.service(release=Release(image=f"ghcr.io/acme/shop@sha256:{'a' * 64}"))


def write_stack_file(**sections: Any) -> None:
    """Writes the stack file that the engine would have read."""
    config = {f"goservice:{name}": value for name, value in sections.items()}
    Path("Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))


def problems(
    secret_keys: tuple[str, ...] = (), provider: dict[str, str] | None = None, **sections: Any
) -> list[str]:
    """Lines of the error about these settings, without the headline."""
    with pytest.raises(ConfigError) as caught:
        loaded(secret_keys, provider, **sections)
    headline, *lines = str(caught.value).split("\n  ")
    count = "1 setting is" if len(lines) == 1 else f"{len(lines)} settings are"
    assert headline == f"{count} wrong in stack dev:"
    return lines
