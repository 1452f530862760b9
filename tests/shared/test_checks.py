"""Validators: what they let pass, and what not."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from components.image.platforms import GO_PLATFORMS, platform
from components.kubernetes import quantities
from components.shared import checks, references


@pytest.mark.parametrize("value", ["a", "a-1", "1a", "a" * 63])
def test_dns_labels(value: str) -> None:
    assert checks.dns_label(value) is None


@pytest.mark.parametrize("value", ["", "-a", "a-", "A", "a_b", "a.b", "ä", "a\n", "a" * 64])
def test_no_dns_labels(value: str) -> None:
    assert checks.dns_label(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("shop", None),
        ("shop-canary-2", None),
        (
            "shop-canary",
            '"shop-canary" ends with -canary, as the canary Deployment of another service may; '
            "choose another name",
        ),
        ("1shop", '"1shop" starts with a digit, which a Kubernetes Service must not; start it with a letter'),
        ("s" * 41, f'"{"s" * 41}" has 41 characters; use at most 40'),
    ],
)
def test_names_of_services(value: str, reason: str | None) -> None:
    assert checks.service_name(value) == reason


@pytest.mark.parametrize(("value", "legal"), [("a.b-c.example", True), ("a..b", False), ("a" * 254, False)])
def test_dns_subdomains(value: str, legal: bool) -> None:
    assert (checks.dns_subdomain(value) is None) is legal


@pytest.mark.parametrize(("value", "legal"), [("/", True), ("/a?b=c", True), ("", False), ("/a b", False)])
def test_http_paths(value: str, legal: bool) -> None:
    assert (checks.http_path(value) is None) is legal


@pytest.mark.parametrize(
    ("value", "legal"), [("A_1", True), ("_", True), ("1A", False), ("A-B", False), ("", False)]
)
def test_variable_names(value: str, legal: bool) -> None:
    assert (checks.variable_name(value) is None) is legal


def test_lists_read_as_sentences() -> None:
    assert checks.listed(["a"]) == "a"
    assert checks.listed(["a", "b"]) == "a or b"
    assert checks.listed(["a", "b", "c"]) == "a, b or c"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1", Decimal(1)),
        ("0.5", Decimal("0.5")),
        (".5", Decimal("0.5")),
        ("100m", Decimal("0.1")),
        ("1k", Decimal(1000)),
        ("64Mi", Decimal(64 * 2**20)),
        ("1G", Decimal(10**9)),
        ("1Ei", Decimal(2**60)),
        ("1e3", Decimal(1000)),
        ("1E", Decimal(10**18)),
    ],
)
def test_quantities(text: str, amount: Decimal) -> None:
    assert quantities.parse(text) == amount


@pytest.mark.parametrize("text", ["", "lots", "1 Gi", "1gi", "1KI", "-1", "1e", "m", "1Mi ", "٣"])
def test_no_quantities(text: str) -> None:
    assert quantities.parse(text) is None


@pytest.mark.parametrize(
    ("check", "text", "legal"),
    [
        (quantities.cpu, "1m", True),
        (quantities.cpu, "0", False),
        (quantities.cpu, "0.0001", False),
        (quantities.memory, "1Mi", True),
        (quantities.memory, "64m", False),
        (quantities.memory, "64", False),
    ],
)
def test_amounts_that_make_no_sense(check: Callable[[str], str | None], text: str, legal: bool) -> None:
    assert (check(text) is None) is legal


@pytest.mark.parametrize(("limit", "legal"), [("500m", True), ("0.1", True), ("99m", False), ("?", True)])
def test_a_limit_is_at_least_the_request(limit: str, legal: bool) -> None:
    assert (quantities.at_least(limit, "100m") is None) is legal


DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("shop", ("", "shop", "", "")),
        ("acme/shop:1.2", ("", "acme/shop", "1.2", "")),
        ("127.0.0.1:5000/sample", ("127.0.0.1:5000", "sample", "", "")),
        ("registry:5000/app", ("registry:5000", "app", "", "")),
        ("localhost/app:x", ("localhost", "app", "x", "")),
        (f"ghcr.io/a/b:1@{DIGEST}", ("ghcr.io", "a/b", "1", DIGEST)),
    ],
)
def test_references(text: str, parts: tuple[str, str, str, str]) -> None:
    found = references.parse(text)
    assert found
    assert (found.host, found.path, found.tag, found.digest) == parts


@pytest.mark.parametrize(
    "text", ["", "UPPER/x", "a b", "a//b", "http://a/b", "a:", f"a@{DIGEST[:-1]}", "a/b:ü"]
)
def test_no_references(text: str) -> None:
    assert references.parse(text) is None


@pytest.mark.parametrize(
    ("text", "legal"),
    [
        ("golang:1.26", True),
        (f"golang@{DIGEST}", True),
        ("golang", False),
        ("golang:latest", False),
        ("?", False),
    ],
)
def test_a_fixed_reference_does_not_move(text: str, legal: bool) -> None:
    assert (references.fixed(text) is None) is legal


def test_a_repository_names_no_image() -> None:
    assert references.repository("registry:5000/app") is None
    assert references.repository("registry:5000/app:1")
    assert references.repository(f"registry:5000/app@{DIGEST}")
    assert references.repository("not a repository")


def test_every_platform_of_go_is_legal() -> None:
    assert {platform(name) for name in GO_PLATFORMS} == {None}
    assert platform("linux/pdp11")
    assert platform("windows/amd64")
