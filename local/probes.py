"""Reachability of public sources, cached for a day."""

import json
import time
import urllib.error
import urllib.request

from local.paths import Paths
from local.record import write

SECONDS = 5.0
DAY = 24 * 3600

DOCKER_HUB = "https://registry-1.docker.io/v2/"
PULUMI_PLUGINS = "https://get.pulumi.com/"


def is_reachable(url: str, paths: Paths) -> bool:
    """Whether a server responds."""
    answers = _answers(paths)
    known = answers.get(url)
    if known and time.time() - known["time"] < DAY:
        return bool(known["reachable"])
    found = _request(url)
    remember(url, found, paths)
    return found


def remember(url: str, found: bool, paths: Paths) -> None:
    """Caches a result, such as that of a failed download."""
    answers = _answers(paths) | {url: {"time": time.time(), "reachable": found}}
    write(paths.cache / "probes.json", json.dumps(answers, indent=2) + "\n")


def _answers(paths: Paths) -> dict[str, dict[str, float | bool]]:
    file = paths.cache / "probes.json"
    return json.loads(file.read_text()) if file.exists() else {}


def _request(url: str) -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=SECONDS):  # noqa: S310
            return True
    except urllib.error.HTTPError as answer:
        return answer.code < 500 and answer.code not in (403, 407)  # 403 and 407 may come from a proxy
    except OSError:
        return False
