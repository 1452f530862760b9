"""Files that commands transfer to machines: systemd units and nginx sites."""

import re
from collections.abc import Callable, Iterator

from ..model import Option, Options, Resource, ResourceCheck, ResourceRule, Violation
from ..reading import nginx_sites, systemd_unit
from ..reading.commands import texts
from ..reading.json_text import strings
from ..reading.systemd_exposure import exposure, worst_settings
from ..values import Path

_HEREDOC = re.compile(r"<<-?[ \t]*([\"']?)\\?(\w+)\1[^\n]*\n(.*?)^[ \t]*\2$", re.DOTALL | re.MULTILINE)


def _exposure(resource: Resource, options: Options) -> Iterator[Violation]:
    for path, text in _files(resource):
        if systemd_unit.is_service(text) and (found := exposure(text)) > options["maximum"]:
            causes = ", ".join(worst_settings(text))
            message = f"the unit's exposure is {found} of 10, above {options['maximum']}: {causes}"
            yield Violation(path=path, message=message)


def _site(find: Callable[[str], Iterator[nginx_sites.Finding]]) -> ResourceCheck:
    """A check of the nginx sites that commands transfer."""

    def check(resource: Resource, _options: Options) -> Iterator[Violation]:
        for path, text in _files(resource):
            if nginx_sites.is_site(text):
                for line, message in find(text):
                    yield Violation(path=path, message=f"line {line} of the site: {message}")

    return check


def _files(resource: Resource) -> Iterator[tuple[Path, str]]:
    """Texts that are transferred; for JSON its strings, for a script its here-documents."""
    for path, text in texts(resource):
        for part in [value for _, value in strings(text)] or [text]:
            inside = [match[3] for match in _HEREDOC.finditer(part)]
            yield from ((path, file) for file in inside or [part])


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
        name="machine-unit-exposure",
        asks="The systemd unit of a service has an exposure of at most `maximum`.",
        why="An attacker who takes over a service without restrictions takes over the machine.",
        remedy="Set what the message names; `systemd-analyze security --offline=true UNIT` lists more.",
        example=_UNIT,
        severity="medium",
        options={
            "maximum": Option(
                schema={"type": "number", "minimum": 0, "maximum": 10},
                default=2.0,
                meaning="Maximum exposure, 0.0 to 10.0, as `systemd-analyze security` reports it.",
            )
        },
        check=_exposure,
    ),
    ResourceRule(
        name="machine-site-tls",
        asks="nginx explicitly allows TLS 1.2 and 1.3 only.",
        why="Older TLS versions are insecure, and some versions of nginx allow them by default.",
        remedy="Set ssl_protocols TLSv1.2 TLSv1.3; in the server or an outer block.",
        example="stdin: 'server { listen 443 ssl; ssl_protocols TLSv1.2 TLSv1.3; }'",
        severity="high",
        check=_site(nginx_sites.weak_tls),
    ),
    ResourceRule(
        name="machine-site-hsts",
        asks="nginx sends Strict-Transport-Security over TLS, in each block that adds headers.",
        why="Without it, the first request of each visit may be unencrypted and can be intercepted.",
        remedy='Add add_header Strict-Transport-Security "max-age=63072000" always; to each such block.',
        example=(
            "stdin: 'server { listen 443 ssl;"
            ' add_header Strict-Transport-Security "max-age=63072000" always; }\''
        ),
        severity="medium",
        check=_site(nginx_sites.missing_hsts),
    ),
    ResourceRule(
        name="machine-site-version",
        asks="nginx does not send its version.",
        why="The version tells an attacker which vulnerabilities to try.",
        remedy="Set server_tokens off; in the server or an outer block.",
        example="stdin: 'server { listen 443 ssl; server_tokens off; }'",
        severity="low",
        check=_site(nginx_sites.exposed_versions),
    ),
    ResourceRule(
        name="machine-site-redirect",
        asks="nginx redirects port 80 to HTTPS, except for certificate challenges.",
        why="Unencrypted responses can be read and changed on the way.",
        remedy="Add server { listen 80; return 301 https://$host$request_uri; }.",
        example="stdin: 'server { listen 80; return 301 https://$host$request_uri; }'",
        severity="high",
        check=_site(nginx_sites.missing_redirects),
    ),
)
