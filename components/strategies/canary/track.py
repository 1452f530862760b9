"""CanaryTrack: the pods that try a new version, and the gate that the stable track waits for."""

from dataclasses import dataclass
from typing import Any

import pulumi

from ...analysis import Limits
from ...cluster import Kubectl, parse_record
from ...gate import Plan, TrialRequest
from ...kubernetes import KubernetesObject, deployment
from ...shared import TOKENS, canary_name
from ..workload import Workload
from .access import login_warning, own_paths, prometheus_access, with_secrets
from .args import Canary
from .launcher import Launcher
from .preflight import warn_in_preview

_TIDY_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class CanaryTrackArgs:
    """Arguments of CanaryTrack; those who made the parts have checked them."""

    canary: Canary
    """How new versions are tried."""
    workload: Workload
    """What is tried."""


class CanaryTrack(pulumi.ComponentResource):
    """Tries each new version. Resources that depend on it follow once the version has passed."""

    deployment: pulumi.Output[str]
    """Name of the canary's Deployment."""
    record: pulumi.Output[str]
    """The last trial as JSON: verdict, reason, release, seconds and samples."""
    verdict: pulumi.Output[str]
    """Its verdict and reason, in one line."""

    def __init__(self, name: str, args: CanaryTrackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TOKENS["CanaryTrack"], name, None, opts)
        from pulumi_command import local  # noqa: PLC0415 imports are most of what a preview takes

        canary, workload = args.canary, args.workload
        manifest = deployment(
            workload.pod,
            workload.rollout,
            name=canary_name(workload.service),
            track="canary",
            # The gate scales it up and down again, so that at rest nothing differs from what is asked for.
            replicas={"replicas": 0},
            annotations={},
        )
        if warning := login_warning(canary):
            pulumi.log.warn(warning, self)
        warn_in_preview(self, canary, workload)
        hooks = pulumi.ResourceHookBinding(before_create=[workload.guard])
        tried = KubernetesObject(f"{name}-canary", manifest, pulumi.ResourceOptions(parent=self, hooks=hooks))
        launcher = Launcher(name)
        longest = _longest(canary, workload)
        gate = local.Command(
            f"{name}-gate",
            **gate_inputs(canary, workload, launcher.command, tried.uid),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=tried,
                hooks=launcher.hooks,
                custom_timeouts=pulumi.CustomTimeouts(create=longest, update=longest),
            ),
        )
        self.deployment = tried.object_name
        # A secret if what the gate is told is one, by a login or a kubeconfig; the record has neither.
        self.record = pulumi.Output.unsecret(gate.stdout)
        self.verdict = self.record.apply(verdict_line)
        self.register_outputs({"deployment": self.deployment, "record": self.record, "verdict": self.verdict})


def gate_inputs(canary: Canary, workload: Workload, command: str, uid: pulumi.Output[str]) -> dict[str, Any]:
    """Inputs of the command that is the gate. It runs again when a trigger changes, and after it has failed.

    uid: of the canary's Deployment, by which the gate knows that it has the right cluster.
    """
    request = pulumi.Output.all(with_secrets(canary), workload.cluster, uid).apply(
        lambda known: trial_request(known[0], workload, known[1], known[2]).to_json()
    )
    return {
        "create": command,
        "update": command,
        "stdin": request,
        "triggers": list(workload.triggers),
        # Lines for people are on stderr; the record on stdout is an output.
        "logging": "stderr",
        # The last record would only make the next run's environment long.
        "add_previous_output_in_env": False,
    }


def trial_request(canary: Canary, workload: Workload, cluster: Kubectl, uid: str) -> TrialRequest:
    """What the gate is asked to do, by a canary whose secrets are known."""
    pod = workload.pod
    return TrialRequest(
        service=workload.service,
        namespace=cluster.namespace,
        cluster=cluster.cluster,
        prometheus=prometheus_access(canary),
        metrics=canary.metrics.resolved(own_paths(pod.probes, pod.metrics, pod.port)),
        queries=dict(canary.queries),
        skip=canary.skip,
        plan=Plan(
            steps=canary.steps,
            analysis=canary.analysis_seconds,
            interval=canary.interval_seconds,
            warmup=canary.warmup_seconds,
            start=workload.rollout.timeout_seconds,
            limits=Limits(
                min_requests=canary.min_requests,
                max_error_percent=float(canary.max_error_percent),
                max_error_increase_percent=float(canary.max_error_increase_percent),
                max_p99_milliseconds=canary.max_p99_milliseconds,
                failure_limit=canary.failure_limit,
                unmeasured_limit=canary.unmeasured_limit,
            ),
            eviction_limit=canary.eviction_limit,
        ),
        uid=uid,
    )


def verdict_line(text: str) -> str:
    """Verdict and reason of a record, in one line."""
    record = parse_record(text)
    if record is None:
        raise RuntimeError(f"the gate wrote no record: {text[:80]!r}")
    return record.text


def _longest(canary: Canary, workload: Workload) -> str:
    """Maximum time of a trial.

    Metrics are slow to come; pods are slow to start, at each step and those of the stable track at its end;
    samples do not decide, so that there are twice as many, and each is taken again; pods are slow to stop.
    """
    starts = workload.rollout.timeout_seconds * (len(canary.steps) + 1)
    samples = 2 * canary.analysis_seconds * (canary.unmeasured_limit + 1)
    return f"{canary.interval_seconds + starts + samples + _TIDY_SECONDS}s"
