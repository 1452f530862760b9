"""Constant load on a loopback address, every answer and every failure counted."""

import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple


class Answer(NamedTuple):
    """One answer: when it came, its status, and the version that gave it."""

    moment: float
    status: int
    version: str


@dataclass
class Load:
    """Sends GET requests from `workers` threads until left, at most `limit_seconds` long.

    Half of the workers open a connection for each request, half keep theirs (unless `keep_alive` is off): the
    two fail in different ways when a pod goes. About 25 requests a second each; new connections stay below
    100/s, past which the generator's own port range wraps within conntrack's TIME_WAIT and shows failures no
    client would see.
    """

    port: int
    path: str = "/"
    workers: int = 4
    limit_seconds: float = 600
    keep_alive: bool = True
    log: list[Answer] = field(default_factory=list[Answer])
    answers: Counter[str] = field(default_factory=Counter[str])
    failures: Counter[str] = field(default_factory=Counter[str])

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    @property
    def total(self) -> int:
        return sum(self.answers.values()) + sum(self.failures.values())

    def __enter__(self) -> "Load":
        self._deadline = time.monotonic() + self.limit_seconds
        self._threads = [
            threading.Thread(target=self._work, args=(self.keep_alive and n % 2 == 0,), daemon=True)
            for n in range(self.workers)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _work(self, keep_alive: bool) -> None:
        connection = self._connect()
        while not self._stop.is_set() and time.monotonic() < self._deadline:
            try:
                connection.request("GET", self.path)
                response = connection.getresponse()
                body = response.read().decode(errors="replace").strip()
                outcome = (
                    (self.answers, body) if response.status < 500 else (self.failures, str(response.status))
                )
                reusable = keep_alive and not response.will_close
                version = next(iter(body.split()[1:2]), "")
                self.log.append(Answer(time.monotonic(), response.status, version))
            except (OSError, http.client.HTTPException) as error:
                outcome = (self.failures, type(error).__name__)
                reusable = False
            with self._lock:
                outcome[0][outcome[1]] += 1
            if not reusable:
                connection.close()
                connection = self._connect()
            self._stop.wait(0.04)
        connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
