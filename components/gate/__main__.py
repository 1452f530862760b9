"""Runs the gate: `python3 -m components.gate < request.json`."""

import sys

from .gate import main

sys.exit(main())
