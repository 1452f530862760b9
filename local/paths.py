"""Where the embedded default keeps its files."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Directories of one embedded default; `cache` outlives `down`, `state` does not."""

    cache: Path
    state: Path
    checkout: Path = CHECKOUT

    @classmethod
    def of(cls, env: Mapping[str, str] = os.environ) -> "Paths":
        """XDG directories, or all state under GOSERVICE_HOME where that is set."""
        home = Path(env.get("HOME") or Path.home())
        cache = Path(env.get("XDG_CACHE_HOME") or home / ".cache") / "goservice"
        own = env.get("GOSERVICE_HOME")
        state = (
            Path(own).absolute() / "state"
            if own
            else Path(env.get("XDG_STATE_HOME") or home / ".local/state") / "goservice"
        )
        return cls(cache=cache, state=state)

    @property
    def bin(self) -> Path:
        """Launchers and links that `exec` puts first on PATH."""
        return self.state / "bin"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def docker(self) -> Path:
        """Data, runtime files and socket of a Docker engine of its own."""
        return self.state / "docker"

    @property
    def docker_socket(self) -> Path:
        return self.docker / "docker.sock"

    @property
    def docker_config(self) -> Path:
        return self.state / "docker-config"

    @property
    def tls(self) -> Path:
        """The registry's certificate and key, and what trusts them."""
        return self.state / "tls"

    @property
    def authority(self) -> Path:
        """Certificate of the authority that the registry's own is from."""
        return self.tls / "ca.crt"

    @property
    def bundle(self) -> Path:
        """The machine's authorities and ours, for SSL_CERT_FILE."""
        return self.tls / "bundle.crt"

    @property
    def buildx_config(self) -> Path:
        """Builders of buildx, apart from the user's."""
        return self.state / "buildx"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def pulumi_home(self) -> Path:
        return self.state / "pulumi-home"

    @property
    def pulumi_state(self) -> Path:
        """Pulumi's file backend."""
        return self.state / "pulumi"

    @property
    def record(self) -> Path:
        """What `up` found, chose and made, for `exec`, `status` and `down`."""
        return self.state / "record.json"

    @property
    def lock(self) -> Path:
        """Held while `up` or `down` runs; outside the state, which `down` removes."""
        return self.cache / "lock"
