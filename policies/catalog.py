"""All rules, in the order people read them."""

from .model import ResourceRule, StackRule
from .rules import (
    autoscalers,
    availability,
    budgets,
    image_builds,
    images,
    ingress,
    machine_files,
    machines,
    network,
    plaintext,
    pod_baseline,
    pod_baseline_kernel,
    pod_lifecycle,
    pod_restricted,
    pods,
    selection,
    tracks,
)

AnyRule = ResourceRule | StackRule

SUBJECTS: dict[str, tuple[AnyRule, ...]] = {
    "Pods: baseline": (*pod_baseline.RULES, *pod_baseline_kernel.RULES),
    "Pods: restricted": pod_restricted.RULES,
    "Pods: beyond the standards": (*pods.RULES, *pod_lifecycle.RULES),
    "Availability": (
        *availability.RULES,
        *autoscalers.RULES,
        *budgets.RULES,
        *selection.RULES,
        *tracks.RULES,
    ),
    "Images": (*images.RULES, *image_builds.RULES),
    "Network": (*network.RULES, *ingress.RULES),
    "Secrets": plaintext.RULES,
    "Machines": (*machines.RULES, *machine_files.RULES),
}
"""Rules by subject."""

RULES: tuple[AnyRule, ...] = tuple(rule for rules in SUBJECTS.values() for rule in rules)
BY_NAME: dict[str, AnyRule] = {rule.name: rule for rule in RULES}
