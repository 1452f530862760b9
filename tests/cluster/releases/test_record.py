"""The record of a trial or rollout, written and read in one place."""

import json
from typing import get_args

import pytest

from components.cluster.releases.deployed_release import DeployedRelease
from components.cluster.releases.record import Record, Verdict, parse_record

RELEASE = DeployedRelease(version="v2", image="shop@sha256:2")


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_what_is_written_is_read(verdict: Verdict) -> None:
    record = Record(verdict=verdict, reason="why", release=RELEASE, seconds=40)
    assert parse_record(record.to_json()) == record


def test_records_of_earlier_versions_are_read() -> None:
    text = json.dumps({"verdict": "taken back", "reason": "", "release": {"version": "v2", "image": "i"}})
    found = parse_record(text)
    assert found is not None
    assert (found.verdict, found.seconds, found.release.name) == ("rolled back", 0, "v2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "1",
        "{}",
        '{"verdict": "promoted"}',
        '{"verdict": "great", "release": {}}',
        '{"verdict": [], "release": {}}',
        '{"verdict": "promoted", "release": "v2"}',
        '{"verdict": "promoted", "release": {}, "seconds": "long"}',
        '{"verdict": "promoted", "release": {}, "seconds": 1e999}',
    ],
)
def test_what_is_not_a_record_of_ours_is_none(text: str) -> None:
    assert parse_record(text) is None


def test_in_one_line() -> None:
    record = Record(verdict="rolled back", reason="2 of 2 samples failed", release=RELEASE)
    assert record.text == "rolled back: 2 of 2 samples failed"
    assert Record(verdict="promoted", reason="", release=RELEASE).text == "promoted"


def test_a_release_without_a_version_goes_by_its_image() -> None:
    assert DeployedRelease(version="", image="shop@sha256:2").name == "shop@sha256:2"
