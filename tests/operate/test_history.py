"""`history` lists what the cluster remembers."""

from collections.abc import Callable

import pytest

from .conftest import Result, Stack


@pytest.mark.usefixtures("history")
def test_releases_are_listed_newest_first_with_verdict_and_reason(run: Callable[..., Result]) -> None:
    code, output = run("history", "--stack", "dev")
    assert code == 0
    head, *rows = (line.split() for line in output.splitlines())
    assert head == ["version", "commit", "digest", "when", "(UTC)", "verdict"]
    assert [" ".join(row) for row in rows] == [
        f"v3 c0ffee3c0ffe {'3' * 12} 2026-01-03 10:00 rolled back: 2 of 2 samples failed",
        f"serves v2 c0ffee2c0ffe {'2' * 12} 2026-01-02 10:00 promoted: passed 9 samples [a/b]",
        f"v1 c0ffee1c0ffe {'1' * 12} 2026-01-01 10:00 promoted",
    ]


def test_a_service_that_does_not_run_is_named(run: Callable[..., Result]) -> None:
    assert run("history") == (
        1,
        "error: shop does not run in namespace team; `pulumi up` brings it up\n",
    )


@pytest.mark.usefixtures("history")
def test_the_cluster_of_the_stack_is_asked(stack: Stack, run: Callable[..., Result]) -> None:
    stack.configure(cluster={"context": "staging"})
    assert run("history", "--stack", "dev").code == 0
    calls = stack.kubectl.read_text().splitlines()
    assert calls
    assert all(call.startswith("--context=staging --namespace team ") for call in calls)


def test_wrong_settings_are_reported_word_for_word(stack: Stack, run: Callable[..., Result]) -> None:
    stack.configure(network={"egressPorts": ["[b]"]})
    assert run("history") == (
        1,
        "error: 1 setting is wrong in stack dev:\n"
        '  network.egressPorts: ["[b]"] is not a list of integers;'
        " pulumi config set --path 'network.egressPorts[0]' NUMBER\n",
    )


def test_an_error_of_kubectl_is_passed_on(stack: Stack, run: Callable[..., Result]) -> None:
    (stack.folder / "bin/kubectl").write_text("#!/bin/sh\necho 'error: no [such] context' >&2; exit 1\n")
    assert run("history") == (1, "error: error: no [such] context\n")
