"""Pods whose database is away when they start wait for it, and serve soon after it is back."""

import subprocess
import time

import pytest

from .conftest import Embedded
from .servers import PASSWORD, postgres_server

pytestmark = pytest.mark.e2e

AWAY_SECONDS = 30
# Quicker than the defaults, so that a pod that is to be killed is killed while the test looks.
SETTINGS = {
    "service.startSeconds": 5,
    "service.livenessPeriodSeconds": 5,
    "service.livenessFailures": 2,
    "rollout.timeoutSeconds": 120,
}
READINESS_SECONDS = 10  # the default period


def test_they_are_not_restarted_and_serve_at_the_next_probe(embedded: Embedded) -> None:
    inspect = ("docker", "inspect", "goservice-node", "--format")
    gateway = (
        embedded.run(*inspect, "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}").ok().output.strip()
    )
    with postgres_server("127.0.0.1", gateway) as postgres:
        postgres.stop()
        url = f"postgres://sample:{PASSWORD}@{gateway}:{postgres.port}/postgres"
        secret = ("config", "set", "--secret", "--path", "secrets.DATABASE_URL")
        embedded.pulumi(*secret, url, "--stack", embedded.stack).ok()
        embedded.set(**SETTINGS)
        old = {pod["metadata"]["name"] for pod in embedded.objects("pods")}
        with subprocess.Popen(
            ["pulumi", "up", "--yes", "--skip-preview", "--stack", embedded.stack, "--non-interactive"],
            cwd=embedded.checkout,
            env=embedded.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as update:
            time.sleep(AWAY_SECONDS)
            assert update.poll() is None, "no new pod can be ready yet"
            waiting = [pod for pod in embedded.objects("pods") if pod["metadata"]["name"] not in old]
            postgres.start()
            back = time.monotonic()
            output, _ = update.communicate(timeout=120)
            took = time.monotonic() - back
        assert update.returncode == 0, output
        assert waiting
        assert all(pod["status"]["containerStatuses"][0]["started"] for pod in waiting), waiting
        restarts = [p["status"]["containerStatuses"][0]["restartCount"] for p in embedded.objects("pods")]
        assert set(restarts) == {0}, restarts
        # One wait for the pod that was there; those after it find the database.
        assert took <= READINESS_SECONDS + 10, took
        embedded.run("git", "checkout", "--quiet", "--", "Pulumi.dev.yaml").ok()
        embedded.up().ok()
    assert embedded.changes() == {}
