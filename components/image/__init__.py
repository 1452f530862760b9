"""Image: a Go module becomes an image in a registry, known by its digest."""

from .args import GoImageArgs as GoImageArgs
from .go_image import GoImage as GoImage
from .version import Version as Version
