"""A setting is one field: the stack may set it, and the documentation has it, without any other edit."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from typing import Annotated, Any, Literal

import pulumi
import pytest

from components.config import Setting, all_settings, schema
from components.config.decode import kind_of
from components.kubernetes import Network
from components.shared import Between
from docs import generate, settings
from docs.fields import Entry, FieldError, entry
from docs.project import with_settings
from tests.support.loaded_settings import loaded, problems, service_args


@dataclass(frozen=True, kw_only=True)
class WiderNetwork(Network):
    """A section with one more field."""

    idle_seconds: Annotated[int, Between(1, 60, "s")] = 5
    """Maximum time without traffic,
    after which | a connection ends."""


@dataclass(frozen=True, kw_only=True)
class NoSentence(Network):
    silent: int = 0
    spoken: int = 0
    """Says something."""


@dataclass(frozen=True, kw_only=True)
class NoCheck(Network):
    wait: Annotated[int, "seconds"] = 0
    """Waits."""


@dataclass(frozen=True, kw_only=True)
class NoKind(Network):
    wait: float = 0
    """Waits."""


@pytest.fixture
def network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The section `network` has the fields of the class that the test names."""
    caches = (schema.settings, schema.sections, schema.secret_keys)
    monkeypatch.setitem(schema.PARTS, "network", ("network", request.param))
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize("network", [WiderNetwork], indirect=True)
@pytest.mark.usefixtures("network")
def test_a_new_field_is_a_setting_with_its_checks_and_its_documentation() -> None:
    network = service_args(loaded(network={"idleSeconds": 7})).network
    assert isinstance(network, WiderNetwork)
    assert network.idle_seconds == 7
    assert problems(network={"idleSeconds": 61}) == ["network.idleSeconds: 61 is out of range; use 1-60 s"]
    entries = settings.entries()
    assert with_settings("\nconfig:\n", entries).count(
        "  network.idleSeconds:\n"
        "    type: integer\n"
        "    default: 5\n"
        "    description: Maximum time without traffic, after which | a connection ends. Range 1-60 s.\n"
    )
    assert settings.page(entries).count(
        "| `network.idleSeconds` | integer | `5` | 1-60 s |"
        " Maximum time without traffic, after which \\| a connection ends. |\n"
    )


ERRORS: dict[type[Any], str] = {
    NoSentence: "NoSentence.silent: has no sentence; write a docstring below the field",
    NoCheck: "NoCheck.wait: 'seconds' in its annotation is not a check; see components/shared/checks.py",
    NoKind: "NoKind.wait: <class 'float'> is not a type that a setting can have; config/decode.py has those",
}


@pytest.mark.parametrize("network", ERRORS, indirect=True)
@pytest.mark.usefixtures("network")
def test_a_field_that_cannot_be_documented_is_refused(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = request.node.callspec.params["network"]
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err == f"{ERRORS[owner]}\n"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One field of each kind."""

    needed: str
    """Needed."""
    choice: Literal["a", "b"] = "a"
    """Chosen."""
    ports: tuple[Annotated[int, Between(1, 9, "%")], ...] = (1,)
    """Listed."""
    share: Decimal = Decimal("0.5")
    """Decimal: with a colon."""
    token: pulumi.Input[str] = ""
    """Kept."""
    flag: bool = True
    """Switch."""
    notes: Mapping[str, str] | None = None
    """Never a setting."""


def sample() -> list[Entry]:
    found = [field for field in fields(Sample) if field.name != "notes"]
    return [
        entry(
            Setting(
                key=f"sample.{field.name}",
                owner=Sample,
                field=field.name,
                kind=kind_of(field.type),
                annotation=field.type,
                default=field.default,
            )
        )
        for field in found
    ]


def test_pulumi_yaml_has_what_each_kind_of_field_says() -> None:
    assert with_settings("head\nconfig:\nold: 1\n", sample()).partition("Do not edit.\n")[2] == (
        "  sample.needed:\n    type: string\n    description: Needed. Required.\n"
        "  sample.choice:\n    type: string\n    default: a\n    description: Chosen. One of a or b.\n"
        "  sample.ports:\n    type: array\n    items: {type: integer}\n    default: [1]\n"
        "    description: Listed. Range 1-9 % each.\n"
        '  sample.share:\n    type: string\n    default: "0.5"\n'
        '    description: "Decimal: with a colon."\n'
        '  sample.token:\n    type: string\n    default: ""\n    description: Kept. Set with --secret.\n'
        "  sample.flag:\n    type: boolean\n    default: true\n    description: Switch.\n"
    )


def test_the_page_has_a_row_for_each_setting_and_an_example_for_each_section() -> None:
    page = settings.page(sample(), {"sample": "\nconfig: {}\n"})
    assert page.endswith(
        "## sample\n\n"
        "| Key | Type | Default | Range | Meaning |\n"
        "|---|---|---|---|---|\n"
        "| `sample.needed` | string | required |  | Needed. |\n"
        "| `sample.choice` | `a`, `b` | `a` |  | Chosen. |\n"
        "| `sample.ports` | list of integers | `[1]` | 1-9 % each | Listed. |\n"
        "| `sample.share` | number | `0.5` |  | Decimal: with a colon. |\n"
        "| `sample.token` | string, secret |  |  | Kept. |\n"
        "| `sample.flag` | boolean | `true` |  | Switch. |\n\n"
        "```yaml\nconfig: {}\n```\n"
    )


def test_every_setting_has_a_sentence_that_ends() -> None:
    for setting in all_settings().values():
        assert entry(setting).sentence.endswith("."), setting.key


def test_a_field_of_a_class_without_it_is_refused() -> None:
    setting = all_settings()["network.egressPorts"]
    with pytest.raises(FieldError, match=r"Sample\.egress_ports: has no sentence"):
        entry(
            Setting(
                key="x",
                owner=Sample,
                field=setting.field,
                kind=setting.kind,
                annotation=setting.annotation,
                default=MISSING,
            )
        )
