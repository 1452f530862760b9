"""Pure parts of the embedded default: contexts, mirrors, launchers, packet filter, addresses, messages."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from rich.console import Console

from local import debian, engine, firewall, golang, images, provider_plugins, services, tools
from local.containers import Container
from local.display import StepDisplay, duration, failure_text
from local.images import Image
from local.manifests import Plugin, plugins
from local.paths import Paths
from local.site import Site
from local.steps import Failure, Step


def test_a_build_context_is_the_same_for_the_same_files(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "bin").mkdir(parents=True)
    (tree / "bin/tool").write_text("#!/bin/sh\n")
    (tree / "bin/tool").chmod(0o755)
    (tree / "link").symlink_to("bin/tool")
    image = Image(tag="t", dockerfile="FROM scratch\n", files={"a.txt": b"a" * 20000, "tree": tree})
    packed, again = io.BytesIO(), io.BytesIO()
    image.pack(packed)
    image.pack(again)
    assert packed.getvalue() == again.getvalue()
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        assert archive.getnames() == ["Dockerfile", "a.txt", "tree", "tree/bin", "tree/bin/tool", "tree/link"]
        assert archive.getmember("tree/bin/tool").mode == 0o755
        assert archive.getmember("tree/link").linkname == "bin/tool"
        content = archive.extractfile("a.txt")
        assert content is not None
        assert content.read() == b"a" * 20000
        assert {(entry.uid, entry.uname) for entry in archive} == {(0, "")}


def test_an_images_key_follows_its_inputs(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("one")
    image = Image(tag="t", dockerfile="FROM scratch\n", files={"config": file})
    before = image.key
    assert before == image.key
    file.write_text("two")
    assert before != image.key
    assert (
        Image(tag="t", dockerfile="FROM scratch\n", files={}, seed="1").key
        != Image(tag="t", dockerfile="FROM scratch\n", files={}, seed="2").key
    )


def test_a_containers_label_follows_its_settings() -> None:
    container = Container(name="n", image="i", arguments=("--a",), key="1")
    others = [
        Container(name="n", image="i", arguments=("--b",), key="1"),
        Container(name="n", image="i", arguments=("--a",), key="2"),
        Container(name="n", image="i", arguments=("--a",), key="1", command=("sh",)),
    ]
    assert container.label not in {other.label for other in others}
    assert container.label == Container(name="other", image="i", arguments=("--a",), key="1").label


@pytest.mark.parametrize(
    ("text", "mirror"),
    [
        ("deb http://mirror.example.com/debian bookworm main\n", "http://mirror.example.com/debian"),
        ("deb [arch=amd64] https://m.example.com/debian/ bookworm main\n", "https://m.example.com/debian"),
        ("Types: deb\nURIs: http://deb.debian.org/debian\n", "http://deb.debian.org/debian"),
        (
            "# deb http://old.example.com/debian x\ndeb http://apt.example.com/ubuntu jammy main\n",
            debian.MIRROR,
        ),
        ("deb http://security.debian.org/debian-security x main\n", debian.MIRROR),
    ],
)
def test_the_mirror_of_the_machine(tmp_path: Path, text: str, mirror: str) -> None:
    sources = tmp_path / "sources.list"
    sources.write_text(text)
    assert debian.machine_mirror([sources, tmp_path / "missing"]) == mirror


def test_the_builder_image_takes_the_machines_go_and_its_module_proxy() -> None:
    settings = {"GOPROXY": "https://proxy.example.com", "GONOSUMDB": ""}
    files: dict[str, bytes | Path] = {"ca-certificates.crt": b"pem", "go": Path("/usr/local/go")}
    built = golang.image(images.BASE, settings, files, "go1.26.8")
    lines = built.dockerfile.splitlines()
    assert lines[0] == "FROM 127.0.0.1:5000/debian:bookworm-slim"
    assert "COPY go /usr/local/go" in lines
    assert 'ENV GOPROXY="https://proxy.example.com"' in lines
    assert "GONOSUMDB" not in built.dockerfile


def test_the_builder_image_on_the_public_one_brings_no_go() -> None:
    built = golang.image(golang.PUBLIC, {}, {"ca-certificates.crt": b"pem"}, "")
    assert built.dockerfile.startswith("FROM golang:1.26-bookworm\n")
    assert "COPY go " not in built.dockerfile


def test_a_launcher_runs_the_checkouts_module() -> None:
    paths = Paths(cache=Path("/cache"), state=Path("/state"), checkout=Path("/my src"))
    assert engine.launcher(paths, "/venv/bin/python") == (
        "#!/bin/sh\nunset PYTHONDONTWRITEBYTECODE\n"
        "PYTHONPATH='/my src' PYTHONPYCACHEPREFIX=/state/bytecode "
        'exec /venv/bin/python -u -m local.language_host "$@"\n'
    )


def test_the_plugins_the_program_needs_are_the_ones_that_are_built() -> None:
    wanted = {plugin.name: plugin.version for plugin in provider_plugins.required()}
    assert list(wanted) == ["command", "docker", "docker-build", "kubernetes"]
    built = {name: tools.plugin(name, wanted) for name in wanted}
    assert built["command"] == built["docker"]
    assert "provider.Version=" + wanted["docker-build"] in built["docker-build"].ldflags
    assert "pkg/version.Version=" + wanted["kubernetes"] in built["kubernetes"].ldflags
    for tool in built.values():
        assert (tool.source / "go.sum").is_file()


def test_plugins_are_told_by_their_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    named = [Plugin(name=name, version="1.0.0", server="") for name in ("command", "kubernetes")]
    built = provider_plugins.describe(named)
    assert built == "official: kubernetes 1.0.0; substitutes: command 1.0.0"
    (tmp_path / "plugins/resource-command-v1.0.0").mkdir(parents=True)
    assert provider_plugins.describe(named) == "official: command 1.0.0, kubernetes 1.0.0"


def test_plugins_are_read_from_packages(tmp_path: Path) -> None:
    for package, described in {
        "pulumi_named": {"resource": True, "name": "named", "version": "v1.2.3", "server": "https://x"},
        "pulumi_bare": {"resource": True},
        "pulumi_none": {"resource": False, "name": "none"},
    }.items():
        (tmp_path / package).mkdir()
        (tmp_path / package / "pulumi-plugin.json").write_text(json.dumps(described))
    assert plugins([tmp_path]) == [
        Plugin(name="bare", version="", server=""),
        Plugin(name="named", version="1.2.3", server="https://x"),
    ]


RULES = """\
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 172.18.0.0/16 ! -o br-0123456789ab -j MASQUERADE
-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [1:2]
:FORWARD DROP [3:4]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -i eth1 -j ACCEPT
COMMIT
"""


def test_only_dockers_rules_are_taken_out() -> None:
    assert (
        firewall.without_docker(RULES, forward="ACCEPT")
        == """\
