"""What a pod answers, through a `kubectl proxy` that is a script, and an API server that is this process."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from components.cluster import Cluster, Kubectl
from components.cluster.pods.pod_answer import answer

TEAM = Kubectl(namespace="team")
REFUSED = {"kind": "Status", "apiVersion": "v1", "message": "error trying to reach service", "code": 503}


class Server:
    """An API server that gives one answer, and a `kubectl` whose proxy it is."""

    def __init__(self, directory: Path) -> None:
        self.status, self.body, self.asked = 200, b"", list[str]()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                self.send_response(server.status)
                self.end_headers()
                self.wfile.write(server.body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.called, self.kubectl = directory / "called", directory / "kubectl"
        self.prints(f"Starting to serve on 127.0.0.1:{self._http.server_port}")

    def prints(self, line: str) -> None:
        self.kubectl.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" > {self.called}\necho "{line}"\nexec sleep 60\n'
        )
        self.kubectl.chmod(0o755)

    def end(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    server = Server(tmp_path)
    yield server
    server.end()


@pytest.mark.parametrize("status", [200, 404, 500, 503])
def test_status_and_body_are_the_pods(server: Server, status: int) -> None:
    server.status, server.body = status, b'{"status":"not ready"}\n'
    assert answer(TEAM, "shop-1", 8080, "/health/ready?full") == (status, '{"status":"not ready"}\n')
    target = "/api/v1/namespaces/team/pods/shop-1:8080/proxy/health/ready"
    assert server.asked == [f"{target}?full"]


def test_the_proxy_is_for_this_one_question(server: Server) -> None:
    answer(TEAM, "shop-1", 8080, "/health/ready?full")
    path = r"/api/v1/namespaces/team/pods/shop\-1:8080/proxy/health/ready"
    assert server.called.read_text().splitlines() == [
        "proxy",
        "--port=0",
        f"--accept-paths=^{path}$",
        "--reject-methods=^(POST|PUT|PATCH|DELETE)$",
    ]


def test_the_proxy_is_of_the_cluster_that_is_meant(server: Server) -> None:
    meant = Cluster(kubeconfig="/etc/kube", context="staging", name="west")
    answer(Kubectl(namespace="team", cluster=meant), "shop-1", 8080, "/")
    flags = ["--kubeconfig=/etc/kube", "--context=staging", "--cluster=west", "proxy"]
    assert server.called.read_text().splitlines()[:4] == flags


def test_the_start_of_a_long_body_is_enough(server: Server) -> None:
    server.body = b"x" * 10_000_000
    assert answer(TEAM, "shop-1", 8080, "/") == (200, "x" * 4096)


def test_what_the_api_server_says_itself_is_no_answer_of_the_pod(server: Server) -> None:
    server.status, server.body = 503, json.dumps(REFUSED).encode()
    assert answer(TEAM, "shop-1", 8080, "/") is None


@pytest.mark.parametrize("line", ["", "error: no configuration", "Starting to serve on 127.0.0.1:1"])
def test_without_a_proxy_there_is_no_answer(server: Server, line: str) -> None:
    server.prints(line)
    assert answer(TEAM, "shop-1", 8080, "/") is None


def test_a_proxy_that_hangs_is_ended(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.cluster.pods.pod_answer._SECONDS", 0.2)
    server.kubectl.write_text("#!/bin/sh\nexec sleep 60\n")
    assert answer(TEAM, "shop-1", 8080, "/") is None


def test_without_kubectl_there_is_no_answer(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/none")
    assert answer(TEAM, "shop-1", 8080, "/") is None
