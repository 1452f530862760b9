"""What the README and the pages of docs/ say, as far as a program can tell."""

import re
from pathlib import Path

import pytest

from components.analysis import Measurement, Sample, judge
from components.gate.sample_line import sample_line
from tests.support.go_module import write_module
from tests.support.limits import LIMITS
from tests.support.recording import record
from tests.support.stack_config import ROOT, schema

README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        file, _, section = link.partition("#")
        target = (page.parent / file) if file else page
        assert target.exists(), link
        headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE) if section else []
        assert not section or section in {
            re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings
        }


def test_every_page_is_reached_from_the_readme() -> None:
    reached, pages = set[Path](), [ROOT / "README.md"]
    while pages:
        page = pages.pop()
        reached.add(page)
        links = re.findall(r"\]\(([^)#]+\.md)", page.read_text())
        pages += [file for link in links if (file := (page.parent / link).resolve()) not in reached]
    assert reached >= set(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_settings_exist(page: Path) -> None:
    text = re.sub(r"```diff\n.*?```", "", page.read_text(), flags=re.DOTALL)
    targets = re.findall(r"^(\w[\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:^ {4}|`)make (\w+)", text, re.MULTILINE)) <= set(targets)
    sections = {key.partition(".")[0] for key in schema()}
    named = re.findall(rf"[` ']((?:{'|'.join(sections)})\.[a-z]\w+)[`\[ ]", text)
    maps = tuple(f"{key}." for key, setting in schema().items() if setting["type"] == "object")
    parts = {key.rpartition(".")[0] for key in schema()}  # such as canary.metrics
    assert [
        key for key in named if key not in schema() and key not in parts and not key.startswith(maps)
    ] == []


def test_the_program_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    write_module(tmp_path)
    (tmp_path / "app").rename(tmp_path / "shop")
    (tmp_path / "program").mkdir()
    monkeypatch.chdir(tmp_path / "program")
    here = code.replace("from goservice import", "from components import")
    types = {r.type for r in record(lambda: exec(here, {})).resources}  # noqa: S102 our own example
    assert types >= {"goservice:image:GoImage", "goservice:service:GoService", "goservice:canary:CanaryTrack"}


def test_the_trial_in_the_readme_is_what_the_gate_says() -> None:
    answered = (
        ((310, 0, 0.012), (921, 0, 0.011)),
        ((298, 14, 0.013), (899, 0, 0.011)),
        ((301, 15, 0.012), (905, 0, 0.012)),
    )
    samples: list[Sample] = []
    for number, tracks in enumerate(answered, 1):
        canary, stable = (
            Measurement(requests=r, errors=e, timed=r, slow=0, slow_at_most=0, p99_seconds=p)
            for r, e, p in tracks
        )
        samples.append(Sample(canary=canary, stable=stable))
        line = sample_line(f"{number}/9", 25, samples[-1], judge(samples, LIMITS, 9))
        assert f"\n{line}\n" in README, line
