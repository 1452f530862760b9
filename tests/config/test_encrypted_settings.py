"""Encrypted values of settings that are not secret would end up in clear: refused, and not repeated."""

from typing import Any

import pytest

from tests.support.loaded_settings import ENCRYPTED, KUBECONFIG, PASSWORD, SET, problems, write_stack_file

CLEAR = "would be in clear in the cluster and in the state"


def test_an_encrypted_variable_is_refused_by_name() -> None:
    write_stack_file(env={"GREETING": "hello", "DSN": ENCRYPTED})
    assert problems(("env",), env={"GREETING": "hello", "DSN": PASSWORD}) == [
        f"env.DSN: is encrypted, and {CLEAR}; move it to secrets.DSN:"
        f" {SET} --secret secrets.DSN, then pulumi config rm --path env.DSN"
    ]


# Each value is wrong, and would be repeated by the rule it breaks.
ENCRYPTED_SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a text": ({"service": {"name": ENCRYPTED}}, {"service": {"name": PASSWORD + "_"}}, "service.name"),
    "a number": ({"service": {"port": ENCRYPTED}}, {"service": {"port": PASSWORD}}, "service.port"),
    "a part": (
        {"resources": {"cpuLimit": ENCRYPTED}},
        {"resources": {"cpuLimit": PASSWORD}},
        "resources.cpuLimit",
    ),
    "the user": (
        {"image": {"repository": "ghcr.io/acme/shop", "username": ENCRYPTED, "password": ENCRYPTED}},
        {"image": {"username": PASSWORD, "password": PASSWORD}},
        "image.username",
    ),
    "a context beside a kubeconfig": (
        {"cluster": {"context": ENCRYPTED, "kubeconfig": ENCRYPTED}},
        {"cluster": {"context": PASSWORD, "kubeconfig": KUBECONFIG}},
        "cluster.context",
    ),
    "what is required": (
        {"image": {"repository": ENCRYPTED}},
        {"image": {"repository": PASSWORD + "/UPPER"}},
        "image.repository",
    ),
    "an item": (
        {"network": {"ingressNamespaces": ["monitoring", ENCRYPTED]}},
        {"network": {"ingressNamespaces": ["monitoring", PASSWORD + "_"]}},
        "network.ingressNamespaces[1]",
    ),
    "an entry": (
        {"canary": {"queries": {"depth": ENCRYPTED}}},
        {"canary": {"queries": {"depth": PASSWORD}}},
        "canary.queries.depth",
    ),
    "an entry beside secret ones": (
        {"canary": {"prometheusHeaders": {"X-A": ENCRYPTED}, "queries": {"depth": ENCRYPTED}}},
        {"canary": {"prometheusHeaders": {"X-A": PASSWORD}, "queries": {"depth": PASSWORD}}},
        "canary.queries.depth",
    ),
    "a setting of a section within another": (
        {"canary": {"metrics": {"statusLabel": ENCRYPTED}}},
        {"canary": {"metrics": {"statusLabel": PASSWORD}}},
        "canary.metrics.statusLabel",
    ),
    "an item of a section within another": (
        {"canary": {"metrics": {"pathLabels": ["route", ENCRYPTED]}}},
        {"canary": {"metrics": {"pathLabels": ["route", PASSWORD]}}},
        "canary.metrics.pathLabels[1]",
    ),
    "a section within another": (
        {"canary": {"metrics": ENCRYPTED}},
        {"canary": {"metrics": PASSWORD}},
        "canary.metrics",
    ),
    "an entry with dots": (
        {"ingress": {"annotations": {"example.com/a": ENCRYPTED}}},
        {"ingress": {"annotations": {"example.com/a": f"https://me:{PASSWORD}@example.com"}}},
        'ingress.annotations["example.com/a"]',
    ),
}


def test_nothing_is_repeated_of_a_section_with_an_encrypted_value() -> None:
    """What stands beside it may be a secret from elsewhere."""
    write_stack_file(service={"name": ENCRYPTED})
    (line,) = problems(("service",), service={"name": "shop", "namespace": PASSWORD + "_"})
    assert line.startswith("service.name: is encrypted")


@pytest.mark.parametrize("case", ENCRYPTED_SETTINGS)
def test_an_encrypted_setting_is_refused_by_path_and_not_repeated(case: str) -> None:
    in_file, sections, key = ENCRYPTED_SETTINGS[case]
    write_stack_file(**in_file)
    quoted = f"'{key}'" if "[" in key else key
    assert problems(tuple(sections), **sections) == [
        f"{key}: is encrypted, and {CLEAR};"
        f" pulumi config rm --path {quoted}, or set it without --secret if it is not a secret"
    ]


