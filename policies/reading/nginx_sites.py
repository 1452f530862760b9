"""Checks of nginx sites: TLS versions, HSTS, the version header, and redirects to HTTPS."""

import re
from collections.abc import Iterator, Sequence

from .nginx_text import Directive, effective_directives, parse, servers

Finding = tuple[int, str]
"""Line, and what is wrong with it."""
Server = tuple[Directive, tuple[Directive, ...]]

_SAFE = {"TLSv1.2", "TLSv1.3"}
_REDIRECTS = {"301", "302", "303", "307", "308"}


def is_site(text: str) -> bool:
    """Whether a text configures an nginx server that listens."""
    return any(any(server.all("listen")) for server, _ in servers(parse(text)))


def weak_tls(text: str) -> Iterator[Finding]:
    """Servers that allow TLS versions other than 1.2 and 1.3, or leave the versions to nginx."""
    for server, around in _secure(text):
        found = effective_directives("ssl_protocols", (*around, server))
        if not found and not _includes((*around, server)):
            yield server.line, "no ssl_protocols: some versions of nginx then allow TLS 1.0"
        for directive in found:
            if not set(directive.args) <= _SAFE:
                yield directive.line, "ssl_protocols allows versions other than TLSv1.2 and TLSv1.3"


def missing_hsts(text: str) -> Iterator[Finding]:
    """Servers and locations that respond over TLS without Strict-Transport-Security."""
    for server, around in _secure(text):
        for place, blocks in _places(server, (*around, server)):
            headers = effective_directives("add_header", blocks)
            own = any(place.all("add_header"))
            if (place is server or own) and not (any(map(_is_hsts, headers)) or _includes(blocks)):
                lost = "" if place is server else ": its own add_header disables those of the outer blocks"
                yield place.line, f"{place.name} sends no Strict-Transport-Security{lost}"


def exposed_versions(text: str) -> Iterator[Finding]:
    """Servers and locations that send the version of nginx."""
    for server, around in servers(parse(text)):
        for place, blocks in _places(server, (*around, server)):
            if place is server or any(place.all("server_tokens")):
                found = effective_directives("server_tokens", blocks)
                exposed = not _includes(blocks) if not found else found[-1].args != ("off",)
                if exposed:
                    yield place.line, f"{place.name} sends the version of nginx: no `server_tokens off`"


def missing_redirects(text: str) -> Iterator[Finding]:
    """Servers and locations on port 80 without a redirect; the first TLS server if none is on port 80."""
    found = list(servers(parse(text)))
    plain = [server for server, _ in found if any(_port(each) == 80 for each in _listens(server))]
    secure = list(_secure(text))
    if secure and not plain:
        yield secure[0][0].line, "no server listens on port 80 and redirects to HTTPS"
    for server in plain:
        for place in _answering(server):
            yield place.line, f"{place.name} responds on port 80 instead of redirecting to HTTPS"


def _includes(blocks: Sequence[Directive]) -> bool:
    """Whether blocks include files other than those that come with nginx; their content is unknown here."""
    names = (name for block in blocks for each in block.all("include") for name in each.args)
    return any(not name.endswith(("mime.types", "_params")) for name in names)


def _secure(text: str) -> Iterator[Server]:
    for server, around in servers(parse(text)):
        old = any(directive.args == ("on",) for directive in server.all("ssl"))
        if old or any("ssl" in each.args[1:] or _port(each) == 443 for each in _listens(server)):
            yield server, around


def _listens(server: Directive) -> list[Directive]:
    """The listen directives of a server; port 80 if it has none."""
    default = Directive(name="listen", args=("80",), block=None, line=server.line)
    return [each for each in server.all("listen") if each.args] or [default]


def _port(listen: Directive) -> int | None:
    """TCP port; None for a Unix socket."""
    address = listen.args[0]
    if address.startswith("unix:"):
        return None
    if address.isdigit():
        return int(address)
    port = re.search(r":(\d+)$", address)
    return int(port[1]) if port else 80


def _places(
    block: Directive, blocks: tuple[Directive, ...]
) -> Iterator[tuple[Directive, tuple[Directive, ...]]]:
    """A server and its locations, each with the blocks that enclose it and itself."""
    yield block, blocks
    for each in block.block or ():
        if each.name in ("location", "if") and each.block is not None:
            yield from _places(each, (*blocks, each))


def _is_hsts(header: Directive) -> bool:
    """Whether a header is HSTS with a positive max-age; a variable may be."""
    if len(header.args) < 2 or header.args[0].lower() != "strict-transport-security":
        return False
    age = re.search(r'max-age\s*=\s*"?(\d+)', header.args[1], re.IGNORECASE)
    return bool(int(age[1])) if age else "$" in header.args[1]


def _answering(server: Directive) -> Iterator[Directive]:
    """Server and locations that do not redirect to HTTPS, except those for certificate challenges."""
    if _redirects(server) or (_refuses(server) and any(_redirects(each) for each in server.all("if"))):
        return
    locations = [each for each in server.all("location") if not _is_challenge(each)]
    if not any(each.args[-1:] == ("/",) for each in locations):
        yield server
    yield from (each for each in locations if not _redirects(each))


def _is_challenge(location: Directive) -> bool:
    return any("/.well-known/" in arg.replace("\\", "") for arg in location.args)


def _redirects(place: Directive) -> bool:
    for each in place.block or ():
        if each.name == "return":
            code, target = (
                (each.args[0], each.args[-1]) if len(each.args) > 1 else ("302", "".join(each.args))
            )
            return code in _REDIRECTS and target.startswith("https://")
        if each.name == "rewrite" and _rewrites_all(each.args):
            return True
    return False


def _refuses(place: Directive) -> bool:
    return any(each.args[:1] in (("403",), ("404",), ("444",)) for each in place.all("return"))


def _rewrites_all(args: Sequence[str]) -> bool:
    return (
        len(args) > 1
        and args[1].startswith("https://")
        and args[0] in ("^", ".*", "^.*$", "^(.*)$", "^(.*)", "(.*)")
    )
