"""Entry point of the plugin's process."""

from local.plugins.base import serve
from local.plugins.kubernetes.provider import KubernetesProvider

if __name__ == "__main__":
    serve(KubernetesProvider())
