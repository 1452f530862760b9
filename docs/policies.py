"""The page about the rules of policies/, from the rules' own texts."""

import json
from collections.abc import Iterator, Mapping, Sequence

from policies.catalog import AnyRule
from policies.model import STANDARDS_VERSION, Option, ResourceRule

HEAD = """\
# Policies

What a strict reviewer would check. The rules run at every `make up`, in every preview with `make policy`,
and on manifests from anywhere with `python -m policies.check FILE.yaml…`. This page is generated from the
rules: `make docs` writes it.

A policy configuration (`policies/dev.json`, `policies/prod.json`) sets for each rule by name, or for
`all`, its level, its options, and which resources are exempt from it:

```json
{
  "all": "mandatory",
  "secret-paths": "remediate",
  "network-service-type": {"allowed": ["ClusterIP", "NodePort"]},
  "pod-read-only-root": {
    "enforcementLevel": "advisory",
    "exemptions": [
      {"resource": "legacy", "reason": "Writes its cache to /opt; SHOP-12.", "expires": "2027-03-31"}
    ]
  }
}
```

A violation is reported at level `advisory`, and fails the preview or update at level `mandatory`. At level
`remediate` it is also fixed, if the rule has a fix. A `disabled` rule does not run. An exemption names a
resource (its Pulumi name or URN, or namespace/name of a manifest) and needs a reason and its last day;
after that day the rule applies again, and says so. `secret-paths` is not a rule: at level `remediate` it
changes nothing, and learns which properties are secret, which the engine tells only to remediations.
"""
STANDARDS = f"""\
The Pod Security Standards are those of Kubernetes {STANDARDS_VERSION}, with every control. The API server
of an older cluster applies its own version of them, and may refuse what these allow.
"""


def page(subjects: Mapping[str, Sequence[AnyRule]]) -> str:
    """Markdown: a table of all rules, then a section for each."""
    rows = [_row(rule) for rules in subjects.values() for rule in rules]
    table = ["| Rule | Severity | Standard and control |", "|---|---|---|", *rows]
    parts = [HEAD.rstrip(), STANDARDS.rstrip(), "\n".join(table)]
    for subject, rules in subjects.items():
        parts += [f"## {subject}", *(part for rule in rules for part in _section(rule))]
    return "\n\n".join(parts) + "\n"


def _row(rule: AnyRule) -> str:
    control = f"{rule.standard}: {rule.control}" if rule.standard else ""
    return f"| [{rule.name}](#{rule.name}) | {rule.severity} | {_cell(control)} |"


def _section(rule: AnyRule) -> Iterator[str]:
    yield f"### {rule.name}"
    yield rule.asks
    if rule.standard:
        yield f"Control *{rule.control}* of the Pod Security Standards, profile {rule.standard}."
    yield f"**Why:** {rule.why}"
    fix = " At level `remediate` the pack does this." if isinstance(rule, ResourceRule) and rule.fix else ""
    yield f"**Fix:** {rule.remedy}{fix}"
    yield f"```yaml\n{rule.example.strip()}\n```"
    if rule.options:
        rows = [_option(name, option) for name, option in rule.options.items()]
        yield "\n".join(["| Option | Default | Meaning |", "|---|---|---|", *rows])


def _option(name: str, option: Option) -> str:
    return f"| `{name}` | `{json.dumps(option.default)}` | {_cell(option.meaning)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
