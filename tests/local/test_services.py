"""Waiting for a service to answer, in the version of the release."""

import json

import httpx
import pytest

from local import services
from local.services import Address
from local.steps import StepError

SAMPLE = Address(service="shop/web", url="http://127.0.0.1:30080/")


class Server:
    """Answers one text after the other, the last one again and again; a number is a status without a text."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str | int) -> None:
        self.answers = list(answers)
        self.now = 0.0
        monkeypatch.setattr(httpx, "get", self.get)
        monkeypatch.setattr("local.services.time.monotonic", lambda: self.now)

    def get(self, _url: str, **_options: object) -> httpx.Response:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return httpx.Response(200, text=answer) if isinstance(answer, str) else httpx.Response(answer)

    def pause(self, seconds: float) -> None:
        self.now += seconds


def test_a_version_is_not_found_in_another_that_begins_like_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(monkeypatch, "shop abc123-dirty (old)", "shop abc123-dirty (old)", "shop abc123 (new)")
    assert services.wait_until_ready(SAMPLE, server.pause, "abc123") == "shop abc123 (new)"


def test_a_service_that_says_no_version_is_waited_for_until_it_has_rolled_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Server(monkeypatch, "hello\nworld")
    assert services.wait_until_ready(SAMPLE, server.pause, "abc123", lambda: server.now >= 4) == "hello"
    assert 4 + services.PROXY_SECONDS < server.now < 4 + services.PROXY_SECONDS + 1


def test_a_first_answer_of_the_new_version_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(monkeypatch, "shop abc123 (new)")
    services.wait_until_ready(SAMPLE, server.pause, "abc123", lambda: server.now >= 4)
    assert server.now == 4


def test_old_pods_that_never_leave_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(monkeypatch, "shop old")
    with pytest.raises(StepError, match=r"HTTP 200, and old pods still serve$"):
        services.wait_until_ready(SAMPLE, server.pause, "abc123", lambda: False)


NEW, OLD = "r/sample@sha256:new", "r/sample@sha256:old"


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        ({"a": True}, True),
        ({"a": True, "b": True}, False),  # b is an old pod
        ({"a": True, "b": False}, True),  # which is leaving
        ({"a": False}, False),
        ({"gone": True}, False),
        ({}, False),
    ],
)
def test_a_service_has_rolled_out_once_its_endpoints_run_the_image(
    endpoints: dict[str, bool], expected: bool
) -> None:
    pods = [
        {"kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [{"image": image}]}}
        for name, image in {"a": NEW, "b": OLD}.items()
    ]
    slices = [
        {
            "kind": "EndpointSlice",
            "metadata": {"labels": {"kubernetes.io/service-name": service}},
            "endpoints": [
                {"targetRef": {"name": pod}, "conditions": {"ready": ready}} for pod, ready in own.items()
            ],
        }
        for service, own in {"web": endpoints, "other": {"b": True}}.items()
    ]
    listed = json.dumps({"items": [*pods, *slices]})
    assert services.serves_only(listed, "web", NEW) is expected


def test_a_service_of_another_stack_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(monkeypatch, "hello")
    assert services.wait_until_ready(SAMPLE, server.pause) == "hello"
    assert not server.now


def test_one_that_does_not_answer_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(monkeypatch, 503)
    with pytest.raises(
        StepError, match=r"shop/web does not respond at http://127.0.0.1:30080/: HTTP 503"
    ) as no:
        services.wait_until_ready(SAMPLE, server.pause)
    assert "kubectl get pods -n shop" in no.value.remedy
