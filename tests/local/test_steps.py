"""Order, overlap, skipping and failure of the steps."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from local.process import StoppedError
from local.steps import Failure, Report, Step, StepError, run


@dataclass
class Recorded:
    """A display that writes down what it is told."""

    events: list[str] = field(default_factory=list[str])

    def ready(self, step: Step, detail: str) -> None:
        self.events.append(f"ready {step.name}: {detail}")

    def started(self, step: Step) -> None:
        self.events.append(f"started {step.name}")

    def progress(self, step: Step, text: str) -> None:
        self.events.append(f"progress {step.name}: {text}")

    def finished(self, step: Step, detail: str, seconds: float) -> None:
        self.events.append(f"finished {step.name}: {detail}")

    def failed(self, failure: Failure, seconds: float) -> None:
        self.events.append(f"failed {failure.step.name}: {failure.reason} -> {failure.remedy}")

    def tick(self) -> None:
        pass


def step(
    name: str,
    *needs: str,
    run: Callable[[Report], str] = lambda _report: "made",
    done: Callable[[], str | None] = lambda: None,
) -> Step:
    return Step(name=name, title=name, needs=needs, done=done, run=run, remedy="try again")


def played(*steps: Step) -> tuple[list[str], list[Failure]]:
    display = Recorded()
    failures = run(steps, display, lambda: None, tick_seconds=0.01)
    return display.events, failures


def test_a_step_starts_after_those_it_needs() -> None:
    events, failures = played(step("a"), step("b", "a"), step("c", "b"))
    assert failures == []
    assert events == [line for name in "abc" for line in (f"started {name}", f"finished {name}: made")]


def test_independent_steps_overlap() -> None:
    meeting = threading.Barrier(2, timeout=5)

    def meet(_report: Report) -> str:
        meeting.wait()
        return "met"

    events, failures = played(step("a", run=meet), step("b", run=meet))
    assert failures == []
    assert {"finished a: met", "finished b: met"} <= set(events)


def test_what_is_done_is_not_run() -> None:
    def never(_report: Report) -> str:
        raise AssertionError

    events, failures = played(step("a", done=lambda: "v1", run=never), step("b", "a"))
    assert failures == []
    assert events == ["ready a: v1", "started b", "finished b: made"]


def test_progress_is_shown_in_order() -> None:
    def talk(report: Report) -> str:
        report("one")
        report("two")
        return "three"

    events, _ = played(step("a", run=talk))
    assert events == ["started a", "progress a: one", "progress a: two", "finished a: three"]


def test_a_failure_names_reason_and_remedy_and_stops_only_what_needs_it() -> None:
    def fail(_report: Report) -> str:
        raise StepError("no space", "free some")

    events, failures = played(step("a", run=fail), step("b", "a"), step("c"))
    assert "failed a: no space -> free some" in events
    assert "finished c: made" in events
    assert not any("b" in event.split()[1] for event in events)
    assert [failure.step.name for failure in failures] == ["a"]


def test_a_failure_without_a_remedy_gets_the_steps() -> None:
    def fail(_report: Report) -> str:
        raise OSError("gone")

    events, _ = played(step("a", run=fail))
    assert events[-1] == "failed a: OSError: gone -> try again"


def test_a_check_that_fails_is_a_failure_of_its_step() -> None:
    def broken() -> str | None:
        raise PermissionError("not yours")

    events, _ = played(step("a", done=broken))
    assert events == ["failed a: PermissionError: not yours -> try again"]


def test_a_stopped_step_says_nothing() -> None:
    def stop(_report: Report) -> str:
        raise StoppedError

    events, failures = played(step("a", run=stop), step("b", "a"))
    assert events == ["started a"]
    assert failures == []


def test_an_interruption_stops_the_steps_and_waits_until_they_have_tidied_up() -> None:
    stopped = threading.Event()
    tidied: list[str] = []

    def work(_report: Report) -> str:
        stopped.wait(5)
        tidied.append("a")
        raise StoppedError

    class Interrupting(Recorded):
        def tick(self) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([step("a", run=work)], Interrupting(), stopped.set, tick_seconds=0.01)
    assert stopped.is_set()
    assert tidied == ["a"]


def test_a_display_that_fails_is_no_silence() -> None:
    class Broken(Recorded):
        def finished(self, step: Step, detail: str, seconds: float) -> None:
            raise OSError("no terminal")

    with pytest.raises(OSError, match="no terminal"):
        run([step("a"), step("b", "a")], Broken(), lambda: None, tick_seconds=0.01)


def test_needs_have_to_come_first() -> None:
    with pytest.raises(ValueError, match="step a needs b, which must come before it"):
        played(step("a", "b"), step("b"))
