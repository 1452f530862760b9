"""The verb `status`."""

from typing import Any

from rich.table import Table

from ..cluster import Track, Tracks, parse_points, parse_record
from ..shared import POINTS, RECORD
from .console import StackOption, console, short_digest
from .live_service import LiveService
from .sparklines import sparklines


def status(stack: StackOption = "dev") -> None:
    """Show both tracks: version, ready pods, share of traffic, and the last verdict."""
    service = LiveService(stack)
    tracks = service.tracks()
    settings = service.settings
    place = f"namespace {settings.namespace}, stack {stack}"
    title = f"{service.name} in {place}, strategy {settings.strategy}"
    drawn = Table(
        "track", "version", "pods ready", "share", "image", title=title, title_justify="left", box=None
    )
    if tracks.stable:
        drawn.add_row("stable", *_row(tracks.stable, 100 - tracks.share if tracks.stable.ready else 0.0))
    if tracks.canary:
        drawn.add_row("canary", *_row(tracks.canary, tracks.share))
    console.print(drawn)
    console.print(f"last verdict: {_last_verdict(service, tracks) or 'none yet'}", markup=False)
    for line in _last_trial(tracks):
        console.print(line, markup=False)
    scaler = service.kubectl.get("horizontalpodautoscaler", service.name)
    if scaler:
        console.print(_scaling(scaler))


def _row(track: Track, share: float) -> tuple[str, str, str, str]:
    pods = f"{track.ready}/{track.replicas}"
    return track.release.version, pods, f"{share:.0f} %", short_digest(track.release.image)


def _last_verdict(service: LiveService, tracks: Tracks) -> str:
    """Of the last trial; without one, of the newest release that has one. Empty if there is none."""
    record = parse_record(tracks.canary.annotation(RECORD)) if tracks.canary else None
    if record:
        return f"{record.release.name} {record.text}"
    return next((f"{r.version} {r.record.text}" for r in service.history() if r.record), "")


def _last_trial(tracks: Tracks) -> list[str]:
    """The last trial as a picture; empty without one."""
    record = parse_record(tracks.canary.annotation(RECORD)) if tracks.canary else None
    # A release without a trial leaves the samples of the one before in place.
    if tracks.canary is None or record is None or record.verdict == "untried":
        return []
    trial = parse_points(tracks.canary.annotation(POINTS))
    return sparklines(trial) if trial and trial.points else []


def _scaling(scaler: dict[str, Any]) -> str:
    spec = scaler["spec"]
    metrics: list[dict[str, Any]] = scaler["status"].get("currentMetrics") or []
    used = [
        f"{metric['resource']['name']} {metric['resource']['current']['averageUtilization']} %"
        for metric in metrics
        if "averageUtilization" in metric.get("resource", {}).get("current", {})
    ]
    bounds = f"{spec['minReplicas']} to {spec['maxReplicas']} pods"
    return f"autoscaler: {bounds}; used of requests: {', '.join(used) or 'not known yet'}"
