"""What kubectl could not do."""


class ClusterError(Exception):
    """kubectl failed; its own words."""


class NotFoundError(ClusterError):
    """The object does not exist."""


class ForbiddenError(ClusterError):
    """The user of the kubeconfig may not do this."""
