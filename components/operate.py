"""What runs, what ran, and back to it: `python -m components.operate status|history|rollback --stack STACK`.

Reads the cluster through kubectl and the stack's settings through pulumi, both as they are on PATH.
"""

import json
import subprocess
import sys
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from .kubectl import ClusterError, Kubectl, configured_cluster
from .naming import selector
from .releases import REVISION, Release, ReleaseError, releases, same_repository, target
from .tracks import Tracks, Workload, look

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
# Rich takes a pipe or a log for 80 columns wide, too few for a table with reasons.
console = Console(soft_wrap=True, width=None if sys.stdout.isatty() else 160)
StackOption = Annotated[str, typer.Option("--stack", help="Stack the service belongs to.")]


class Service:
    """A service of a stack, in the cluster the stack deploys to."""

    def __init__(self, stack: str) -> None:
        shown: dict[str, dict[str, Any]] = json.loads(_pulumi("config", "--json", "--stack", stack))
        settings = {key.partition(":")[2]: entry.get("objectValue", {}) for key, entry in shown.items()}
        self.name: str = settings["service"]["name"]
        self.strategy: str = settings["rollout"]["strategy"]
        self.cluster = Kubectl(
            namespace=settings["service"]["namespace"],
            cluster=configured_cluster(lambda key: shown.get(f"kubernetes:{key}", {}).get("value")),
            say=lambda line: console.print(line, style="dim"),
        )

    def tracks(self) -> Tracks:
        return look(self.cluster, self.name)

    def is_missing(self) -> NoReturn:
        """Ends the program: there is no such service."""
        _fail(f"{self.name} does not run in namespace {self.cluster.namespace}; `pulumi up` brings it up")

    def history(self) -> list[Release]:
        """Its releases, newest first. Ends the program if there are none."""
        found = self.cluster.get("deployment", self.name)
        if found is None:
            self.is_missing()
        sets = self.cluster.list("replicasets", selector(self.name))
        return releases(sets, found["metadata"]["annotations"].get(REVISION, ""))


@app.command()
def status(stack: StackOption = "dev") -> None:
    """Show both tracks: pods, version, share of traffic, and the last verdict."""
    service = Service(stack)
    tracks = service.tracks()
    if tracks.stable is None:
        service.is_missing()
    place = f"namespace {service.cluster.namespace}, stack {stack}"
    title = f"{service.name} in {place}, strategy {service.strategy}"
    drawn = Table(
        "track", "version", "pods ready", "share", "image", title=title, title_justify="left", box=None
    )
    for track, workload, share in (
        ("stable", tracks.stable, 100 - tracks.share if tracks.stable.ready else 0.0),
        ("canary", tracks.canary, tracks.share),
    ):
        if workload:
            drawn.add_row(track, *_row(workload, share))
    console.print(drawn)
    console.print(f"last verdict: {_last_verdict(service, tracks)}", highlight=False)
    _print_scaling(service)


@app.command()
def history(stack: StackOption = "dev") -> None:
    """List the releases that the cluster remembers, newest first."""
    drawn = Table("", "version", "commit", "digest", "when (UTC)", "verdict", box=None, pad_edge=False)
    for release in Service(stack).history():
        serves = "serves" if release.current and release.pods else ""
        digest = _short(release.image)
        drawn.add_row(
            serves, release.version, release.commit[:12], digest, _moment(release.created), release.verdict
        )
    console.print(drawn)


@app.command()
def rollback(
    stack: StackOption = "dev",
    to: Annotated[str, typer.Option("--to", help="previous, a version, or a digest.")] = "previous",
) -> None:
    """Go back to a release that ran before, without building it. The stack file then names it."""
    service = Service(stack)
    try:
        release = target(service.history(), to)
    except ReleaseError as error:
        _fail(f"{error}; `make history` lists them")
    # The section as a whole is hidden where it has a password.
    repository = _pulumi("config", "get", "--stack", stack, "--path", "image.repository").strip()
    if not same_repository(release, repository):
        _fail(f"{release.image} is not in {repository}; set image.repository back, then go back again")
    console.print(f"going back to {release.version}, {release.digest}", highlight=False)
    pin = f"{release.version}@{release.digest}"
    _pulumi("config", "set", "--stack", stack, "--path", "--type", "string", "image.pin", pin)
    code = subprocess.run(
        ["pulumi", "up", "--yes", "--skip-preview", "--stack", stack], check=False
    ).returncode
    if code:
        _fail("`pulumi up` failed, and its reason is above; the same rollback may be run again")
    console.print(
        f"{release.version} serves. Nothing new is built as long as it is pinned; when the cause is mended:\n"
        f"  pulumi config rm --stack {stack} --path image.pin",
        highlight=False,
    )


def _short(image: str) -> str:
    """Digest of an image, as many digits as people compare."""
    return image.partition("@sha256:")[2][:12]


def _moment(created: str) -> str:
    return created[:16].replace("T", " ")


def _last_verdict(service: Service, tracks: Tracks) -> str:
    """Of the last trial; with another strategy, of the last release there is one of."""
    if tracks.canary and (text := tracks.canary.annotation("record")):
        record = json.loads(text)
        return f"{record['release'].get('version', '')} {record['verdict']}: {record['reason']}"
    return next((f"{r.version} {r.verdict}" for r in service.history() if r.verdict), "none yet")


def _row(workload: Workload, share: float) -> tuple[str, str, str, str]:
    release = workload.release
    pods = f"{workload.ready}/{workload.replicas}"
    return release["version"], pods, f"{share:.0f} %", _short(release["image"])


def _print_scaling(service: Service) -> None:
    scaler = service.cluster.get("horizontalpodautoscaler", service.name)
    if scaler is None:
        return
    spec = scaler["spec"]
    now: list[dict[str, Any]] = scaler["status"].get("currentMetrics") or []
    used = [
        f"{metric['resource']['name']} {metric['resource']['current']['averageUtilization']} %"
        for metric in now
        if "averageUtilization" in metric.get("resource", {}).get("current", {})
    ]
    bounds = f"{spec['minReplicas']} to {spec['maxReplicas']} pods"
    console.print(
        f"autoscaler: {bounds}; used of requests: {', '.join(used) or 'not known yet'}", highlight=False
    )


def _pulumi(*arguments: str) -> str:
    try:
        done = subprocess.run(["pulumi", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        _fail("pulumi was not found; install it, or run this through make")
    if done.returncode:
        _fail(done.stderr.strip().removeprefix("error: "))
    return done.stdout


def _fail(why: str) -> NoReturn:
    console.print(f"[red]error:[/] {why}", highlight=False)
    raise typer.Exit(1)


def main() -> None:
    try:
        app()
    except ClusterError as error:
        console.print(f"[red]error:[/] {error}", highlight=False)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
