"""CanaryTrack: the pods that try a new version, and the gate that the stable track waits for."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pulumi

from .canary_args import Canary
from .kubectl import Cluster, Kubectl
from .kubernetes import KubernetesObject
from .naming import token
from .ownership import guard
from .rollout import Rollout

__all__ = ["CanaryTrack", "CanaryTrackArgs"]

# Two commands, so that the shell stays: when Pulumi kills it, the gate notices, and takes the canary back.
_RUN = "python3 -m components.gate; exit $?"
_TIDY_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class CanaryTrackArgs:
    """Arguments of CanaryTrack; those who made the parts have checked them."""

    service: str
    """Name of the service and its stable Deployment."""
    namespace: str
    """Namespace of both tracks."""
    cluster: Cluster
    """Where they are."""
    manifest: Mapping[str, Any]
    """The canary's Deployment, without pods."""
    triggers: tuple[pulumi.Input[str], ...]
    """What makes a version a new one: a change of any starts a trial."""
    canary: Canary
    """How it is tried."""
    rollout: Rollout
    """Times of a release."""
    rollback: bool
    """Whether the image is one that ran before, and needs no trial."""


class CanaryTrack(pulumi.ComponentResource):
    """Tries each new version. What depends on it follows once the version has passed."""

    deployment: pulumi.Output[str]
    """Name of the canary's Deployment."""
    record: pulumi.Output[str]
    """The last trial as JSON: verdict, reason, release, seconds and samples."""
    verdict: pulumi.Output[str]
    """What it came to, in a line."""

    def __init__(self, name: str, args: CanaryTrackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(token("canary", "CanaryTrack"), name, None, opts)
        from pulumi_command import local  # noqa: PLC0415 imports are most of what a preview takes

        cluster = Kubectl(namespace=args.namespace, cluster=args.cluster, say=pulumi.log.info)
        hooks = pulumi.ResourceHookBinding(before_create=[guard(f"{name}-canary", cluster, args.service)])
        deployment = KubernetesObject(
            f"{name}-canary", args.manifest, pulumi.ResourceOptions(parent=self, hooks=hooks)
        )
        timeouts = pulumi.CustomTimeouts(create=_longest(args), update=_longest(args))
        gate = local.Command(
            f"{name}-gate",
            **gate_inputs(args, deployment.uid),
            opts=pulumi.ResourceOptions(parent=self, depends_on=deployment, custom_timeouts=timeouts),
        )
        self.deployment = deployment.object_name
        self.record = gate.stdout
        self.verdict = gate.stdout.apply(in_a_line)
        self.register_outputs({"deployment": self.deployment, "record": self.record, "verdict": self.verdict})


def gate_inputs(args: CanaryTrackArgs, uid: pulumi.Output[str]) -> dict[str, Any]:
    """Inputs of the command that is the gate. It runs again when a trigger changes, and after it has failed.

    uid: of the canary's Deployment, by which the gate knows that it has the right cluster.
    """
    settings = gate_settings(args)
    return {
        "create": _RUN,
        "update": _RUN,
        "stdin": uid.apply(lambda known: json.dumps({**settings, "uid": known}, sort_keys=True)),
        "triggers": list(args.triggers),
        # Lines for people are on stderr; the record on stdout is an output.
        "logging": "stderr",
        # The last record would only make the next run's environment long.
        "add_previous_output_in_env": False,
    }


def gate_settings(args: CanaryTrackArgs) -> dict[str, Any]:
    """What the gate is told, all but the uid."""
    canary = args.canary
    return {
        "service": args.service,
        "namespace": args.namespace,
        "cluster": asdict(args.cluster),
        "prometheus": canary.prometheus,
        "queries": dict(canary.queries),
        "skip": canary.skip,
        "rollback": args.rollback,
        "plan": {
            "steps": list(canary.steps),
            "analysis": canary.analysis_seconds,
            "interval": canary.interval_seconds,
            "warmup": canary.warmup_seconds,
            "start": args.rollout.timeout_seconds,
            "limits": {
                "min_requests": canary.min_requests,
                "max_error_percent": float(canary.max_error_percent),
                "max_error_increase_percent": float(canary.max_error_increase_percent),
                "max_p99_milliseconds": canary.max_p99_milliseconds,
                "failure_limit": canary.failure_limit,
                "unmeasured_limit": canary.unmeasured_limit,
            },
        },
    }


def in_a_line(record: str) -> str:
    """Verdict and reason of a record."""
    said = json.loads(record)
    return f"{said['verdict']}: {said['reason']}"


def _longest(args: CanaryTrackArgs) -> str:
    """Longest a trial may take: pods slow to start at each step, each sample taken again, pods slow to go."""
    starts = args.rollout.timeout_seconds * len(args.canary.steps)
    samples = args.canary.analysis_seconds * (args.canary.unmeasured_limit + 1)
    return f"{starts + samples + _TIDY_SECONDS}s"
