"""The record of a trial or rollout: what it came to, as an annotation on its Deployment or ReplicaSet."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast, get_args

from .deployed_release import DeployedRelease

Verdict = Literal["promoted", "untried", "rolled back", "not started", "overtaken", "interrupted"]
"""`untried`: released without a trial. `not started`: the trial could not be measured, so no pod was started.
`overtaken`: another trial of the same canary has begun."""
# Words of earlier versions, which live clusters still hold.
_EARLIER: dict[str, Verdict] = {"taken back": "rolled back"}


@dataclass(frozen=True, kw_only=True)
class Record:
    """What a trial or rollout came to."""

    verdict: Verdict
    """The outcome."""
    reason: str
    """Why, in one line."""
    release: DeployedRelease
    """What was released."""
    seconds: int = 0
    """How long the trial took; 0 for a rollout without one."""

    @property
    def text(self) -> str:
        """In one line, such as `rolled back: 2 of 2 samples failed`."""
        return f"{self.verdict}: {self.reason}" if self.reason else self.verdict

    def to_json(self) -> str:
        """The value of the annotation."""
        return json.dumps(asdict(self))


def parse_record(text: str) -> Record | None:
    """A record from its JSON; None if the text is not one."""
    try:
        found: dict[str, Any] = json.loads(text)
        release: dict[str, Any] = found["release"]
        verdict = _EARLIER.get(found["verdict"], found["verdict"])
        if verdict not in get_args(Verdict):
            return None
        return Record(
            verdict=cast("Verdict", verdict),
            reason=str(found.get("reason", "")),
            release=DeployedRelease(
                version=str(release.get("version", "")), image=str(release.get("image", ""))
            ),
            seconds=int(found.get("seconds", 0)),
        )
    except (ArithmeticError, ValueError, KeyError, TypeError, AttributeError):
        return None
