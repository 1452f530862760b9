"""How the gate reaches Prometheus: what its requests carry, and what is said of it."""

from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest

from components import ArgsError, Probes
from components.analysis import PrometheusAccess
from components.kubernetes import Metrics
from components.strategies import Canary
from components.strategies.canary.access import login_warning, own_paths, prometheus_access, with_secrets
from tests.support.recording import record

URL = "https://prometheus.example.com/prometheus"
LOGIN = "hunter2-7431"
USER = Canary(prometheus=URL, prometheus_username="robot", prometheus_password="pässword")
TOKEN = Canary(prometheus=URL, prometheus_headers={"X-Scope-OrgID": "acme"}, prometheus_token=LOGIN)


def test_a_user_logs_in_by_basic_authentication() -> None:
    assert prometheus_access(USER).headers == {"Authorization": "Basic cm9ib3Q6cMOkc3N3b3Jk"}


def test_a_token_is_sent_beside_other_headers() -> None:
    expected = {"X-Scope-OrgID": "acme", "Authorization": f"Bearer {LOGIN}"}
    assert prometheus_access(TOKEN) == PrometheusAccess(address=URL, headers=expected)


def test_authorities_are_read_where_the_program_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    found = prometheus_access(Canary(prometheus=URL, prometheus_ca="ca.pem"))
    assert found == PrometheusAccess(address=URL, ca="ca.pem")


def test_nothing_of_a_login_is_in_its_text() -> None:
    assert LOGIN not in repr(TOKEN)
    assert LOGIN not in repr(prometheus_access(TOKEN))


def resolved(make: Callable[[], Canary]) -> tuple[Canary, bool]:
    """The canary of `with_secrets`, and whether it is a secret. Outputs are made within a program."""
    found: list[Canary] = []
    secret: list[bool] = []

    def program() -> None:
        output = with_secrets(make())
        output.apply(found.append)
        pulumi.Output.from_input(output.is_secret()).apply(secret.append)

    record(program)
    return found[0], secret[0]


def test_a_canary_without_a_login_is_no_secret() -> None:
    canary = Canary(prometheus=URL)
    assert resolved(lambda: canary) == (canary, False)


def with_token(token: str) -> Canary:
    """A canary whose token is an Output, with a header."""
    headers: dict[str, pulumi.Input[str]] = {"X-Scope-OrgID": "acme"}
    late = pulumi.Output.from_input(token)
    return Canary(prometheus=URL, prometheus_headers=headers, prometheus_token=late)


def test_logins_may_be_outputs() -> None:
    assert resolved(lambda: with_token(LOGIN)) == (TOKEN, True)


def test_a_login_that_is_known_late_is_checked_then() -> None:
    with pytest.raises(ArgsError, match=r"^Canary\.prometheus_token: has characters") as caught:
        resolved(lambda: with_token(f"{LOGIN}\n"))
    assert LOGIN not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["http://prometheus.monitoring:9090", "http://10.0.0.7", "http://[fd00::7]:9090"]
)
def test_a_login_that_others_can_read_is_said(address: str) -> None:
    assert login_warning(Canary(prometheus=address, prometheus_token=LOGIN)) == (
        f"canary.prometheus: {address} is not encrypted, so others on the way can read the login;"
        " use https://, with canary.prometheusCa for an authority of your own"
    )


@pytest.mark.parametrize(
    "canary",
    [
        TOKEN,
        Canary(prometheus="http://prometheus.monitoring:9090"),
        *(
            Canary(prometheus=f"http://{host}:9090", prometheus_token=LOGIN)
            for host in ("localhost", "127.0.0.1", "127.8.0.1", "[::1]")
        ),
    ],
    ids=lambda canary: canary.prometheus,
)
def test_nothing_is_said_of_a_login_that_nobody_can_read(canary: Canary) -> None:
    assert login_warning(canary) == ""


def test_the_paths_of_a_service_are_those_that_are_asked_for() -> None:
    http = Probes(liveness_path="/live", readiness_path="/ready")
    assert own_paths(http, Metrics(path="/internal/metrics"), 8080) == (
        "/live",
        "/ready",
        "/internal/metrics",
    )
    assert own_paths(Probes(probe="tcp"), Metrics(), 8080) == ("/metrics",)
    assert own_paths(Probes(probe="tcp"), Metrics(port=8080), 8080) == ("/metrics",)
    assert own_paths(Probes(probe="tcp"), Metrics(port=9100), 8080) == ()
