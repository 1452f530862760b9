"""Service: everything that one service needs on Kubernetes."""

from .args import GoServiceArgs as GoServiceArgs
from .go_service import GoService as GoService
