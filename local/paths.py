"""Files and directories of the embedded default."""

import os
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent


class Paths:
    """Files of one embedded default. `down` removes `state` and keeps `cache`."""

    def __init__(self, *, cache: Path, state: Path, checkout: Path = CHECKOUT) -> None:
        self.cache = cache
        self.state = state
        self.checkout = checkout
        self.bin = state / "bin"  # launchers and links that `exec` puts first on PATH
        self.logs = state / "logs"
        self.docker = state / "docker"  # data, runtime files and socket of our own Docker engine
        self.docker_socket = self.docker / "docker.sock"
        self.docker_config = state / "docker-config"
        self.tls = state / "tls"  # the registry's certificate and key
        self.authority = self.tls / "ca.crt"  # the authority of the registry's certificate
        self.bundle = self.tls / "bundle.crt"  # the machine's authorities and ours, for SSL_CERT_FILE
        self.buildx_config = state / "buildx"  # our buildx builders, separate from the user's
        self.kubeconfig = state / "kubeconfig"
        self.pulumi_home = state / "pulumi-home"
        self.pulumi_state = state / "pulumi"  # Pulumi's file backend
        self.record = state / "record.json"  # what `up` chose and created, for the other commands
        self.lock = cache / "lock"  # held by `up` and `down`; not in the state, which `down` removes

    @classmethod
    def of(cls, env: Mapping[str, str] = os.environ) -> "Paths":
        """Paths in the XDG directories; with GOSERVICE_HOME, the state is there."""
        home = Path(env.get("HOME") or Path.home())
        cache = Path(env.get("XDG_CACHE_HOME") or home / ".cache") / "goservice"
        state = Path(env.get("XDG_STATE_HOME") or home / ".local/state") / "goservice"
        if own := env.get("GOSERVICE_HOME"):
            state = Path(own).absolute() / "state"
        return cls(cache=cache, state=state)
