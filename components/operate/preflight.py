"""The verb `preflight`."""

from rich.table import Table

from ..cluster import find_tracks
from ..shared import Release
from ..strategies import Canary, check_canary, own_paths
from .console import OperatorError, StackOption, console
from .live_service import LiveService


def preflight(stack: StackOption = "dev") -> None:
    """Check that a canary could be measured: Prometheus, metrics, labels, scrapes, buckets, queries."""
    service = LiveService(stack)
    settings = service.settings
    # Any image: none of the checks is about it.
    args = settings.service(release=Release(image=f"{settings.image.repository}@sha256:{'0' * 64}"))
    if not isinstance(args.strategy, Canary):
        console.print(f"there is nothing to check: the strategy is {settings.strategy}, which tries nothing")
        return
    tracks = find_tracks(service.kubectl, service.name)
    found = check_canary(
        args.strategy,
        paths=own_paths(args.probes, args.metrics, args.port),
        cluster=service.kubectl,
        stable=tracks.stable.pod_names if tracks.stable else (),
        tried=tracks.canary.pod_names if tracks.canary else (),
    )
    drawn = Table("check", "result", "remedy", box=None, pad_edge=False)
    for finding in found:
        drawn.add_row(finding.check, finding.problem or finding.note or "ok", finding.remedy)
    console.print(drawn, markup=False)
    failed = sum(bool(finding.problem) for finding in found)
    if failed:
        checks = "1 check" if failed == 1 else f"{failed} checks"
        raise OperatorError(f"{checks} failed, so a trial would end before its first pod starts")
