"""`rollback` pins a release that ran before, and runs the update with the stack's policies."""

from collections.abc import Callable

import pytest

from .conftest import Result, Stack

pytestmark = pytest.mark.usefixtures("history")
READ = "config --json --show-secrets --stack dev"
PIN = f"config set --stack dev --path --type string image.pin v1@sha256:{'1' * 64}"


def calls(stack: Stack) -> list[str]:
    """Arguments of each call of pulumi."""
    return stack.pulumi.read_text().splitlines()


@pytest.mark.parametrize("wanted", [(), ("--to", "previous"), ("--to", "v1"), ("--to", "1" * 9)])
def test_a_release_is_pinned_and_brought_up(
    stack: Stack, run: Callable[..., Result], wanted: tuple[str, ...]
) -> None:
    assert run("rollback", "--stack", "dev", *wanted) == (
        0,
        f"rolling back to v1, sha256:{'1' * 64}\n"
        "v1 serves. Nothing new is built while it is pinned. To build again:\n"
        "  pulumi config rm --stack dev --path image.pin\n",
    )
    assert calls(stack) == [READ, PIN, "up --yes --stack dev"]


def test_the_release_that_is_left_is_recorded(stack: Stack, run: Callable[..., Result]) -> None:
    """So that the next rollback goes further back, and not forward again."""
    assert run("rollback").code == 0
    (patch,) = (stack.folder / "patches").read_text().splitlines()
    assert " patch replicaset shop-2 " in patch
    assert "replaced by a rollback to v1" in patch


def test_the_policies_of_the_stack_are_checked(stack: Stack, run: Callable[..., Result]) -> None:
    policies = stack.folder / "policies"
    policies.mkdir()
    for name in ("PulumiPolicy.yaml", "prod.json"):
        (policies / name).touch()
    assert run("rollback").code == 0
    assert calls(stack)[-1] == (
        "up --yes --stack dev --policy-pack policies --policy-pack-config policies/prod.json"
    )


def test_an_update_that_fails_is_said(stack: Stack, run: Callable[..., Result]) -> None:
    (stack.folder / "up-code").write_text("255")
    code, output = run("rollback")
    assert code == 1
    assert not (stack.folder / "patches").exists()
    assert output.endswith(
        "error: `pulumi up` failed, and its reason is above; the same rollback may be run again\n"
    )


def test_an_unknown_release_changes_nothing(stack: Stack, run: Callable[..., Result]) -> None:
    code, output = run("rollback", "--to", "v9")
    assert code == 1
    assert output.startswith("error: no release v9 ran on the stable track; there are ")
    assert output.endswith("; `make history` lists them\n")
    assert calls(stack) == [READ]


def test_a_release_of_another_repository_changes_nothing(stack: Stack, run: Callable[..., Result]) -> None:
    stack.configure(image={"repository": "ghcr.io/acme/other"})
    assert run("rollback") == (
        1,
        f"error: ghcr.io/acme/shop@sha256:{'1' * 64} is not in ghcr.io/acme/other;"
        " set image.repository back, then roll back again\n",
    )
    assert calls(stack) == [READ]
