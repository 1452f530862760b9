"""Preflight: checks before a trial that it could be measured."""

from .finding import Finding as Finding
from .preflight import preflight as preflight
