"""What `up` says of a cluster that does not run what the stack says."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from local import kubernetes, up
from local.paths import Paths
from local.site import Site
from local.steps import StepError

DIGEST = "127.0.0.1:5000/sample@sha256:" + "a" * 64
OUTPUTS = {"deployment": "sample", "namespace": "shop", "image": DIGEST, "version": "v1.2.3"}


def compare(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, runs: str, outputs: Mapping[str, object]
) -> None:
    def kubectl(_site: Site, *arguments: str) -> str:
        assert arguments[:5] == ("get", "deployment", "sample", "--namespace", "shop")
        return runs

    monkeypatch.setattr(kubernetes, "kubectl", kubectl)
    site = Site.of(Paths(cache=tmp_path / "cache", state=tmp_path / "state"))
    up._require_same_image(site, "dev", outputs)  # pyright: ignore[reportPrivateUsage]


def test_a_cluster_that_runs_what_the_stack_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    compare(monkeypatch, tmp_path, DIGEST, OUTPUTS)


def test_another_image_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = DIGEST.replace("aaaa", "bbbb")
    said = f"stack dev has v1.2.3 ({DIGEST}), but the cluster runs {other}"
    with pytest.raises(StepError, match=f"^{re.escape(said)}$") as raised:
        compare(monkeypatch, tmp_path, other, OUTPUTS)
    assert "pulumi refresh --stack dev" in raised.value.remedy


def test_a_program_with_other_outputs_is_not_judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    compare(monkeypatch, tmp_path, "another", {"image": DIGEST})
