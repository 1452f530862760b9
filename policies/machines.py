"""Machines reached over SSH: how commands log in, what they log, and the service and site they bring."""

import re
from collections.abc import Callable, Iterator

from . import nginx_sites, systemd_unit
from .commands import SCRIPTS, connections, named_values, texts
from .credential_names import is_secret_name
from .credentials import of_entry, of_text
from .model import Option, Options, Resource, ResourceCheck, ResourceRule, Violation
from .systemd_exposure import exposure, worst
from .values import UNKNOWN, Path, get

_HEREDOC = re.compile(r"<<-?[ \t]*([\"']?)\\?(\w+)\1[^\n]*\n(.*?)^[ \t]*\2$", re.DOTALL | re.MULTILINE)
_VARIABLE = re.compile(r"\$\{?(\w+)")


def _host_key(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, connection in connections(resource):
        if not connection.get("hostKey"):
            message = "is not set: any machine that answers is believed"
            yield Violation(path=(*path, "hostKey"), message=message)


def _user(resource: Resource, _options: Options) -> Iterator[Violation]:
    for path, connection in connections(resource):
        user = connection.get("user")
        if not user or user == "root":
            message = "is root" if user else "is not set, which means root"
            yield Violation(path=(*path, "user"), message=message)


def _logging(resource: Resource, _options: Options) -> Iterator[Violation]:
    if resource.type != "command:remote:Command":
        return
    logging = get(resource.props, "logging")
    if logging not in ("none", UNKNOWN) and _is_near_secrets(resource):
        path = ("logging",)
        said = "is not set, which means both outputs," if logging is None else f"is {resource.quoted(path)}"
        yield Violation(path=path, message=f"{said} and secrets are near")


def _is_near_secrets(resource: Resource) -> bool:
    """Whether a command is given secrets, or speaks of some: its output may repeat them."""
    given = {"connection", "environment", "stdin", "triggers", *SCRIPTS}
    if any(path and path[0] in given for path in resource.secrets):
        return True
    spoken = (name for _, text in texts(resource) for name in _VARIABLE.findall(text))
    return (
        any(is_secret_name(name) for name in spoken)
        or any(of_text(text) for _, text in texts(resource))
        or any(of_entry(name, value) for _, name, value in named_values(resource))
    )


def _exposure(resource: Resource, options: Options) -> Iterator[Violation]:
    for path, text in _files(resource):
        if systemd_unit.is_service(text) and (found := exposure(text)) > options["maximum"]:
            worst_of_it = ", ".join(worst(text))
            message = f"the unit's exposure is {found} of 10, above {options['maximum']}: {worst_of_it}"
            yield Violation(path=path, message=message)


def _site(find: Callable[[str], Iterator[nginx_sites.Finding]]) -> ResourceCheck:
    """A check of the nginx sites that commands bring."""

    def check(resource: Resource, _options: Options) -> Iterator[Violation]:
        for path, text in _files(resource):
            if nginx_sites.is_site(text):
                for line, message in find(text):
                    yield Violation(path=path, message=f"line {line} of the site: {message}")

    return check


def _files(resource: Resource) -> Iterator[tuple[Path, str]]:
    """Texts that a command or copy brings to a machine: of a script with here-documents, those."""
    for path, text in texts(resource):
        inside = [match[3] for match in _HEREDOC.finditer(text)]
        yield from ((path, file) for file in inside or [text])


_UNIT = """\
stdin: |
  [Unit]
  Description=Shop
  [Service]
  ExecStart=/opt/shop/current/service
  User=shop
  CapabilityBoundingSet=
  DevicePolicy=closed
  LockPersonality=yes
  MemoryDenyWriteExecute=yes
  NoNewPrivileges=yes
  PrivateDevices=yes
  PrivateMounts=yes
  PrivateTmp=yes
  PrivateUsers=yes
  ProtectClock=yes
  ProtectControlGroups=yes
  ProtectHome=yes
  ProtectHostname=yes
  ProtectKernelLogs=yes
  ProtectKernelModules=yes
  ProtectKernelTunables=yes
  ProtectProc=invisible
  ProtectSystem=strict
  RemoveIPC=yes
  RestrictAddressFamilies=AF_INET AF_INET6
  RestrictNamespaces=yes
  RestrictRealtime=yes
  RestrictSUIDSGID=yes
  SystemCallArchitectures=native
  SystemCallFilter=@system-service
  SystemCallFilter=~@privileged @resources
  UMask=0077
"""

RULES: tuple[ResourceRule, ...] = (
    ResourceRule(
        name="machine-host-key",
        asks="SSH connections name the host key of the machine, and of the proxy on the way.",
        why="Without it, whoever stands in the way gets the login, the files and the secrets.",
        remedy="Set connection.hostKey to a line of `ssh-keyscan` that was checked on the machine itself.",
        example="connection: {host: vm.example.com, user: deploy, hostKey: ssh-ed25519 AAAAC3Nz}",
        severity="critical",
        check=_host_key,
    ),
    ResourceRule(
        name="machine-user",
        asks="SSH connections log in as a user of their own, not as root.",
        why="As root, a mistake or a stolen key takes the whole machine, and logs do not tell who it was.",
        remedy="Set connection.user to a user who may run just the commands it needs with sudo.",
        example="connection: {host: vm.example.com, user: deploy, hostKey: ssh-ed25519 AAAAC3Nz}",
        severity="high",
        check=_user,
    ),
    ResourceRule(
        name="machine-logging",
        asks="Remote commands that are given secrets, or speak of some, log no output.",
        why="What a command prints is logged by the pipeline, for all who may read it.",
        remedy="Set logging: none.",
        example="logging: none",
        severity="high",
        check=_logging,
    ),
    ResourceRule(
        name="machine-unit-exposure",
        asks="The systemd unit of a service has an exposure of at most `maximum`.",
        why="Whoever takes over a service that may do everything takes over the machine.",
        remedy="Set what the message names, and look at `systemd-analyze security --offline=true UNIT`.",
        example=_UNIT,
        severity="medium",
        options={
            "maximum": Option(
                schema={"type": "number", "minimum": 0, "maximum": 10},
                default=2.0,
                meaning="Highest exposure, 0.0 to 10.0 as `systemd-analyze security` says it.",
            )
        },
        check=_exposure,
    ),
    ResourceRule(
        name="machine-site-tls",
        asks="nginx speaks TLS 1.2 and 1.3 only, and says so.",
        why="Older versions can be broken, and some versions of nginx speak them unless told not to.",
        remedy="Set ssl_protocols TLSv1.2 TLSv1.3; in the server or around it.",
        example="stdin: 'server { listen 443 ssl; ssl_protocols TLSv1.2 TLSv1.3; }'",
        severity="high",
        check=_site(nginx_sites.weak_tls),
    ),
    ResourceRule(
        name="machine-site-hsts",
        asks="nginx sends Strict-Transport-Security over TLS, from each place that adds headers.",
        why="Without it, the first request of each visit may go in clear, to whoever answers.",
        remedy='Add add_header Strict-Transport-Security "max-age=63072000" always; where headers are added.',
        example=(
            "stdin: 'server { listen 443 ssl;"
            ' add_header Strict-Transport-Security "max-age=63072000" always; }\''
        ),
        severity="medium",
        check=_site(nginx_sites.missing_hsts),
    ),
    ResourceRule(
        name="machine-site-version",
        asks="nginx keeps its version to itself.",
        why="The version tells which holes to try.",
        remedy="Set server_tokens off; in the server or around it.",
        example="stdin: 'server { listen 443 ssl; server_tokens off; }'",
        severity="low",
        check=_site(nginx_sites.told_versions),
    ),
    ResourceRule(
        name="machine-site-redirect",
        asks="nginx answers on port 80 with a redirect to HTTPS, certificate challenges apart.",
        why="What is answered in clear can be read and changed on the way.",
        remedy="Add server { listen 80; return 301 https://$host$request_uri; }.",
        example="stdin: 'server { listen 80; return 301 https://$host$request_uri; }'",
        severity="high",
        check=_site(nginx_sites.missing_redirects),
    ),
)
