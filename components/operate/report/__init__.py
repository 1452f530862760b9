"""The last release as one HTML page."""

from .verb import report as report
