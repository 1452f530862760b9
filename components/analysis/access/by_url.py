"""Prometheus by its URL. Queries are the bodies of POSTs, which may be longer than a URL."""

import functools
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from .refusals import PrometheusError, RefusedError, refused_by_url

_API = "/api/v1/query"
_PORTS = {"http": 80, "https": 443}
# A proxy in front of Prometheus may let only GET pass.
_NO_POST = (405, 501)


def answer_by_url(address: str, headers: Mapping[str, str], ca: str, seconds: float) -> Callable[[str], str]:
    """How to get the text of the answer to a query. It raises PrometheusError.

    ca: file with the authorities to trust; empty for the system's. seconds: maximum time of an answer.
    """
    base = address.rstrip("/")

    @functools.cache
    def opener() -> urllib.request.OpenerDirector:
        https = urllib.request.HTTPSHandler(context=_trusted(ca))
        return urllib.request.build_opener(https, _Redirects)

    def fetch(request: urllib.request.Request) -> str:
        with opener().open(request, timeout=seconds) as answer:
            return answer.read().decode(errors="replace")

    def answer(query: str) -> str:
        form = urllib.parse.urlencode({"query": query})
        try:
            try:
                return fetch(urllib.request.Request(base + _API, form.encode(), dict(headers)))  # noqa: S310
            except urllib.error.HTTPError as error:
                if error.code not in _NO_POST:
                    raise
                error.close()
                return fetch(urllib.request.Request(f"{base}{_API}?{form}", headers=dict(headers)))  # noqa: S310
        except urllib.error.HTTPError as error:
            raise refused_by_url(_place(error.url), error.code, str(error.reason), _body(error)) from None
        except (OSError, HTTPException) as error:  # cut off in the middle is no OSError
            raise PrometheusError(f"Prometheus at {base} does not answer: {_why(error)}") from None
        except ValueError:  # of http.client; its text would repeat the header
            raise RefusedError(
                "canary.prometheus or one of its headers has characters that HTTP does not allow"
            ) from None

    return answer


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Takes the query along, which a redirected POST would lose, but no login to another host."""

    def redirect_request(  # noqa: PLR0917 the signature is theirs
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request:
        if urllib.parse.urlsplit(newurl).scheme not in _PORTS:
            raise urllib.error.HTTPError(req.full_url, code, msg, headers, fp)
        kept = req.headers if same_host(req.full_url, newurl) else dict[str, str]()
        return urllib.request.Request(newurl, req.data, kept, method=req.get_method())  # noqa: S310


def same_host(left: str, right: str) -> bool:
    """Whether two URLs lead to one server, as http does that sends on to its own https."""
    one, other = urllib.parse.urlsplit(left), urllib.parse.urlsplit(right)
    ports = [part.port or _PORTS[part.scheme] for part in (one, other)]
    secured = (one.scheme, other.scheme, *ports) == ("http", "https", 80, 443)
    same = one.scheme == other.scheme and ports[0] == ports[1]
    return one.hostname == other.hostname and (same or secured)


def _trusted(ca: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca or None)
    except OSError as error:  # ssl.SSLError, of a file without certificates, is one
        why = error.strerror if not isinstance(error, ssl.SSLError) else "it has no certificate in PEM"
        raise RefusedError(f"canary.prometheusCa: {ca} cannot be read: {why}") from None


def _body(error: urllib.error.HTTPError) -> str:
    """The body of an answer; empty if it is cut off."""
    try:
        with error:
            return error.read().decode(errors="replace")
    except (OSError, HTTPException):
        return ""


def _why(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        wrong = reason.verify_message
        return f"{wrong}; name the file of its certificate's authority in canary.prometheusCa"
    return str(error)


def _place(url: str) -> str:
    """A URL without the path of the API, and without a query, which may be long."""
    return urllib.parse.urlsplit(url)._replace(query="", fragment="").geturl().removesuffix(_API)
