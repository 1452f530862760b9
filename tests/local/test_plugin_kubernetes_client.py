"""The stand-in Kubernetes provider's way to a cluster: kubeconfigs, credentials, and failing requests."""

from __future__ import annotations

import base64
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from local.plugins.base import PluginError
from local.plugins.kubernetes import client as client_module
from local.plugins.kubernetes import credentials, kubeconfig
from local.plugins.kubernetes.client import Cancelled, Client
from local.plugins.kubernetes.connection import Connection, ExecPlugin
from local.plugins.kubernetes.discovery import Discovery
from local.plugins.kubernetes.errors import ApiError, Unreachable
from local.plugins.kubernetes.objects import Gvk

CONFIG = """
current-context: dev
clusters:
- name: one
  cluster: {server: "https://one:6443/", certificate-authority: ca.crt, tls-server-name: kube}
- name: two
  cluster: {server: "https://two:6443", insecure-skip-tls-verify: true, proxy-url: "http://proxy"}
users:
- name: alice
  user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}
- name: bob
  user: {token: t0ken}
contexts:
- name: dev
  context: {cluster: one, user: alice, namespace: shop}
- name: prod
  context: {cluster: two, user: bob}
- name: lost
  context: {cluster: three, user: bob}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "ca.crt").write_text("CA")
    path = tmp_path / "config"
    path.write_text(CONFIG)
    return path


def load(kubeconfig_: str = "", context: str = "", cluster: str = "", **environ: str) -> Connection:
    return kubeconfig.load(kubeconfig=kubeconfig_, context=context, cluster=cluster, environ=environ)


def test_the_current_context(config: Path) -> None:
    assert load(str(config)) == Connection(
        server="https://one:6443",
        source=str(config),
        context="dev",
        user="alice",
        namespace="shop",
        ca=b"CA",
        tls_server_name="kube",
        client_cert=b"CERT",
        client_key=b"KEY",
    )


def test_another_context_and_cluster(config: Path) -> None:
    prod = load(context="prod", KUBECONFIG=str(config))
    assert (prod.server, prod.token, prod.insecure, prod.proxy) == (
        "https://two:6443",
        "t0ken",
        True,
        "http://proxy",
    )
    assert prod.namespace == "default"
    assert load(str(config), cluster="two").server == "https://two:6443"


def test_contents_files_and_the_home_directory(config: Path, tmp_path: Path) -> None:
    assert load(CONFIG, context="prod").source == "kubernetes:kubeconfig"
    context, cluster = (
        {"name": "a", "context": {"cluster": "b"}},
        {"name": "b", "cluster": {"server": "http://c"}},
    )
    as_json = json.dumps({"contexts": [context], "clusters": [cluster]})
    assert load(as_json).server == "http://c"
    (tmp_path / ".kube").mkdir()
    config.rename(tmp_path / ".kube" / "config")
    assert load(context="prod", HOME=str(tmp_path)).server == "https://two:6443"


def test_several_files_are_merged_and_the_first_wins(config: Path, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.write_text("users: [{name: bob, user: {token: other}}]\ncurrent-context: prod\n")
    merged = load(KUBECONFIG=f"{first}:{tmp_path / 'missing'}:{config}")
    assert (merged.context, merged.token) == ("prod", "other")


@pytest.mark.parametrize(
    ("text", "context", "message"),
    [
        (
            CONFIG,
            "qa",
            "kubernetes:kubeconfig has no context 'qa' (kubernetes:context); set kubernetes:context "
            "to one of: dev, lost, prod",
        ),
        (
            CONFIG,
            "lost",
            "kubernetes:kubeconfig: context 'lost' refers to the cluster 'three', which is not there "
            "(clusters: one, two); correct the context or choose another",
        ),
        (
            CONFIG.replace("current-context: dev", "").lstrip(),
            "",
            "kubernetes:kubeconfig has no current context; set kubernetes:context to one of: dev, lost, prod",
        ),
        ("a: [\nb\n", "", "kubernetes:kubeconfig is not a kubeconfig: while parsing"),
        (
            "just\ntext",
            "",
            "kubernetes:kubeconfig is not a kubeconfig: it holds no clusters, users and contexts",
        ),
        ("clusters:\n- a\n", "", "kubernetes:kubeconfig has no current context; it has no contexts at all"),
        (
            CONFIG.replace("https://two", "two"),
            "prod",
            "the cluster of context 'prod' has no server URL (server: 'two:6443'); it must start "
            "with https://",
        ),
        (
            CONFIG.replace("token: t0ken", "auth-provider: {name: gcp}"),
            "prod",
            "user 'bob' uses auth-provider, which Kubernetes removed in 1.26; use the provider's "
            "exec plugin instead",
        ),
        (CONFIG.replace("Q0VSVA==", "A"), "dev", "client-certificate-data is not base64"),
    ],
)
def test_what_is_wrong_with_a_kubeconfig(
    text: str, context: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ca.crt").write_text("CA")
    with pytest.raises(PluginError) as error:
        load(text, context)
    assert message in str(error.value)


def test_no_kubeconfig_at_all(tmp_path: Path) -> None:
    with pytest.raises(PluginError) as error:
        load(HOME=str(tmp_path))
    assert str(error.value) == (
        "no kubeconfig: KUBECONFIG is not set and ~/.kube/config is not there; set KUBECONFIG, or run "
        "`pulumi config set kubernetes:kubeconfig <path>`"
    )
    missing = tmp_path / "none"
    with pytest.raises(PluginError, match="there is no such file; set it to a kubeconfig that is there"):
        load(KUBECONFIG=str(missing))
    with pytest.raises(
        PluginError, match=r"there is no file .*none; give a kubeconfig's path or its contents"
    ):
        load(str(missing))


def test_a_pod_uses_its_own_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfig, "_POD_ACCOUNT", tmp_path)
    for name in ("token", "namespace", "ca.crt"):
        (tmp_path / name).write_text(f"{name}\n")
    found = load(HOME=str(tmp_path), KUBERNETES_SERVICE_HOST="fd00::1", KUBERNETES_SERVICE_PORT="443")
    assert (found.server, found.namespace, found.ca) == ("https://[fd00::1]:443", "namespace", b"ca.crt\n")
    assert credentials.Credentials(found).current().header == "Bearer token"


def plugin(code: str, **fields: Any) -> ExecPlugin:
    return ExecPlugin(command=sys.executable, args=("-c", code), **fields)


def test_a_credential_command_is_run_once_until_it_expires_or_is_refused() -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    code = (
        "import json, os, uuid; info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "assert info['spec']['cluster']['server'] == 'https://a' and os.environ['MORE'] == '1'\n"
        f"print(json.dumps({{'status': {{'token': uuid.uuid4().hex, 'expirationTimestamp': '{soon}'}}}}))"
    )
    exec_plugin = plugin(code, env={"MORE": "1"}, cluster={"server": "https://a"})
    found = credentials.Credentials(Connection(server="https://a", source="c", exec=exec_plugin))
    first = found.current()
    assert first.header.startswith("Bearer ")
    assert found.current() is first
    found.refused(first)
    assert found.current().header != first.header
    expired = plugin('print(\'{"status": {"token": "x", "expirationTimestamp": "2020-01-01T00:00:00Z"}}\')')
    short = credentials.Credentials(Connection(server="https://a", source="c", exec=expired))
    assert short.current() is not short.current()


@pytest.mark.parametrize(
    ("exec_plugin", "message"),
    [
        (
            ExecPlugin(command="no-such-command-here"),
            "c: the credential command 'no-such-command-here' is not installed; install it or put it on PATH",
        ),
        (
            ExecPlugin(command="no-such-command-here", install_hint="get it there"),
            "is not installed; get it there",
        ),
        (
            plugin("import sys; sys.exit('please sign in')"),
            "ended with exit code 1 (please sign in); sign in again and retry",
        ),
        (
            plugin("print('{}')"),
            "printed no ExecCredential with a token or a client certificate; check its arguments",
        ),
        (plugin("print('nonsense')"), "printed no ExecCredential"),
    ],
)
def test_a_credential_command_that_fails(exec_plugin: ExecPlugin, message: str) -> None:
    with pytest.raises(PluginError) as error:
        credentials.run(exec_plugin, source="c")
    assert message in str(error.value)


def test_other_credentials() -> None:
    def header(**fields: Any) -> str:
        return credentials.Credentials(Connection(server="https://a", source="c", **fields)).current().header

    assert header(token="t") == "Bearer t"
    assert header(basic=("u", "p")) == "Basic " + base64.b64encode(b"u:p").decode()
    assert header() == ""
    with pytest.raises(PluginError, match="the token file /nonexistent cannot be read"):
        header(token_file="/nonexistent")


Answer = tuple[int, dict[str, Any], dict[str, str]]


class Server:
    """An HTTP server that gives the answers it was told to, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer | None] = []
        self.requests: list[tuple[str, str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # one packet per answer

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.requests.append((self.command, self.path, self.headers.get("Authorization", "")))
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                if answer is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                status, body, headers = answer
                data = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
                self.wfile.flush()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    thread = threading.Thread(target=found.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield found
    found.http.shutdown()
    found.http.server_close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_FIRST_DELAYS", (0.01, 0.01))
    monkeypatch.setattr(client_module, "_DELAYS", (0.01, 0.01, 0.01))


@pytest.fixture
def connect(server: Server) -> Callable[..., Client]:
    def connect(cancelled: bool = False, **fields: Any) -> Client:
        stop = threading.Event()
        if cancelled:
            stop.set()
        connection = Connection(server=server.url, source="test", **fields)
        return Client(connection, user_agent="test", cancelled=stop)

    return connect


OK: Answer = (200, {"kind": "Thing"}, {})


def test_requests_carry_credentials_and_bring_warnings(
    server: Server, connect: Callable[..., Client]
) -> None:
    server.answers = [(200, {}, {"Warning": '299 - "unknown field \\"a\\"", 299 - "b"'})]
    answer = connect(token="t").request("PATCH", "/apis/x", query={"force": "true"}, body={"a": 1})
    assert list(answer.warnings) == ['unknown field "a"', "b"]
    assert server.requests == [("PATCH", "/apis/x?force=true", "Bearer t")]


@pytest.mark.parametrize(
    "trouble",
    [
        (429, {}, {"Retry-After": "0"}),
        (503, {}, {}),
        (500, {"message": "etcdserver: leader changed"}, {}),
        (500, {"message": "x", "reason": "ServerTimeout"}, {}),
        None,
    ],
)
def test_short_outages_are_ridden_out(
    server: Server, connect: Callable[..., Client], trouble: Answer | None
) -> None:
    server.answers = [trouble, trouble, OK]
    assert connect().request("GET", "/x").body == {"kind": "Thing"}
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500])
def test_refusals_are_final(server: Server, connect: Callable[..., Client], status: int) -> None:
    server.answers = [(status, {"message": "no", "reason": "Why", "details": {"name": "x"}}, {})]
    with pytest.raises(ApiError, match="no") as error:
        connect().request("GET", "/x")
    assert (error.value.status, error.value.reason, error.value.details) == (status, "Why", {"name": "x"})
    assert len(server.requests) == 1


def test_long_outages_are_reported(server: Server, connect: Callable[..., Client]) -> None:
    server.answers = [(503, {"message": "starting"}, {})]
    with pytest.raises(ApiError, match="starting"):
        connect().request("GET", "/x")
    assert len(server.requests) == 4


def test_a_user_who_stops_waits_for_nothing(server: Server, connect: Callable[..., Client]) -> None:
    server.answers = [(503, {}, {})]
    with pytest.raises(Cancelled):
        connect(cancelled=True).request("GET", "/x")
    assert len(server.requests) == 1


def test_refused_credentials_are_renewed_once(server: Server, connect: Callable[..., Client]) -> None:
    code = "import json, uuid; print(json.dumps({'status': {'token': uuid.uuid4().hex}}))"
    server.answers = [(401, {}, {}), OK]
    connect(exec=plugin(code)).request("GET", "/x")
    assert len({authorization for _, _, authorization in server.requests}) == 2
    server.answers = [(401, {}, {})]
    with pytest.raises(PluginError, match=r"does not accept the credentials of user 'alice' \(401\)"):
        connect(token="old", user="alice").request("GET", "/x")


def test_nothing_listens() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        client = Client(Connection(server=url, source="test"), user_agent="test", cancelled=threading.Event())
        with pytest.raises(Unreachable, match=f"{url} cannot be reached: connection refused"):
            client.request("GET", "/x")


def test_bad_certificates_are_told_before_anything_is_sent() -> None:
    broken = Connection(
        server="https://127.0.0.1:1", source="test", context="dev", client_cert=b"x", client_key=b"y"
    )
    client = Client(broken, user_agent="test", cancelled=threading.Event())
    with pytest.raises(PluginError, match="test: the certificates of context 'dev' cannot be used"):
        client.request("GET", "/x")


def test_kinds_are_asked_for_once_per_group(server: Server, connect: Callable[..., Client]) -> None:
    kinds = [
        {"kind": "Deployment", "name": "deployments", "namespaced": True},
        {"kind": "Scale", "name": "deployments/scale", "namespaced": True},
        {"kind": "Odd", "name": "odds", "namespaced": False},
    ]
    server.answers = [(200, {"resources": kinds}, {})]
    discovery = Discovery(connect())
    found = discovery.find(Gvk(group="apps", version="v1", kind="Deployment"))
    assert found is not None
    assert found.path("shop", "web") == "/apis/apps/v1/namespaces/shop/deployments/web"
    assert found.path("shop") == "/apis/apps/v1/namespaces/shop/deployments"
    odd = discovery.find(Gvk(group="apps", version="v1", kind="Odd"))
    assert odd is not None
    assert odd.path("shop", "a:b") == "/apis/apps/v1/odds/a%3Ab"
    assert [path for _, path, _ in server.requests] == ["/apis/apps/v1"]
    # What is not there now may be there in a moment.
    assert discovery.find(Gvk(group="apps", version="v1", kind="Scale")) is None
    discovery.forget()
    assert discovery.find(Gvk(group="", version="v1", kind="Odd")) is not None
    assert server.requests[-1][1] == "/api/v1"


def test_a_group_that_is_not_there_has_no_kinds(server: Server, connect: Callable[..., Client]) -> None:
    server.answers = [(404, {}, {})]
    assert Discovery(connect()).find(Gvk(group="argoproj.io", version="v1alpha1", kind="Rollout")) is None
