"""Properties of remediations, to plain ones and back, through the library's own wrapping."""

from typing import Any

import pulumi
from pulumi_policy.deserialize import deserialize_properties, serialize_properties
from pulumi_policy.proxy import UNKNOWN_ARRAY_VALUE, UNKNOWN_STRING_VALUE

from policies.properties import unwrap, whole_numbers
from policies.values import UNKNOWN, MakeSecret, put

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"


def secret(value: Any) -> dict[str, Any]:
    """A secret as the engine sends it."""
    return {SIGNATURE: SECRET, "value": value}


WIRE = {
    "name": "box",
    "size": 3.0,
    "share": 0.5,
    "none": None,
    "token": secret("hush"),
    "later": UNKNOWN_STRING_VALUE,
    "list": [secret({"inner": [1.0, UNKNOWN_ARRAY_VALUE]}), {"deep": secret(UNKNOWN_STRING_VALUE)}],
}


def test_what_the_engine_sends_is_plain_and_its_secrets_and_unknowns_are_known() -> None:
    given = unwrap(deserialize_properties(WIRE, proxy_secrets=True))
    assert given.props == {
        "name": "box",
        "size": 3,
        "share": 0.5,
        "none": None,
        "token": "hush",
        "later": UNKNOWN,
        "list": [{"inner": [1, UNKNOWN]}, {"deep": UNKNOWN}],
    }
    assert type(given.props["size"]) is int
    assert given.secrets == {("token",), ("list", 0), ("list", 1, "deep")}


def test_what_goes_back_unchanged_is_what_came() -> None:
    given = unwrap(deserialize_properties(WIRE, proxy_secrets=True))
    assert serialize_properties(given.wrap(given.props)) == WIRE


def test_a_change_leaves_secrets_and_unknowns_as_they_are() -> None:
    given = unwrap(deserialize_properties(WIRE, proxy_secrets=True))
    fixed = put(put(given.props, ("name",), MakeSecret("box")), ("token",), MakeSecret("other"))
    sent = serialize_properties(given.wrap(fixed))
    assert sent == WIRE | {"name": secret("box"), "token": secret("other")}


def test_a_second_remediation_sees_the_secrets_of_the_first() -> None:
    first = unwrap(deserialize_properties(WIRE, proxy_secrets=True))
    second = unwrap(first.wrap(put(first.props, ("name",), MakeSecret("box"))))
    assert second.secrets == first.secrets | {("name",)}
    assert second.props == first.props
    assert second.unknowns == first.unknowns


def test_an_unknown_that_a_fix_has_moved_is_still_unknown() -> None:
    given = unwrap(deserialize_properties({"later": UNKNOWN_ARRAY_VALUE}, proxy_secrets=True))
    assert serialize_properties(given.wrap({"sooner": UNKNOWN})) == {"sooner": UNKNOWN_STRING_VALUE}


def test_assets_stay_what_they_are() -> None:
    asset = pulumi.StringAsset("text")
    given = unwrap({"file": asset})
    assert given.props["file"] is asset
    assert given.wrap(given.props)["file"] is asset


def test_whole_numbers_are_whole() -> None:
    assert str(whole_numbers({"a": [80.0, 0.5, True, "x", None]})) == "{'a': [80, 0.5, True, 'x', None]}"
