"""Secrets that are in clear, or would end up so, are refused and not repeated."""

from typing import Any

import pytest

from tests.support.loaded_settings import (
    ENCRYPTED,
    KUBECONFIG,
    PASSWORD,
    SET,
    loaded,
    problems,
    service_args,
    write_stack_file,
)

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "secrets in clear": (
        {"secrets": {"API_TOKEN": PASSWORD}, "image": {"username": "robot", "password": PASSWORD}},
        [
            f"image.password: is stored in clear; set a new value with {SET} --secret image.password",
            f"secrets.API_TOKEN: is stored in clear; set a new value with {SET} --secret secrets.API_TOKEN",
        ],
    ),
    "a kubeconfig in clear": (
        {"cluster": {"context": "staging", "kubeconfig": KUBECONFIG}},
        [f"cluster.kubeconfig: is stored in clear; set a new value with {SET} --secret cluster.kubeconfig"],
    ),
    "a kubeconfig in clear that is a path": (
        {"cluster": {"kubeconfig": PASSWORD}},
        [
            "cluster.kubeconfig: is not the text of a kubeconfig;"
            f" set it with {SET} --secret cluster.kubeconfig < FILE",
            f"cluster.kubeconfig: is stored in clear; set a new value with {SET} --secret cluster.kubeconfig",
        ],
    ),
    "a kubeconfig of a wrong type": (
        {"cluster": {"kubeconfig": {"users": [PASSWORD]}}},
        [
            f"cluster.kubeconfig: is stored in clear; set a new value with {SET} --secret cluster.kubeconfig",
            f"cluster.kubeconfig: the value is not a string; {SET} --type string cluster.kubeconfig TEXT",
        ],
    ),
    "headers and logins of Prometheus in clear": (
        {
            "canary": {
                "prometheusHeaders": {"X-Scope-OrgID": PASSWORD, "x.y": PASSWORD},
                "prometheusUsername": "robot",
                "prometheusPassword": PASSWORD,
            }
        },
        [
            f"canary.{key}: is stored in clear; set a new value with {SET} --secret canary.{key}"
            for key in ("prometheusHeaders.X-Scope-OrgID", 'prometheusHeaders["x.y"]', "prometheusPassword")
        ],
    ),
    "headers of a wrong type": (
        {"canary": {"prometheusHeaders": PASSWORD}},
        [
            "canary.prometheusHeaders: is stored in clear;"
            f" set a new value with {SET} --secret canary.prometheusHeaders",
            f"canary.prometheusHeaders: the value is not a map of strings; {SET} --type string"
            " canary.prometheusHeaders.NAME TEXT",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_says_what_is_wrong(case: str) -> None:
    sections, expected = CASES[case]
    lines = problems(**sections)
    assert lines == expected
    assert PASSWORD not in "\n".join(lines)


def test_a_header_in_clear_beside_an_encrypted_one_is_found() -> None:
    write_stack_file(canary={"prometheusHeaders": {"X-A": ENCRYPTED, "X-B": PASSWORD}})
    lines = problems(("canary",), canary={"prometheusHeaders": {"X-A": PASSWORD, "X-B": PASSWORD}})
    assert lines == [
        "canary.prometheusHeaders.X-B: is stored in clear;"
        f" set a new value with {SET} --secret canary.prometheusHeaders.X-B"
    ]


LOGIN = {"repository": "ghcr.io/acme/shop", "username": "robot"}


def test_encrypted_secrets_are_taken() -> None:
    write_stack_file(secrets={"API_TOKEN": ENCRYPTED}, image=LOGIN | {"password": ENCRYPTED})
    settings = loaded(
        ("secrets", "image"), secrets={"API_TOKEN": PASSWORD}, image=LOGIN | {"password": PASSWORD}
    )
    service = service_args(settings)
    assert service.secrets == {"API_TOKEN": PASSWORD}
    assert PASSWORD not in repr(service)
    assert PASSWORD not in repr(settings)


def test_a_section_of_secrets_may_be_encrypted_as_a_whole() -> None:
    write_stack_file(secrets=ENCRYPTED)
    settings = loaded(("secrets",), secrets={"API_TOKEN": PASSWORD})
    assert service_args(settings).secrets == {"API_TOKEN": PASSWORD}


def test_secrets_may_come_from_elsewhere() -> None:
    """From an ESC environment; of the section `image` all but the password is shown to be in clear."""
    write_stack_file(image=LOGIN)
    settings = loaded(
        ("secrets", "image"),
        secrets={"API_TOKEN": PASSWORD},
        image=LOGIN | {"password": PASSWORD, "platforms": ["linux/amd64", "linux/arm64"]},
    )
    assert settings.image.password == PASSWORD


def test_an_encrypted_kubeconfig_is_taken_beside_a_context_in_clear() -> None:
    write_stack_file(cluster={"context": "staging", "kubeconfig": ENCRYPTED})
    cluster = loaded(("cluster",), cluster={"context": "staging", "kubeconfig": KUBECONFIG}).cluster
    assert (cluster.context, cluster.kubeconfig) == ("staging", KUBECONFIG)
    assert PASSWORD not in repr(cluster)


def test_a_clear_value_beside_encrypted_ones_is_found_in_the_stack_file() -> None:
    write_stack_file(
        secrets={"SESSION_KEY": ENCRYPTED, "API_TOKEN": PASSWORD}, image=LOGIN | {"password": PASSWORD}
    )
    lines = problems(
        ("secrets", "image"),
        secrets={"SESSION_KEY": "x", "API_TOKEN": PASSWORD},
        image=LOGIN | {"password": PASSWORD},
    )
    assert lines == CASES["secrets in clear"][1]


def test_a_password_of_a_wrong_type_is_not_repeated() -> None:
    lines = problems(image={"username": "robot", "password": 7431})
    assert lines == [
        f"image.password: is stored in clear; set a new value with {SET} --secret image.password",
        f"image.password: the value is not a string; {SET} --type string image.password TEXT",
    ]