*nat
:PREROUTING ACCEPT [0:0]
-A POSTROUTING -s 10.9.0.0/16 -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [1:2]
:FORWARD ACCEPT [3:4]
-A FORWARD -i eth1 -j ACCEPT
COMMIT
"""
    )


def test_addresses_are_those_of_published_node_ports() -> None:
    def service(name: str, *ports: dict[str, int]) -> dict[str, object]:
        return {"metadata": {"namespace": "shop", "name": name}, "spec": {"ports": list(ports)}}

    listed = {
        "items": [
            service("web", {"port": 80, "nodePort": 30080}),
            service("far", {"port": 80, "nodePort": 31000}),
            service("inner", {"port": 80}),
            {"metadata": {"namespace": "shop", "name": "headless"}, "spec": {}},
        ]
    }
    found = services.addresses(json.dumps(listed))
    assert [(address.service, address.url) for address in found] == [("shop/web", "http://127.0.0.1:30080/")]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (60, "1 min 00 s"), (125, "2 min 05 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def shown() -> tuple[StepDisplay, io.StringIO]:
    out = io.StringIO()
    return StepDisplay(Console(file=out, width=200)), out


KUBE = Step(name="kube", title="Kubernetes", usual=480, done=lambda: None, run=lambda _report: "")


def test_a_log_says_what_runs_and_how_long_it_usually_takes() -> None:
    display, out = shown()
    display.started(KUBE)
    display.finished(KUBE, "v1.34.4 [amd64]", 301.0)
    assert out.getvalue() == "… Kubernetes: usually 8 min 00 s\n✓ Kubernetes: v1.34.4 [amd64] (5 min 01 s)\n"


def test_a_log_shows_now_and_then_that_a_long_step_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    display, out = shown()
    display.started(KUBE)
    display.progress(KUBE, "compiled 17 packages")
    display.tick()
    assert "compiled" not in out.getvalue()
    monkeypatch.setattr("local.display.HEARTBEAT_SECONDS", 0.0)
    display.tick()
    assert "Kubernetes: compiled 17 packages (0 s, usually 8 min 00 s)" in out.getvalue()


def test_a_failure_says_which_why_and_what_to_do() -> None:
    failure = Failure(step=KUBE, reason="go: no network\nexit 1", remedy="Connect it.")
    assert failure_text(failure, 3.0) == (
        "[red]✗[/] Kubernetes failed after 3 s: go: no network\n    exit 1\n  [bold]→[/] Connect it."
    )


def test_the_users_own_plugin_is_linked_and_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "theirs"))
    paths = Paths(cache=tmp_path / "cache", state=tmp_path / "state")
    plugin = Plugin(name="docker-build", version="0.0.22", server="")
    theirs = tmp_path / "theirs/plugins/resource-docker-build-v0.0.22/pulumi-resource-docker-build"
    theirs.parent.mkdir(parents=True)
    theirs.touch()
    site = Site.of(paths)
    assert not provider_plugins.are_built(site, [plugin])
    provider_plugins.build(site, [plugin], lambda _text: None)
    assert provider_plugins.are_built(site, [plugin])
    assert (paths.pulumi_home / "plugins" / plugin.directory / theirs.name).resolve() == theirs
