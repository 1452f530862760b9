"""Why a query got no answer, and what to set."""

import json

_LOGIN = (
    "canary.prometheusToken, canary.prometheusUsername and canary.prometheusPassword, or"
    " canary.prometheusHeaders"
)
# By URL: status of the answer -> what it means, and the remedy.
_BY_URL = {
    401: f"it wants a login; set {_LOGIN}",
    403: f"the login may not query it, or there is none; check {_LOGIN}",
    404: "its API is not there; add the path prefix it is under to canary.prometheus (https://host/prefix)",
    414: "the query is too long for a URL; let what is in front of it pass POST",
}
# Through the API server: a sign in kubectl's words -> the same. A status of the API server looks like one of
# Prometheus, and kubectl keeps the body of an answer to itself.
_THROUGH_API = {
    "You must be logged in": "renew the login of the kubeconfig; if it is Prometheus that wants a login,"
    " which kubectl cannot send, set canary.prometheus to its URL",
    "(Forbidden)": "the user of the kubeconfig needs the verb get on services/proxy; if it is Prometheus that"
    " wants a login, set canary.prometheus to its URL",
    "(NotFound)": "there is no such Service, or its API is under a path prefix; canary.prometheus is"
    " [https:]namespace/service:port[/prefix]",
    "(BadRequest)": "the query does not parse, or the port speaks https (canary.prometheus"
    " https:namespace/service:port)",
    "The request is invalid": "Prometheus understands the query, but cannot run it; try it there",
    "status code 414": "the query is too long for the API server; set canary.prometheus to the URL of"
    " Prometheus",
}


# They pass by themselves: too slow, too many requests.
_PASSING = (408, 429)


class PrometheusError(Exception):
    """A query got no answer, and why."""


class RefusedError(PrometheusError):
    """A query was refused, and would be again."""


def refused_by_url(place: str, code: int, phrase: str, body: str) -> PrometheusError:
    """An answer over HTTP that is an error.

    place: URL without the path of the API. phrase: the status in words.
    """
    error = RefusedError if 400 <= code < 500 and code not in _PASSING else PrometheusError
    known = said(body)
    if code not in _BY_URL:
        return error(f"Prometheus: {known or f'HTTP Error {code}: {phrase}'}")
    words = known or _first_line(body)
    status = f"{code} {phrase}" + (f" ({words})" if words else "")
    return error(f"Prometheus at {place} answers {status}: {_BY_URL[code]}")


def refused_through_api(words: str) -> PrometheusError:
    """An error of kubectl, in its own words."""
    text = f"Prometheus does not answer through the API server: {words}"
    remedy = next((remedy for sign, remedy in _THROUGH_API.items() if sign in words), "")
    return RefusedError(f"{text}; {remedy}") if remedy else PrometheusError(text)


def said(body: str) -> str:
    """What Prometheus itself says is wrong; empty if it is not one that answers."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return ""


def _first_line(body: str) -> str:
    """Of a short text, such as `no org id`; empty for a page."""
    line = body.strip().partition("\n")[0][:80]
    return "" if line.startswith(("<", "{")) else line