def test_a_section_encrypted_as_a_whole_is_refused_as_such() -> None:
    write_stack_file(service=ENCRYPTED, env=ENCRYPTED, image=ENCRYPTED)
    lines = problems(
        ("service", "env", "image"),
        service={"name": PASSWORD, "replicas": 0},
        env={"A": PASSWORD},
        image={"repository": PASSWORD, "password": PASSWORD},
    )
    assert lines == [
        f"env: is encrypted, and {CLEAR}; move it to secrets:"
        f" {SET} --secret secrets, then pulumi config rm --path env",
        *(
            f"{name}: is encrypted, and {CLEAR};"
            f" pulumi config rm --path {name}, or set it without --secret if it is not a secret"
            for name in ("image", "service")
        ),
    ]


@pytest.mark.parametrize("in_file", [{}, {"env": {"A": "1"}}, {"secrets": {"A": ENCRYPTED}}])
def test_a_secret_that_the_stack_file_does_not_show_is_refused_with_its_section(
    in_file: dict[str, Any],
) -> None:
    write_stack_file(**in_file)
    lines = problems(("env", "ingress"), env={"A": "1", "B": PASSWORD}, ingress={"host": PASSWORD})
    assert lines == [
        f"{section}: holds a secret, Pulumi.dev.yaml does not show which value it is, and all would be in"
        " clear; put secrets into the section secrets, wherever they come from"
        for section in ("env", "ingress")
    ]


def test_what_may_be_the_secret_of_the_image_is_refused() -> None:
    """The values of another --config-file are not those of the stack file either."""
    write_stack_file(image={"repository": "ghcr.io/acme/other", "password": ENCRYPTED})
    lines = problems(("image",), image={"username": PASSWORD, "password": PASSWORD, "base": "alpine"})
    assert lines == [
        f"image.{name}: may be a secret of this section, as its value is not from Pulumi.dev.yaml, and"
        f" would be in clear; set it there, only image.password may come from elsewhere: {SET} --type string"
        f" image.{name} TEXT"
        for name in ("base", "repository", "username")
    ]


def test_a_context_that_may_be_the_secret_of_the_cluster_is_refused() -> None:
    lines = problems(("cluster",), cluster={"context": PASSWORD, "kubeconfig": KUBECONFIG})
    assert lines == [
        "cluster.context: may be a secret of this section, as its value is not from Pulumi.dev.yaml, and"
        " would be in clear; set it there, only cluster.kubeconfig may come from elsewhere:"
        f" {SET} --type string cluster.context TEXT"
    ]


def test_what_may_be_a_secret_of_a_canary_is_refused() -> None:
    """… in the section within it too. Its secrets themselves may come from elsewhere."""
    write_stack_file(canary={"prometheus": "https://a.example.com", "metrics": {"preset": "gin"}})
    lines = problems(
        ("canary",),
        canary={
            "prometheus": "https://a.example.com",
            "prometheusHeaders": {"X-A": PASSWORD},
            "prometheusUsername": PASSWORD,
            "prometheusPassword": PASSWORD,
            "metrics": {"preset": "gin", "statusLabel": PASSWORD, "errors": ""},
        },
    )
    assert lines == [
        f"canary.{name}: may be a secret of this section, as its value is not from Pulumi.dev.yaml, and would"
        " be in clear; set it there, only canary.prometheusHeaders, canary.prometheusPassword or"
        f" canary.prometheusToken may come from elsewhere: {SET} --type string canary.{name} TEXT"
        for name in ("metrics.statusLabel", "prometheusUsername")
    ]


def test_without_a_stack_file_nothing_of_the_image_is_shown_but_defaults() -> None:
    lines = problems(("image",), image={"password": PASSWORD, "goVersion": "1.26"})
    assert [line.partition(":")[0] for line in lines] == ["image.password", "image.repository"]
    assert lines[0] == "image.password: is set without a username"


def test_an_encrypted_value_that_is_no_setting_is_refused_as_such() -> None:
    write_stack_file(image={"repository": "ghcr.io/acme/shop", "passwd": ENCRYPTED})
    assert problems(("image",), image={"passwd": PASSWORD}) == [
        "image.passwd: is not a setting, did you mean image.password?; pulumi config rm --path image.passwd"
    ]
