"""The nginx language, and what is read out of a site."""

import pytest

from policies.reading import nginx_sites
from policies.reading.nginx_text import Directive, effective_directives, parse, servers

SITE = """\
# a comment { with braces; }
upstream shop { server 127.0.0.1:8080; keepalive 32; }
server {
    listen 80;
    return 301 https://$host$request_uri;  # to TLS
}
server {
    listen [::]:443 ssl;
    server_name 'a b' "c;{d}" e\\;f ${host}x;
    location ~ ^/(a|b){1,2}$ { add_header X "say \\"hi\\""; }
}
"""


def names(directives: tuple[Directive, ...]) -> list[str]:
    return [directive.name for directive in directives]


def test_blocks_and_lines() -> None:
    upstream, plain, secure = parse(SITE)
    assert (upstream.name, upstream.args, upstream.line) == ("upstream", ("shop",), 2)
    assert (plain.line, secure.line) == (3, 7)
    assert names(plain.block or ()) == ["listen", "return"]
    answer = next(plain.all("return"))
    assert (answer.args, answer.line) == (("301", "https://$host$request_uri"), 5)


def test_quotes_and_escapes() -> None:
    secure = parse(SITE)[2]
    assert next(secure.all("server_name")).args == ("a b", "c;{d}", "e\\;f", "${host}x")


def test_quotes_within_words_are_part_of_them() -> None:
    (server,) = parse("server { return 200 it's; add_header X a\"b; }")
    assert [each.args for each in server.block or ()] == [("200", "it's"), ("X", 'a"b')]


def test_regular_expressions_with_braces_need_quotes_as_in_nginx() -> None:
    (server,) = parse('server { location ~ "^/(a|b){1,2}$" { add_header X "say \\"hi\\""; } }')
    location = next(server.all("location"))
    assert location.args == ("~", "^/(a|b){1,2}$")
    assert next(location.all("add_header")).args == ("X", 'say "hi"')


@pytest.mark.parametrize(
    "text", ["", "}", "{", "{}", ";", "a", "a;}", "a {", 'a "b', "a 'b;", "\\", "a { b; }}} c;", "\0"]
)
def test_odd_texts_are_borne(text: str) -> None:
    parse(text)
    assert not list(servers(parse(text)))


def test_a_brace_too_many_ends_nothing() -> None:
    assert names(parse("a { b; }}} c;")) == ["a", "c"]


def test_texts_nested_too_deep() -> None:
    assert parse(f"server {{ listen 80; {'location / { ' * 5000}{'}' * 5000} }}") == ()


def test_what_does_not_end_is_left_out() -> None:
    assert names(parse("a; server { listen 80;")) == ["a"]


def test_servers_of_http_alone() -> None:
    text = (
        "stream { server { listen 53; } } http { server { listen 80; } } upstream x { server y; } server { }"
    )
    assert len(list(servers(parse(text)))) == 2


def test_the_innermost_directives_hold() -> None:
    outer, inner = parse("x { a 1; b 2; } y { a 3; a 4; }")
    assert [each.args for each in effective_directives("a", (outer, inner))] == [("3",), ("4",)]
    assert [each.args for each in effective_directives("b", (outer, inner))] == [("2",)]
    assert effective_directives("c", (outer, inner)) == []


@pytest.mark.parametrize(
    ("text", "site"),
    [
        (SITE, True),
        ("http { server { listen 80; } }", True),
        ("server { root /var/www; }", False),
        ("upstream shop { server 127.0.0.1:8080; }", False),
        ("stream { server { listen 53; } }", False),
        ("#!/bin/sh\nif true; then\n  echo listen\nfi\n", False),
        ("listen to the server", False),
    ],
)
def test_sites(text: str, site: bool) -> None:
    assert nginx_sites.is_site(text) is site


@pytest.mark.parametrize(
    ("listen", "answers"),
    [
        *(
            ("80", True),
            ("*:80", True),
            ("[::]:80", True),
            ("0.0.0.0:80 default_server", True),
            ("[::1]", True),
        ),
        *(
            ("example.com", True),
            ("8080", False),
            ("[::]:8080", False),
            ("unix:/run/x:80", False),
            ("443 ssl", False),
        ),
    ],
)
def test_what_listens_on_port_80(listen: str, answers: bool) -> None:
    found = [
        message for _, message in nginx_sites.missing_redirects(f"server {{ listen {listen}; root /x; }}")
    ]
    assert ("server responds on port 80 instead of redirecting to HTTPS" in found) is answers


def test_findings_name_lines() -> None:
    tls = "  listen 443 ssl;\n  ssl_protocols\n    TLSv1 TLSv1.2;\n"
    text = f"server {{\n{tls}  location / {{\n    add_header X y;\n  }}\n}}\n"
    assert [line for line, _ in nginx_sites.weak_tls(text)] == [3]
    assert [line for line, _ in nginx_sites.missing_hsts(text)] == [1, 5]
    assert [line for line, _ in nginx_sites.exposed_versions(text)] == [1]


@pytest.mark.parametrize(
    "value", ["max-age=31536000", "max-age = 1; preload", '"max-age=1"', "$hsts", "MAX-AGE=1"]
)
def test_headers_that_send_browsers_back_over_tls(value: str) -> None:
    text = f"server {{ listen 443 ssl; add_header strict-transport-security '{value}' always; }}"
    assert not list(nginx_sites.missing_hsts(text))


@pytest.mark.parametrize(
    "header", ["Strict-Transport-Security max-age=0", "Strict-Transport-Security", "X max-age=1"]
)
def test_headers_that_do_not(header: str) -> None:
    assert list(nginx_sites.missing_hsts(f"server {{ listen 443 ssl; add_header {header}; }}"))
