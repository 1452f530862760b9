"""Which cluster kubectl goes to."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from .errors import ClusterError


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster. What is empty is left to kubectl, and so to KUBECONFIG."""

    kubeconfig: str = field(default="", repr=False)
    """Path of a kubeconfig, which may begin with `~`, or its text, which may hold credentials."""
    context: str = ""
    """Context in it."""
    name: str = ""
    """Cluster in it, instead of the context's."""

    @property
    def is_secret(self) -> bool:
        """Whether it holds the text of a kubeconfig, and so credentials."""
        return _is_text(self.kubeconfig)

    @contextmanager
    def flags(self) -> Generator[tuple[str, ...]]:
        """Flags of kubectl for one call. Until it ends, text is in a file that only this user can read."""
        with _file_with(self.kubeconfig) as path:
            given = {"kubeconfig": path, "context": self.context, "cluster": self.name}
            yield tuple(f"--{flag}={value}" for flag, value in given.items() if value)


def configured_cluster(setting: Callable[[str], str | None]) -> Cluster:
    """The cluster that settings of Pulumi's Kubernetes plugin name. Raises ClusterError.

    setting: value of `kubeconfig`, `context` or `cluster`; None or empty if it is not set.
    """
    kubeconfig = setting("kubeconfig") or ""
    if kubeconfig and not _is_text(kubeconfig) and not _is_file(Path(kubeconfig).expanduser()):
        # Not repeated: it may be part of a secret.
        raise ClusterError("the kubeconfig is neither the path of a file nor the text of one")
    return Cluster(kubeconfig=kubeconfig, context=setting("context") or "", name=setting("cluster") or "")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # too long for a path
        return False


def _is_text(kubeconfig: str) -> bool:
    """Whether it is YAML or JSON: no path has a line end or a brace at its start."""
    return "\n" in kubeconfig or kubeconfig.lstrip().startswith("{")


@contextmanager
def _file_with(kubeconfig: str) -> Generator[str]:
    """Path of a kubeconfig; for text, of a file in a private folder that is removed afterwards."""
    if not _is_text(kubeconfig):
        # `~` only here: the request to the gate is an input, the same on every machine.
        yield str(Path(kubeconfig).expanduser()) if kubeconfig else ""
        return
    with TemporaryDirectory(prefix="goservice-") as folder:
        file = Path(folder, "kubeconfig")
        file.touch(mode=0o600)
        file.write_text(kubeconfig)
        yield str(file)
