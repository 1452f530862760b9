"""The verb `report`."""

from datetime import UTC, datetime
from pathlib import Path

from ...shared import GENERATED
from ..console import OperatorError, StackOption, console
from ..live_service import LiveService
from .last_release import last_release
from .page import Report, page


def report(stack: StackOption = "dev") -> None:
    """Write a page about the last release: what changed, how its trial went, and the history."""
    service = LiveService(stack)
    tracks, history = service.tracks(), service.history()
    last = last_release(tracks, service.replica_sets(), history)
    if last is None:
        raise OperatorError(f"the cluster remembers no release of {service.name}; `pulumi up` makes one")
    settings = service.settings
    text = page(
        Report(
            service=service.name,
            place=f"namespace {settings.namespace}, stack {stack}, strategy {settings.strategy}",
            tracks=tracks,
            last=last,
            history=history,
            read=datetime.now(UTC),
        )
    )
    folder = Path(GENERATED)
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    file = folder / "report.html"
    file.write_text(text, encoding="utf-8")
    console.print(str(file), markup=False)
