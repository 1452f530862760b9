"""Names of metrics: those of the preset, and what the settings say instead."""

from dataclasses import replace
from typing import get_args

import pytest

from components.analysis import PRESETS
from components.strategies import CanaryMetrics
from components.strategies.canary.metrics import Preset
from components.strategies.canary.patterns import matchers, pattern

OWN = ("/health/live", "/health/ready", "/metrics")


def test_every_preset_can_be_chosen() -> None:
    assert get_args(Preset) == tuple(PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_by_itself_a_preset_is_taken_as_it_is(preset: Preset) -> None:
    assert CanaryMetrics(preset=preset).resolved(()) == PRESETS[preset]


def test_a_preset_passes_the_checks_of_the_settings() -> None:
    for names in PRESETS.values():
        texts = (names.errors, names.successes, names.ignored, *names.ignored_paths)
        assert [pattern(text) for text in texts if text and pattern(text)] == []
        assert not names.selector or matchers(names.selector) is None


def test_what_is_set_is_instead_of_the_presets() -> None:
    names = CanaryMetrics(
        preset="otelhttp",
        requests="requests_total",
        latency="latency",
        unit="milliseconds",
        status_label="code",
        pod_label="kubernetes_pod",
        namespace_label="kubernetes_namespace",
        path_labels=("uri",),
        errors="5..|timeout",
        successes="[1-4]..",
        ignored="client_gone",
        ignored_paths=("/internal/.*",),
        selector='job="shop"',
    ).resolved(())
    assert names == replace(
        PRESETS["otelhttp"],
        requests="requests_total",
        latency="latency",
        unit="milliseconds",
        status="code",
        pod="kubernetes_pod",
        namespace="kubernetes_namespace",
        paths=("uri",),
        errors="5..|timeout",
        successes="[1-4]..",
        ignored="client_gone",
        ignored_paths=("/internal/.*",),
        selector='job="shop"',
    )


def test_matchers_are_added_to_those_of_the_preset() -> None:
    own = PRESETS["istio"].selector
    assert own
    assert CanaryMetrics(preset="istio", selector='a="b"').resolved(()).selector == f'{own},a="b"'


def test_the_paths_of_the_service_itself_are_left_out_too() -> None:
    chosen = CanaryMetrics(ignored_paths=("/health.*",))
    assert chosen.resolved((*OWN, "/health/live")).ignored_paths == ("/health.*", "/metrics")
    assert chosen.resolved(("/a.b?full=1", "/a.b", "")).ignored_paths == ("/health.*", r"/a\.b")


def test_without_a_label_for_paths_none_are_added() -> None:
    assert not PRESETS["istio"].paths
    assert CanaryMetrics(preset="istio").resolved(OWN) == PRESETS["istio"]


@pytest.mark.parametrize(
    "text", ["5..", "(?i)5xx|(?:error|fault)", r"[(?=]\+", r"a\(?=b", "[*+]+", r"(?P<code>5..)", r"\d{3}"]
)
def test_what_both_languages_of_patterns_know_passes(text: str) -> None:
    assert pattern(text) is None


@pytest.mark.parametrize("text", ["(?=a)b", "(?<!a)b", "(?>a)b", "a++", "a{2}+", r"(a)\1", "(?P<x>a)(?P=x)"])
def test_what_prometheus_does_not_know_is_refused(text: str) -> None:
    reason = f'"{text}" has a lookaround, a back-reference or the like, which Prometheus does not know;'
    assert pattern(text) == f"{reason} write it without"


def test_what_means_something_else_to_each_is_refused() -> None:
    assert str(pattern("[[:digit:]]+")).startswith('"[[:digit:]]+" is not a regular expression: ')


@pytest.mark.parametrize(
    "text",
    ['job="shop"', ' job = "a, b" , cluster=~"eu-.*" ', r'path!="/a\"b"', 'a!~"x",b="y"'],
)
def test_label_matchers_pass(text: str) -> None:
    assert matchers(text) is None


@pytest.mark.parametrize(
    "text", ["job=shop", 'job="shop",', '{job="shop"}', 'a="b" or c="d"', 'a="b"} or up{c="d"']
)
def test_what_is_not_label_matchers_is_refused(text: str) -> None:
    assert str(matchers(text)).startswith(f"{text} is not a selector; ")
