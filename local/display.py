"""Progress of the steps: a live table in a terminal, plain lines in a log."""

import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from local.steps import Failure, Step

HEARTBEAT_SECONDS = 20.0


def duration(seconds: float) -> str:
    """Seconds in words: 4 s, 2 min 05 s."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def usually(step: Step) -> str:
    return f"usually {duration(step.usual)}" if step.usual else ""


@dataclass(kw_only=True)
class _Current:
    step: Step
    since: float = field(default_factory=time.monotonic)
    text: str = ""

    @property
    def elapsed(self) -> str:
        return duration(time.monotonic() - self.since)


@dataclass(kw_only=True)
class PlainDisplay:
    """One line per event, and a sign of life of long steps now and then."""

    console: Console
    _current: dict[str, _Current] = field(default_factory=dict[str, _Current])
    _told: float = field(default_factory=time.monotonic)

    def ready(self, step: Step, detail: str) -> None:
        self._line("[green]ok[/]", step, detail)

    def started(self, step: Step) -> None:
        self._current[step.name] = _Current(step=step)
        self._line("[cyan]…[/] ", step, usually(step))

    def progress(self, step: Step, text: str) -> None:
        self._current[step.name].text = text

    def finished(self, step: Step, detail: str, seconds: float) -> None:
        del self._current[step.name]
        self._line("[green]ok[/]", step, f"{detail} ({duration(seconds)})")

    def failed(self, failure: Failure, seconds: float) -> None:
        self._current.pop(failure.step.name, None)
        self.console.print(failure_text(failure, seconds), highlight=False, soft_wrap=True)

    def tick(self) -> None:
        if time.monotonic() - self._told < HEARTBEAT_SECONDS:
            return
        for current in self._current.values():
            expected = usually(current.step)
            after = f"{current.elapsed}{', ' + expected if expected else ''}"
            self._line("[cyan]…[/] ", current.step, f"{current.text} ({after})")
        self._told = time.monotonic()

    def _line(self, mark: str, step: Step, text: str) -> None:
        self._told = time.monotonic()
        self.console.print(f"{mark} {step.title}: {escape(text)}", highlight=False, soft_wrap=True)


@dataclass(kw_only=True)
class LiveDisplay:
    """Lines for what is done, and below them a table of what runs."""

    console: Console
    live: Live
    _current: dict[str, _Current] = field(default_factory=dict[str, _Current])

    def ready(self, step: Step, detail: str) -> None:
        self._done(step, detail)

    def started(self, step: Step) -> None:
        self._current[step.name] = _Current(step=step)
        self.tick()

    def progress(self, step: Step, text: str) -> None:
        self._current[step.name].text = text

    def finished(self, step: Step, detail: str, seconds: float) -> None:
        self._done(step, f"{detail} [dim]({duration(seconds)})[/]")

    def failed(self, failure: Failure, seconds: float) -> None:
        self._current.pop(failure.step.name, None)
        self.console.print(failure_text(failure, seconds), highlight=False)
        self.tick()

    def tick(self) -> None:
        table = Table.grid(padding=(0, 2))
        for current in self._current.values():
            expected = f"[dim]{usually(current.step)}[/]"
            text = escape(current.text[: max(20, self.console.width - 70)])
            table.add_row("[cyan]…[/]", current.step.title, current.elapsed, expected, f"[dim]{text}[/]")
        self.live.update(table)

    def _done(self, step: Step, detail: str) -> None:
        self._current.pop(step.name, None)
        self.console.print(f"[green]✓[/] {step.title}: {detail}", highlight=False)
        self.tick()


def failure_text(failure: Failure, seconds: float) -> str:
    """Which step failed, why, and what to do."""
    reason = escape(failure.reason).replace("\n", "\n    ")
    remedy = escape(failure.remedy)
    return f"[red]✗[/] {failure.step.title} failed after {duration(seconds)}: {reason}\n  [bold]→[/] {remedy}"
