"""The policy pack: `pulumi preview --policy-pack policies --policy-pack-config policies/prod.json`."""

import sys
from pathlib import Path

# The engine starts this file in its own folder, where `policies` cannot be imported.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.pack import policies

PolicyPack("goservice", policies(), enforcement_level=EnforcementLevel.MANDATORY)
