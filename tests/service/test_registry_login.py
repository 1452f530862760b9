"""The login that the cluster pulls with: a pull secret of its own."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components import (
    ArgsError,
    GoService,
    GoServiceArgs,
    RegistryLogin,
    Release,
)
from tests.service.registered import ALWAYS, IMAGE, login, made, objects, pod
from tests.support.recording import Recording, Secret, clear_strings, record


def auths(recording: Recording) -> dict[str, Any]:
    held = recording["shop-pull"].inputs["stringData"]
    assert isinstance(held, Secret)
    return json.loads(held.value[".dockerconfigjson"])["auths"]


def test_a_login_becomes_a_pull_secret_before_those_that_are_named() -> None:
    recording = made(registry_login=login(), pull_secrets=("mirror",))
    assert objects(recording) - ALWAYS == {"shop-pull"}
    assert pod(recording)["spec"]["imagePullSecrets"] == [
        {"name": "shop-pull-0a1b2c3d"},
        {"name": "mirror"},
    ]
    assert recording["shop-namespace"].urn in recording["shop-pull"].dependencies
    assert recording["shop-pull"].urn in recording["shop-deployment"].dependencies


def test_the_pull_secret_is_a_docker_configuration_of_the_registry() -> None:
    recording = made(registry_login=login())
    assert recording["shop-pull"].inputs["type"] == "kubernetes.io/dockerconfigjson"
    assert auths(recording) == {
        "ghcr.io": {
            "username": "robot",
            "password": "hunter2-7431",
            "auth": base64.b64encode(b"robot:hunter2-7431").decode(),
        }
    }


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("", "https://index.docker.io/v1/"),
        ("docker.io", "https://index.docker.io/v1/"),
        ("index.docker.io", "https://index.docker.io/v1/"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
    ],
)
def test_a_login_of_docker_hub_has_the_key_of_docker(host: str, key: str) -> None:
    assert list(auths(made(registry_login=login(host)))) == [key]


@pytest.mark.parametrize("as_input", [str, pulumi.Output.from_input])
def test_the_password_is_registered_as_a_secret_alone(as_input: Callable[[str], Any]) -> None:
    def program() -> None:
        password = as_input("hunter2-7431")
        access = RegistryLogin(host="ghcr.io", username="robot", password=password)
        GoService("shop", GoServiceArgs(release=Release(image=IMAGE), name="shop", registry_login=access))

    recording = record(program)
    assert auths(recording)["ghcr.io"]["password"] == "hunter2-7431"
    encoded = base64.b64encode(b"robot:hunter2-7431").decode()
    clear = [text for r in recording.resources for text in clear_strings(r.inputs)]
    clear += [text for outputs in recording.outputs.values() for text in clear_strings(outputs)]
    assert not [text for text in clear if "hunter2" in text or encoded in text]
    assert recording["shop-pull"].secret_outputs == {"data", "stringData"}
    assert "hunter2" not in repr(login())


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"username": ""}, "username: is empty; name the user, or leave out the login"),
        ({"password": ""}, "password: is empty; give the password, or leave out the login"),
    ],
)
def test_half_a_login_is_refused(values: dict[str, str], problem: str) -> None:
    with pytest.raises(ArgsError) as caught:
        RegistryLogin(**{"host": "ghcr.io", "username": "robot", "password": "hunter2"} | values)
    assert str(caught.value) == f"RegistryLogin.{problem}"
