"""Settings: what a stack says becomes arguments, and everything wrong is said at once, word for word."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import ConfigError, Settings, load

from .go_module import write_module
from .recording import record
from .stack_config import merged

PASSWORD = "hunter2-7431"
ENCRYPTED = {"secure": "v1:abc"}


@pytest.fixture(autouse=True)
def _with_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_module(tmp_path)
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)


def loaded(secret_keys: tuple[str, ...] = (), **sections: Any) -> Settings:
    """Settings of a stack with a repository and the sections given."""
    sections = {"image": {}} | sections
    if isinstance(sections["image"], dict):
        sections["image"] = {"repository": "ghcr.io/acme/shop"} | sections["image"]
    values = {f"goservice:{name}": value for name, value in sections.items()}
    result: list[Settings] = []
    record(
        lambda: result.append(load()),
        config=merged(values),
        secret_keys=tuple(f"goservice:{key}" for key in secret_keys),
    )
    return result[0]


def stack_file(**sections: Any) -> None:
    """Writes the stack file that the engine would have read."""
    config = {f"goservice:{name}": value for name, value in sections.items()}
    Path("Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))


def problems(secret_keys: tuple[str, ...] = (), **sections: Any) -> list[str]:
    """Lines of the error, the headline left out."""
    with pytest.raises(ConfigError) as caught:
        loaded(secret_keys, **sections)
    headline, *lines = str(caught.value).split("\n  ")
    count = "1 setting is" if len(lines) == 1 else f"{len(lines)} settings are"
    assert headline == f"{count} wrong in stack dev:"
    return lines


def test_values_reach_the_arguments() -> None:
    settings = loaded(
        service={"name": "shop", "port": 9090, "type": "NodePort", "nodePort": 30080},
        image={"platforms": ["linux/amd64"], "pullSecrets": ["registry"]},
        autoscaling={"enabled": False},
        network={"egressPorts": [443]},
        ingress={"host": "shop.example.com", "tlsSecret": "shop-tls", "annotations": {"a/b": "c"}},
        env={"WORKERS": 4, "VERBOSE": True, "GREETING": "hello"},
    )
    assert settings.name == "shop"
    assert settings.image.port == 9090
    assert settings.image.platforms == ("linux/amd64",)
    service = settings.service(image=f"ghcr.io/acme/shop@sha256:{'a' * 64}")
    assert (service.name, service.port, service.type, service.node_port) == ("shop", 9090, "NodePort", 30080)
    assert service.pull_secrets == ("registry",)
    assert not service.autoscaling.enabled
    assert service.autoscaling.max_replicas == 20
    assert service.network.egress_ports == (443,)
    assert service.ingress.annotations == {"a/b": "c"}
    assert service.env == {"WORKERS": "4", "VERBOSE": "true", "GREETING": "hello"}


def test_values_are_read_from_the_environment_of_the_official_language_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = merged(
        {"goservice:image": {"repository": "ghcr.io/acme/shop"}, "goservice:service": {"port": 9191}}
    )
    monkeypatch.setattr("components.config_reader.get_config_env", lambda: config)
    result: list[Settings] = []
    record(lambda: result.append(load()))
    assert result[0].image.port == 9191


def test_defaults_of_the_arguments_do_without_pulumi_yaml() -> None:
    result: list[Settings] = []
    record(
        lambda: result.append(load()),
        config={"goservice:image": '{"repository": "ghcr.io/acme/shop"}', "kubernetes:context": "mine"},
    )
    assert result[0].image.port == 8080


SET = "pulumi config set --path"
PROMETHEUS = {"prometheus": "monitoring/prometheus:9090"}
CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "wrong types": (
        {
            "service": {"port": "abc", "createNamespace": "yes", "name": 12, "replicas": 2.5},
            "image": {"platforms": "linux/amd64", "goVersion": 1.26},
            "network": {"egressPorts": [443, "https"]},
            "ingress": {"annotations": ["a"]},
            "env": {"RATIO": 1.10, "LIST": []},
        },
        [
            f"env.LIST: is not a string; {SET} --type string env.LIST TEXT",
            f"env.RATIO: is not a string; {SET} --type string env.RATIO TEXT",
            f"image.goVersion: 1.26 is not a string; {SET} --type string image.goVersion TEXT",
            f"""image.platforms: "linux/amd64" is not a list of strings; {SET} 'image.platforms[0]' TEXT""",
            f'ingress.annotations: ["a"] is not a map of strings; {SET} --type string'
            " ingress.annotations.NAME TEXT",
            'network.egressPorts: [443, "https"] is not a list of integers;'
            f" {SET} 'network.egressPorts[0]' NUMBER",
            f'service.createNamespace: "yes" is not a boolean; {SET} service.createNamespace true',
            f"service.name: 12 is not a string; {SET} --type string service.name TEXT",
            f'service.port: "abc" is not an integer; {SET} service.port NUMBER',
            f"service.replicas: 2.5 is not an integer; {SET} service.replicas NUMBER",
        ],
    ),
    "a section that is no map": (
        {"service": "shop"},
        [f"service: is not a map; pulumi config rm service, then {SET} service.NAME VALUE"],
    ),
    "unknown keys": (
        {"service": {"replica": 3}, "resource": {"cpuLimit": "1"}, "xyzzy": "1", "service.port": "9090"},
        [
            "resource: is no setting, did you mean resources?; pulumi config rm resource",
            "service.port: was set without --path; pulumi config rm service.port,"
            f" then {SET} service.port VALUE",
            "service.replica: is no setting, did you mean service.replicas?;"
            " pulumi config rm --path service.replica",
            "xyzzy: is no setting; pulumi config rm xyzzy",
        ],
    ),
    "ranges": (
        {
            "service": {"port": 80, "replicas": 0, "type": "NodePort", "nodePort": 99},
            "autoscaling": {"minReplicas": 0, "maxReplicas": 1001, "cpuPercent": 0, "memoryPercent": 101},
            "rollout": {"timeoutSeconds": 29, "preStopSeconds": 61, "shutdownSeconds": 0},
            "network": {"egressPorts": [0]},
        },
        [
            "autoscaling.cpuPercent: 0 is out of range; use 1-100",
            "autoscaling.maxReplicas: 1001 is out of range; use 1-1000",
            "autoscaling.memoryPercent: 101 is out of range; use 1-100",
            "autoscaling.minReplicas: 0 is out of range; use 1-1000",
            "network.egressPorts: 0 is out of range; use 1-65535",
            "rollout.preStopSeconds: 61 is out of range; use 0-60",
            "rollout.shutdownSeconds: 0 is out of range; use 1-600",
            "rollout.timeoutSeconds: 29 is out of range; use 30-3600",
            "service.nodePort: 99 is out of range; use 30000-32767",
            "service.port: 80 is out of range; use 1024-65535",
            "service.replicas: 0 is out of range; use 1-1000",
        ],
    ),
    "min above max": (
        {"autoscaling": {"minReplicas": 9, "maxReplicas": 4}},
        ["autoscaling.minReplicas: 9 is above maxReplicas 4; lower it or raise maxReplicas"],
    ),
    "names": (
        {
            "service": {"name": "Not_DNS", "namespace": "a" * 64},
            "network": {"ingressNamespaces": ["under_score"]},
            "image": {"pullSecrets": ["-x"]},
        },
        [
            'image.pullSecrets: "-x" is not a DNS-1123 name;'
            " use lower-case letters, digits, inner hyphens and dots",
            'network.ingressNamespaces: "under_score" is not a DNS-1123 label;'
            " use lower-case letters, digits and inner hyphens",
            'service.name: "Not_DNS" is not a DNS-1123 label;'
            " use lower-case letters, digits and inner hyphens",
            f'service.namespace: "{"a" * 64}" has 64 characters; use at most 63',
        ],
    ),
    "a name too long": (
        {"service": {"name": "a" * 41}},
        [f'service.name: "{"a" * 41}" has 41 characters; use at most 40'],
    ),
    "a name Services refuse": (
        {"service": {"name": "1shop"}},
        [
            'service.name: "1shop" starts with a digit, which a Kubernetes Service must not;'
            " start it with a letter"
        ],
    ),
    "choices": (
        {
            "service": {"type": "Headless"},
            "image": {"builder": "kaniko", "base": "ubuntu"},
            "rollout": {"strategy": "big-bang"},
        },
        [
            'image.base: "ubuntu" is unknown; use scratch, alpine or distroless',
            'image.builder: "kaniko" is unknown; use buildkit or docker',
            'rollout.strategy: "big-bang" is unknown; use rolling or canary',
            'service.type: "Headless" is unknown; use ClusterIP, NodePort or LoadBalancer',
        ],
    ),
    "quantities": (
        {
            "resources": {
                "cpuRequest": "lots",
                "cpuLimit": "500m",
                "memoryRequest": "512Mi",
                "memoryLimit": "256Mi",
            }
        },
        [
            'resources.cpuRequest: "lots" is not an amount of CPU;'
            " use cores or thousandths, such as 0.5 or 500m",
            "resources.memoryLimit: 256Mi is below the request 512Mi; raise the limit or lower the request",
        ],
    ),
    "references": (
        {
            "image": {
                "repository": "127.0.0.1:5000/sample:latest",
                "builderImage": "golang",
                "base": "alpine",
                "baseImage": "mirror.example.com/alpine:latest",
                "cacheTo": ["Not Valid"],
            }
        },
        [
            'image.baseImage: "mirror.example.com/alpine:latest" means latest, which changes by itself;'
            " name a version tag or a digest",
            'image.builderImage: "golang" means latest, which changes by itself;'
            " name a version tag or a digest",
            'image.cacheTo: "Not Valid" is not an image reference;'
            " use registry host, path in lower case and tag, such as ghcr.io/acme/shop:1.2",
            'image.repository: "127.0.0.1:5000/sample:latest" has the tag "latest";'
            " leave it out, tags come from the version",
        ],
    ),
    "platforms": (
        {"image": {"platforms": ["linux/pdp11"]}},
        [
            'image.platforms: "linux/pdp11" is no platform of Go; use linux/386, linux/amd64, linux/arm,'
            " linux/arm64, linux/loong64, linux/mips, linux/mips64, linux/mips64le, linux/mipsle,"
            " linux/ppc64, linux/ppc64le, linux/riscv64 or linux/s390x"
        ],
    ),
    "no platform": (
        {"image": {"platforms": []}},
        ["image.platforms: is empty; name at least one, such as linux/amd64"],
    ),
    "what the docker builder cannot": (
        {"image": {"builder": "docker", "cacheTo": ["ghcr.io/acme/shop:cache"]}},
        [
            "image.cacheTo: the docker builder writes no cache; leave it out or use the builder buildkit",
            "image.platforms: the docker builder builds one platform; name one",
        ],
    ),
    "sources": (
        {"image": {"context": "docs"}},
        ['image.context: "docs" has no go.mod; name the directory of a Go module'],
    ),
    "packages and variables": (
        {
            "image": {
                "package": "./cmd/other",
                "goVersion": "latest",
                "buildTags": ["a b"],
                "versionVariable": "Version; rm -rf /",
            }
        },
        [
            'image.buildTags: "a b" is not a build tag; use letters, digits, _ and .',
            'image.goVersion: "latest" is not a Go release; use such as 1.26 or 1.26.8',
            'image.package: "./cmd/other" is no directory of "app"; name the one with the main package',
            'image.versionVariable: "Version; rm -rf /" is not a Go variable;'
            " use package and name, such as main.Version",
        ],
    ),
    "settings that need another": (
        {
            "service": {"nodePort": 30080},
            "image": {"username": "robot", "baseImage": "alpine:3.22"},
            "ingress": {"host": "shop.example.com"},
        },
        [
            "image.baseImage: is set while the base is scratch, which has no image;"
            " choose the base alpine or distroless",
            "image.username: is set without a password",
            'ingress.tlsSecret: is empty, and "shop.example.com" needs TLS; name a TLS secret',
            "service.nodePort: 30080 needs the type NodePort, not ClusterIP;"
            " set the type, or leave the port out",
        ],
    ),
    "paths": (
        {"service": {"livenessPath": "live", "readinessPath": "/a b"}},
        [
            'service.livenessPath: "live" is not an HTTP path; start it with / and leave out spaces',
            'service.readinessPath: "/a b" is not an HTTP path; start it with / and leave out spaces',
        ],
    ),
    "variables": (
        {
            "env": {
                "1ST": "a",
                "PORT": "1",
                "API_TOKEN": PASSWORD,
                "REDIS": f"redis://user:{PASSWORD}@cache:6379/0",
                "REPLICAS": f"redis://cache-1:6379,redis://user:{PASSWORD}@cache-2:6379/0",
                "DSN": f"host=db user=shop password={PASSWORD}",
                "SMTP_PASSWD": PASSWORD,
                "PEM": f"-----BEGIN RSA PRIVATE KEY-----\n{PASSWORD}\n",
                "EMPTY_PASSWORD": "",
                "PLAIN": "https://example.com:8443/a@b",
                "TEMPLATE": "host=db password=$DB_PASSWORD",
            }
        },
        [
            "env.1ST: is not a variable name; use letters, digits and _, not starting with a digit",
            "env.API_TOKEN: looks like a credential in clear; move it to secrets",
            "env.DSN: looks like a credential in clear; move it to secrets",
            "env.PEM: looks like a credential in clear; move it to secrets",
            "env.PORT: is set from service.port; leave it out",
            "env.REDIS: looks like a credential in clear; move it to secrets",
            "env.REPLICAS: looks like a credential in clear; move it to secrets",
            "env.SMTP_PASSWD: looks like a credential in clear; move it to secrets",
        ],
    ),
    "credentials in annotations": (
        {
            "ingress": {
                "annotations": {
                    "nginx.ingress.kubernetes.io/auth-url": f"https://me:{PASSWORD}@auth.example.com",
                    "nginx.ingress.kubernetes.io/configuration-snippet": (
                        f'proxy_set_header Authorization "Basic {PASSWORD}";'
                    ),
                    "nginx.ingress.kubernetes.io/auth-snippet": (
                        "proxy_set_header Authorization $http_authorization;"
                    ),
                    "nginx.ingress.kubernetes.io/auth-secret": "basic-auth",
                }
            }
        },
        [
            f"ingress.annotations.nginx.ingress.kubernetes.io/{name}: looks like a credential in clear;"
            " name a Secret that holds it, where the controller has an annotation for that"
            for name in ("auth-url", "configuration-snippet")
        ],
    ),
    "credentials in image references": (
        {
            "image": {
                "repository": f"robot:{PASSWORD}@ghcr.io/acme/shop",
                "builderImage": f"https://robot:{PASSWORD}@ghcr.io/acme/golang:1.26",
                "cacheFrom": [f"https://{PASSWORD}@ghcr.io/acme/shop:cache", "ghcr.io/acme/shop:1.2@v1"],
            }
        },
        [
            f"image.{name}: has credentials, which would be in clear; set image.username and image.password"
            for name in ("builderImage",)
        ]
        + [
            'image.cacheFrom: "ghcr.io/acme/shop:1.2@v1" is not an image reference;'
            " use registry host, path in lower case and tag, such as ghcr.io/acme/shop:1.2"
        ]
        + [
            f"image.{name}: has credentials, which would be in clear; set image.username and image.password"
            for name in ("cacheFrom", "repository")
        ],
    ),
    "a canary without Prometheus": (
        {"rollout": {"strategy": "canary"}, "autoscaling": {"minReplicas": 9}},
        [
            "canary.prometheus: is empty; name a Prometheus (a URL, or namespace/service:port),"
            " the strategy canary measures there"
        ],
    ),
    "a canary that is less than a pod": (
        {"rollout": {"strategy": "canary"}, "canary": PROMETHEUS, "autoscaling": {"minReplicas": 8}},
        [
            "canary.steps: 10 % is less than one pod beside 8 stable ones; raise the first step to 12"
            " or the pods (autoscaling.minReplicas, or service.replicas) to 9"
        ],
    ),
    "a canary beside a fixed number of pods": (
        {
            "rollout": {"strategy": "canary"},
            "canary": PROMETHEUS | {"steps": [33, 50]},
            "autoscaling": {"enabled": False, "minReplicas": 9},
            "service": {"replicas": 2},
        },
        [
            "canary.steps: 33 % is less than one pod beside 2 stable ones; raise the first step to 34"
            " or the pods (autoscaling.minReplicas, or service.replicas) to 3"
        ],
    ),
    "what is wrong with a canary in itself": (
        {
            "rollout": {"strategy": "canary"},
            "canary": {
                "prometheus": "prometheus:9090",
                "steps": [10, 51, 25],
                "intervalSeconds": 4,
                "warmupSeconds": 601,
                "minRequests": 0,
                "maxErrorPercent": "NaN",
                "maxErrorIncreasePercent": -0.5,
                "maxP99Milliseconds": -1,
                "failureLimit": 101,
                "unmeasuredLimit": -1,
                "queries": {"depth": "max(depth)", "fine": "max(depth) <= 1.5e3"},
            },
        },
        [
            "canary.analysisSeconds: 300 leaves no interval for each step after warm-up; use at least 613",
            "canary.failureLimit: 101 is out of range; use 0-100",
            "canary.intervalSeconds: 4 is out of range; use 5-600",
            "canary.maxErrorIncreasePercent: -0.5 is not a percentage; use 0 to 100, such as 1 or 0.5",
            "canary.maxErrorPercent: NaN is not a percentage; use 0 to 100, such as 1 or 0.5",
            "canary.maxP99Milliseconds: -1 is out of range; use 0-600000",
            "canary.minRequests: 0 is out of range; use 1-1000000",
            'canary.prometheus: "prometheus:9090" is no Prometheus; use a URL (http://prometheus.example.com)'
            " or namespace/service:port (monitoring/prometheus:9090)",
            'canary.queries.depth: "max(depth)" is not a query with a bound;'
            " write PromQL, a comparison and a number, such as max(queue_depth) <= 100",
            "canary.steps: 51 is out of range; use 1-50",
            "canary.steps: [10, 51, 25] does not ascend; order the shares",
            "canary.unmeasuredLimit: -1 is out of range; use 0-100",
            "canary.warmupSeconds: 601 is out of range; use 0-600",
        ],
    ),
    "a canary without steps": (
        {"rollout": {"strategy": "canary"}, "canary": PROMETHEUS | {"steps": []}},
        ["canary.steps: is empty; name at least one share, such as 10"],
    ),
    "a canary of wrong types": (
        {
            "rollout": {"strategy": "canary"},
            "canary": {"steps": "10", "maxErrorPercent": "much", "skip": "yes", "queries": ["a <= 1"]},
        },
        [
            f'canary.maxErrorPercent: "much" is not a number; {SET} canary.maxErrorPercent NUMBER',
            "canary.prometheus: is empty; name a Prometheus (a URL, or namespace/service:port),"
            " the strategy canary measures there",
            'canary.queries: ["a <= 1"] is not a map of strings;'
            f" {SET} --type string canary.queries.NAME TEXT",
            f'canary.skip: "yes" is not a boolean; {SET} canary.skip true',
            f"""canary.steps: "10" is not a list of integers; {SET} 'canary.steps[0]' NUMBER""",
        ],
    ),
    "a canary beside pods that cannot be counted": (
        {
            "rollout": {"strategy": "canary"},
            "canary": PROMETHEUS,
            "autoscaling": {"minReplicas": 0},
        },
        ["autoscaling.minReplicas: 0 is out of range; use 1-1000"],
    ),
    "a Prometheus that is kept from the pods": (
        {
            "rollout": {"strategy": "canary"},
            "canary": PROMETHEUS | {"steps": [50]},
            "network": {"ingressNamespaces": ["ingress-nginx"]},
        },
        [
            "network.ingressNamespaces: leaves out monitoring, from where Prometheus reads the pods' metrics;"
            " add it"
        ],
    ),
    "credentials in the address of Prometheus": (
        {"canary": {"prometheus": f"https://me:{PASSWORD}@prometheus.example.com"}},
        ["canary.prometheus: has credentials, which would be in clear; use an address that needs none"],
    ),
    "a release that is none": (
        {"image": {"pin": "v1.2.3"}},
        ['image.pin: "v1.2.3" is no release; use version@sha256:…, as `make history` shows them'],
    ),
    "secrets in clear": (
        {"secrets": {"API_TOKEN": PASSWORD}, "image": {"username": "robot", "password": PASSWORD}},
        [
            f"image.password: is stored in clear; set a new value with {SET} --secret image.password",
            f"secrets.API_TOKEN: is stored in clear; set a new value with {SET} --secret secrets.API_TOKEN",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_says_what_is_wrong(case: str) -> None:
    sections, expected = CASES[case]
    lines = problems(**sections)
    assert lines == expected
    assert PASSWORD not in "\n".join(lines)


def test_all_of_it_at_once() -> None:
    lines = problems(
        service={"port": "abc", "bogus": 1, "name": "Bad"},
        image={"repository": "UPPER", "context": "docs", "builder": "x"},
        autoscaling={"minReplicas": 0},
        resources={"cpuLimit": "?"},
        env={"1": "x"},
    )
    assert [line.partition(":")[0] for line in lines] == [
        "autoscaling.minReplicas",
        "env.1",
        "image.builder",
        "image.context",
        "image.repository",
        "resources.cpuLimit",
        "service.bogus",
        "service.name",
        "service.port",
    ]


@pytest.mark.parametrize("value", ["0.25", 0.25])
def test_decimals_may_be_text_or_numbers(value: Any) -> None:
    settings = loaded(canary={"maxErrorPercent": value, "maxErrorIncreasePercent": 2})
    canary = settings.service(image=f"ghcr.io/acme/shop@sha256:{'a' * 64}").canary
    assert canary.max_error_percent == Decimal("0.25")
    assert canary.max_error_increase_percent == 2


@pytest.mark.parametrize("address", ["http://127.0.0.1:9090", "https://a.example.com/prometheus/", "a/b:web"])
def test_a_prometheus_is_a_url_or_behind_the_api_server(address: str) -> None:
    settings = loaded(canary={"prometheus": address})
    assert settings.service(image=f"ghcr.io/acme/shop@sha256:{'a' * 64}").canary.prometheus == address


def test_a_missing_repository_is_named_beside_the_rest() -> None:
    with pytest.raises(ConfigError) as caught:
        record(load, config=merged({"goservice:service": {"port": 80}}))
    assert str(caught.value) == (
        "2 settings are wrong in stack dev:\n"
        f"  image.repository: is missing; {SET} --type string image.repository TEXT\n"
        "  service.port: 80 is out of range; use 1024-65535"
    )


def test_a_value_of_the_wrong_type_is_not_compared_with_others() -> None:
    """`max` 2 is not below the default of a `min` that could not be read."""
    assert problems(autoscaling={"minReplicas": "abc", "maxReplicas": 2}) == [
        f'autoscaling.minReplicas: "abc" is not an integer; {SET} autoscaling.minReplicas NUMBER'
    ]


LOGIN = {"repository": "ghcr.io/acme/shop", "username": "robot"}


def test_encrypted_secrets_are_taken() -> None:
    stack_file(secrets={"API_TOKEN": ENCRYPTED}, image=LOGIN | {"password": ENCRYPTED})
    settings = loaded(
        ("secrets", "image"), secrets={"API_TOKEN": PASSWORD}, image=LOGIN | {"password": PASSWORD}
    )
    service = settings.service(image=f"ghcr.io/acme/shop@sha256:{'a' * 64}")
    assert service.secrets == {"API_TOKEN": PASSWORD}
    assert PASSWORD not in repr(service)
    assert PASSWORD not in repr(settings)


def test_a_section_of_secrets_may_be_encrypted_as_a_whole() -> None:
    stack_file(secrets=ENCRYPTED)
    settings = loaded(("secrets",), secrets={"API_TOKEN": PASSWORD})
    assert settings.service(image=f"ghcr.io/acme/shop@sha256:{'a' * 64}").secrets == {"API_TOKEN": PASSWORD}


def test_secrets_may_come_from_elsewhere() -> None:
    """From an ESC environment; of the section `image` all but the password is shown to be in clear."""
    stack_file(image=LOGIN)
    settings = loaded(
        ("secrets", "image"),
        secrets={"API_TOKEN": PASSWORD},
        image=LOGIN | {"password": PASSWORD, "platforms": ["linux/amd64", "linux/arm64"]},
    )
    assert settings.image.password == PASSWORD


def test_a_clear_value_beside_encrypted_ones_is_found_in_the_stack_file() -> None:
    stack_file(
        secrets={"SESSION_KEY": ENCRYPTED, "API_TOKEN": PASSWORD}, image=LOGIN | {"password": PASSWORD}
    )
    lines = problems(
        ("secrets", "image"),
        secrets={"SESSION_KEY": "x", "API_TOKEN": PASSWORD},
        image=LOGIN | {"password": PASSWORD},
    )
    assert lines == CASES["secrets in clear"][1]


CLEAR = "would be in clear in the cluster and in the state"


def test_an_encrypted_variable_is_refused_by_name() -> None:
    stack_file(env={"GREETING": "hello", "DSN": ENCRYPTED})
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
    "an entry with dots": (
        {"ingress": {"annotations": {"example.com/a": ENCRYPTED}}},
        {"ingress": {"annotations": {"example.com/a": f"https://me:{PASSWORD}@example.com"}}},
        'ingress.annotations["example.com/a"]',
    ),
}


def test_nothing_is_repeated_of_a_section_with_an_encrypted_value() -> None:
    """What stands beside it may be a secret from elsewhere."""
    stack_file(service={"name": ENCRYPTED})
    (line,) = problems(("service",), service={"name": "shop", "namespace": PASSWORD + "_"})
    assert line.startswith("service.name: is encrypted")


@pytest.mark.parametrize("case", ENCRYPTED_SETTINGS)
def test_an_encrypted_setting_is_refused_by_path_and_not_repeated(case: str) -> None:
    in_file, sections, key = ENCRYPTED_SETTINGS[case]
    stack_file(**in_file)
    quoted = f"'{key}'" if "[" in key else key
    assert problems(tuple(sections), **sections) == [
        f"{key}: is encrypted, and {CLEAR};"
        f" pulumi config rm --path {quoted}, or set it without --secret if it is none"
    ]


def test_a_section_encrypted_as_a_whole_is_refused_as_such() -> None:
    stack_file(service=ENCRYPTED, env=ENCRYPTED, image=ENCRYPTED)
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
            f" pulumi config rm --path {name}, or set it without --secret if it is none"
            for name in ("image", "service")
        ),
    ]


@pytest.mark.parametrize("in_file", [{}, {"env": {"A": "1"}}, {"secrets": {"A": ENCRYPTED}}])
def test_a_secret_that_the_stack_file_does_not_show_is_refused_with_its_section(
    in_file: dict[str, Any],
) -> None:
    stack_file(**in_file)
    lines = problems(("env", "canary"), env={"A": "1", "B": PASSWORD}, canary={"prometheus": PASSWORD})
    assert lines == [
        f"{section}: holds a secret, Pulumi.dev.yaml does not show which value it is, and all would be in"
        " clear; put secrets into the section secrets, wherever they come from"
        for section in ("canary", "env")
    ]


def test_what_may_be_the_secret_of_the_image_is_refused() -> None:
    """The values of another --config-file are not those of the stack file either."""
    stack_file(image={"repository": "ghcr.io/acme/other", "password": ENCRYPTED})
    lines = problems(("image",), image={"username": PASSWORD, "password": PASSWORD, "base": "alpine"})
    assert lines == [
        f"image.{name}: may be the secret of this section, as its value is not from Pulumi.dev.yaml, and"
        f" would be in clear; set it there, only the password may come from elsewhere: {SET} --type string"
        f" image.{name} TEXT"
        for name in ("base", "repository", "username")
    ]


def test_without_a_stack_file_nothing_of_the_image_is_shown_but_defaults() -> None:
    lines = problems(("image",), image={"password": PASSWORD, "goVersion": "1.26"})
    assert [line.partition(":")[0] for line in lines] == ["image.password", "image.repository"]
    assert lines[0] == "image.password: is set without a username"


def test_an_encrypted_value_that_is_no_setting_is_refused_as_such() -> None:
    stack_file(image={"repository": "ghcr.io/acme/shop", "passwd": ENCRYPTED})
    assert problems(("image",), image={"passwd": PASSWORD}) == [
        "image.passwd: is no setting, did you mean image.password?; pulumi config rm --path image.passwd"
    ]


def test_a_password_of_a_wrong_type_is_not_repeated() -> None:
    lines = problems(image={"username": "robot", "password": 7431})
    assert lines == [
        f"image.password: is stored in clear; set a new value with {SET} --secret image.password",
        f"image.password: the value is not a string; {SET} --type string image.password TEXT",
    ]


@pytest.mark.parametrize(
    ("repository", "host"),
    [("ghcr.io/acme/shop", "ghcr.io"), ("127.0.0.1:5000/shop", "127.0.0.1:5000"), ("acme/shop", "")],
)
def test_the_login_of_the_image_is_that_of_the_cluster(repository: str, host: str) -> None:
    stack_file(image={"repository": repository, "username": "robot", "password": ENCRYPTED})
    settings = loaded(("image",), image={"repository": repository, "username": "robot", "password": PASSWORD})
    login = settings.service(image=f"ghcr.io/acme/shop@sha256:{'a' * 64}").registry_login
    assert login is not None
    assert (login.host, login.username, login.password) == (host, "robot", PASSWORD)


def test_without_a_username_the_cluster_gets_no_login() -> None:
    assert loaded().service(image=f"ghcr.io/acme/shop@sha256:{'a' * 64}").registry_login is None


def test_a_variable_is_either_plain_or_secret() -> None:
    lines = problems(("secrets",), env={"MODE": "a"}, secrets={"MODE": "b", "PORT": "1"})
    assert lines == [
        "secrets.MODE: is in env too; keep one of the two",
        "secrets.PORT: is set from service.port; leave it out",
    ]


def test_a_long_value_is_shortened() -> None:
    (line,) = problems(service={"port": "x" * 200})
    assert line == f'service.port: "{"x" * 56}... is not an integer; {SET} service.port NUMBER'
