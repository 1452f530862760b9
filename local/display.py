"""Progress of the steps: a line per event, and in a terminal the running steps below."""

import time

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from local.steps import Failure, Step

HEARTBEAT_SECONDS = 20.0
DONE, RUNNING = "[green]✓[/]", "[cyan]…[/]"


def duration(seconds: float) -> str:
    """Seconds as text: 4 s, 2 min 05 s."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


class StepDisplay:
    """Prints a line per event. Without a terminal, long steps print a line every HEARTBEAT_SECONDS."""

    def __init__(self, console: Console) -> None:
        self.console = console
        rest = Column(no_wrap=True, ratio=1)
        self.live = Progress(
            TextColumn(RUNNING),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[usually]}", style="dim"),
            TextColumn("{task.fields[text]}", style="dim", markup=False, table_column=rest),
            console=console,
            expand=True,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._last_line = time.monotonic()

    def ready(self, step: Step, detail: str) -> None:
        self._line(DONE, step.title, detail)

    def started(self, step: Step) -> None:
        usually = f"usually {duration(step.usual)}" if step.usual else ""
        self._tasks[step.name] = self.live.add_task(step.title, total=None, usually=usually, text="")
        if self.live.disable:
            self._line(RUNNING, step.title, usually)

    def progress(self, step: Step, text: str) -> None:
        self.live.update(self._tasks[step.name], text=text)

    def finished(self, step: Step, detail: str, seconds: float) -> None:
        self._remove(step)
        self._line(DONE, step.title, f"{detail} ({duration(seconds)})")

    def failed(self, failure: Failure, seconds: float) -> None:
        self._remove(failure.step)
        self.console.print(failure_text(failure, seconds), highlight=False, soft_wrap=True)

    def tick(self) -> None:
        if not self.live.disable or time.monotonic() - self._last_line < HEARTBEAT_SECONDS:
            return
        for task in self.live.tasks:
            after = ", ".join(filter(None, (duration(task.elapsed or 0), task.fields["usually"])))
            self._line(RUNNING, task.description, f"{task.fields['text']} ({after})")
        self._last_line = time.monotonic()

    def _remove(self, step: Step) -> None:
        if (task := self._tasks.pop(step.name, None)) is not None:
            self.live.remove_task(task)
            self.live.refresh()

    def _line(self, mark: str, title: str, text: str) -> None:
        self._last_line = time.monotonic()
        self.console.print(f"{mark} {title}: {escape(text)}", highlight=False, soft_wrap=True)


def failure_text(failure: Failure, seconds: float) -> str:
    """Message with the failed step, the reason and the remedy."""
    reason = escape(failure.reason).replace("\n", "\n    ")
    remedy = escape(failure.remedy)
    return f"[red]✗[/] {failure.step.title} failed after {duration(seconds)}: {reason}\n  [bold]→[/] {remedy}"
