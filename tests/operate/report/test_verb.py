"""`report` writes the page and prints where it is."""

from collections.abc import Callable

import pytest

from tests.operate.conftest import Result, Stack, replica_set
from tests.operate.test_status import deployment, pod
from tests.support import trials

PATH = ".goservice/report.html"


def read(stack: Stack) -> str:
    return (stack.folder / PATH).read_text(encoding="utf-8")


@pytest.mark.usefixtures("history")
def test_a_page_about_the_last_trial(stack: Stack, run: Callable[..., Result]) -> None:
    tried = deployment(3, "canary", 0, record=("rolled back", "2 of 4 samples failed"))
    tried["metadata"]["annotations"]["goservice/points"] = trials.BAD.to_json()
    stack.write("tracks", {"items": [deployment(2, "stable", 3), tried, pod("s1", "stable")]})
    assert run("report", "--stack", "dev") == (0, f"{PATH}\n")
    text = read(stack)
    assert "<title>shop v3: rolled back</title>" in text
    assert "namespace team, stack dev, strategy rolling" in text
    assert "v2, 1 of 3 pods ready" in text
    assert text.count("<svg") == 4
    assert (stack.folder / ".goservice/.gitignore").read_text() == "*\n"


def test_a_page_about_a_release_without_a_trial(stack: Stack, run: Callable[..., Result]) -> None:
    stack.write("tracks", {"items": [deployment(1, "stable", 3)]})
    stack.serve(1, replica_set(1, revision=1))
    (stack.folder / ".goservice").mkdir()
    assert run("report").code == 0
    assert "There was no trial of this release" in read(stack)


def test_a_service_that_does_not_run_is_named(stack: Stack, run: Callable[..., Result]) -> None:
    stack.write("tracks", {"items": []})
    assert run("report") == (1, "error: shop does not run in namespace team; `pulumi up` brings it up\n")
    assert not (stack.folder / PATH).exists()


def test_a_service_without_a_history_is_named(stack: Stack, run: Callable[..., Result]) -> None:
    stack.write("tracks", {"items": [deployment(1, "stable", 3)]})
    stack.serve(1)
    assert run("report") == (1, "error: the cluster remembers no release of shop; `pulumi up` makes one\n")


@pytest.mark.usefixtures("history")
def test_values_of_variables_are_not_in_the_page(stack: Stack, run: Callable[..., Result]) -> None:
    new, old = deployment(2, "stable", 3), replica_set(1, revision=1)
    variables = [[{"name": "TOKEN", "value": value}] for value in ("geheim-1", "geheim-2")]
    new["spec"]["template"]["spec"]["containers"][0]["env"] = variables[0]
    old["spec"]["template"]["spec"]["containers"][0]["env"] = variables[1]
    stack.write("tracks", {"items": [new]})
    stack.serve(2, old, replica_set(2, revision=2))
    assert run("report").code == 0
    assert "env.TOKEN" in read(stack)
    assert "geheim" not in read(stack)
