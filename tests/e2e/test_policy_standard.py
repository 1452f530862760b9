"""Our verdicts beside those of the standard: its published fixtures, and its reference implementation."""

import json
import subprocess
from collections.abc import Iterable
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from policies.catalog import BY_NAME
from policies.model import STANDARDS_VERSION, Resource
from policies.reading.manifests import load
from policies.reading.workloads import TEMPLATES
from tests.policies.fixture_files import fixtures, judge
from tests.policies.mutations import wrapped

from .pod_variants import combined, mutants

pytestmark = pytest.mark.e2e

REFERENCE = Path(__file__).parent / "pod_standard"
CHECKS = {
    "pod-host-process": "windowsHostProcess",
    "pod-host-namespaces": "hostNamespaces",
    "pod-privileged": "privileged",
    "pod-capabilities": "capabilities_baseline",
    "pod-host-path": "hostPathVolumes",
    "pod-host-ports": "hostPorts",
    "pod-host-probes": "hostProbesAndHostLifecycle",
    "pod-apparmor": "appArmorProfile",
    "pod-selinux": "seLinuxOptions",
    "pod-proc-mount": "procMount",
    "pod-seccomp": "seccompProfile_baseline",
    "pod-sysctls": "sysctls",
    "pod-volume-types": "restrictedVolumes",
    "pod-privilege-escalation": "allowPrivilegeEscalation",
    "pod-proc-mount-default": "procMount_restricted",
    "pod-non-root": "runAsNonRoot",
    "pod-non-root-user": "runAsUser",
    "pod-seccomp-required": "seccompProfile_restricted",
    "pod-capabilities-dropped": "capabilities_restricted",
}
"""Name of the check in the reference implementation, by rule."""


def go(*arguments: str) -> str:
    return subprocess.run(
        ["go", *arguments], cwd=REFERENCE, capture_output=True, text=True, check=True, timeout=900
    ).stdout


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference implementation, built."""
    program = tmp_path_factory.mktemp("reference") / "pod_standard"
    go("build", "-o", str(program), ".")
    return program


def verdicts(program: Path, pods: Iterable[dict[str, Any]]) -> list[dict[str, bool] | None]:
    """Of each pod, the checks by name and whether they let it pass; None for what is no pod."""
    lines = "\n".join(json.dumps(pod) for pod in pods)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=True, timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(resource: Resource) -> dict[str, bool]:
    """Our verdicts, by the names of the reference."""
    return {check: not judge(BY_NAME[rule], [resource], {}) for rule, check in CHECKS.items()}


@cache
def published_folder() -> Path:
    """Published fixtures: `baseline/v1.37/fail/hostports0.yaml`."""
    go("mod", "download", "k8s.io/pod-security-admission")
    module = go("list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission").strip()
    return Path(module, "test", "testdata")


@cache
def published() -> dict[str, Resource]:
    """Fixtures of our version of the standard, by folder and name: `baseline/fail/hostports0`."""
    found: dict[str, Resource] = {}
    for standard in ("baseline", "restricted"):
        for file in (published_folder() / standard / f"v{STANDARDS_VERSION}").glob("*/*.yaml"):
            (found[f"{standard}/{file.parent.name}/{file.stem}"],) = load(file.read_text(), str(file))
    return found


def own() -> list[dict[str, Any]]:
    """Pods of our fixtures."""
    return [dict(each.props) for fixture in fixtures() for each in fixture.resources if each.kind == "Pod"]


def pod(props: dict[str, Any]) -> Resource:
    return Resource(type="kubernetes:core/v1:Pod", name="pod", props=props)


@pytest.mark.parametrize("standard", ["baseline", "restricted"])
def test_our_version_is_the_newest_of_the_reference(standard: str) -> None:
    versions = [folder.name.removeprefix("v") for folder in (published_folder() / standard).glob("v1.*")]
    assert max(versions, key=lambda version: [int(part) for part in version.split(".")]) == STANDARDS_VERSION


def test_no_control_is_missed_and_none_invented(reference: Path) -> None:
    (checks,) = verdicts(reference, [{}])
    assert checks
    assert set(checks) == set(CHECKS.values())
    assert {name for name, rule in BY_NAME.items() if rule.standard} == set(CHECKS)


@pytest.mark.parametrize("standard", ["baseline", "restricted"])
def test_published_fixtures(standard: str) -> None:
    rules = [name for name, rule in BY_NAME.items() if rule.standard in ("baseline", standard)]
    assert len(published()) > 100
    for name, resource in published().items():
        of, verdict, control = name.split("/")
        if of != standard:
            continue
        broken = {CHECKS[rule].lower() for rule in rules if judge(BY_NAME[rule], [resource], {})}
        if verdict == "pass":
            assert not broken, name
        else:
            assert control.rstrip("0123456789") in broken, name


def test_each_verdict_is_the_one_of_the_reference(reference: Path) -> None:
    """Pods by themselves, and in the templates of each kind in turn."""
    whole = [dict(each.props) for each in published().values()] + own()
    pods = [*whole, *combined(), *(mutant for each in whole for mutant in mutants(each))]
    kinds = cycle(TEMPLATES)
    compared = 0
    for props, theirs in zip(pods, verdicts(reference, pods), strict=True):
        if theirs is None:
            continue
        resource, kind = pod(props), next(kinds)
        assert ours(resource) == theirs, json.dumps(props)
        if kind != ("core", "Pod"):
            assert ours(wrapped(resource, *kind)) == theirs, f"{kind}: {json.dumps(props)}"
        compared += 1
    assert compared > 10_000
