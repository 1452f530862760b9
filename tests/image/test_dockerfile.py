"""Generated Dockerfiles, by golden file, and what all of them keep to."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from components.image.dockerfile import BASE_IMAGES, Recipe, dockerfile
from tests.support.golden_files import assert_golden

DEFAULT = Recipe(
    builder_image="golang:1.26-alpine",
    install_packages=True,
    base_image="scratch",
    package="./cmd/server",
    build_tags=(),
    variables=("main.Version", "main.GitCommit", "main.BuildTime"),
    port=8080,
    title="shop",
    buildkit=True,
)
RECIPES = {
    "scratch": DEFAULT,
    "alpine": replace(DEFAULT, base_image=BASE_IMAGES["alpine"]),
    "distroless": replace(DEFAULT, base_image=BASE_IMAGES["distroless"]),
    "mirror": replace(DEFAULT, builder_image="mirror.example.com/golang:1.26", install_packages=False),
    "tags-and-variables": replace(
        DEFAULT,
        build_tags=("netgo", "pprof"),
        variables=(
            "example.com/shop/build.Version",
            "example.com/shop/build.Commit",
            "example.com/shop/build.Time",
        ),
        package=".",
        port=9090,
    ),
    "without-buildkit": replace(DEFAULT, buildkit=False),
}


@pytest.mark.parametrize("name", RECIPES)
def test_is_what_was_reviewed(name: str) -> None:
    assert_golden(Path(__file__).parent / f"golden/{name}.Dockerfile", dockerfile(RECIPES[name]))


@pytest.mark.parametrize("name", RECIPES)
def test_what_changes_with_a_commit_comes_after_the_download(name: str) -> None:
    build = dockerfile(RECIPES[name]).partition("AS binary")[0]
    download = build.index("go mod download")
    assert all(
        found.start() > download for found in re.finditer(r"ARG |\$(VERSION|COMMIT|BUILD_TIME)", build)
    )
    assert build.index("COPY go.mod") < download < build.index("COPY . .")


@pytest.mark.parametrize("name", RECIPES)
def test_the_final_stage_is_a_layer_that_releases_share_and_one_of_the_binary(name: str) -> None:
    final = dockerfile(RECIPES[name]).rpartition("\nFROM ")[2]
    layers = re.findall(r"^(?:COPY|ADD|RUN).*", final, re.MULTILINE)
    assert layers == ["COPY --from=build /rootfs/ /", "COPY --from=build /out/ /"]


@pytest.mark.parametrize("name", RECIPES)
def test_nobody_runs_it(name: str) -> None:
    final = dockerfile(RECIPES[name]).rpartition("\nFROM ")[2]
    assert "USER 65534:65534" in final
    assert 'ENTRYPOINT ["/service"]' in final


@pytest.mark.parametrize("name", RECIPES)
def test_needs_no_newer_frontend_than_docker_20_10_has(name: str) -> None:
    text = dockerfile(RECIPES[name])
    assert not re.search(r"^# *syntax|--link|<<|--chmod|--parents|--exclude", text, re.MULTILINE)


def test_without_buildkit_it_is_plain() -> None:
    text = dockerfile(RECIPES["without-buildkit"])
    assert "--mount" not in text
    assert "PLATFORM" not in text
    assert "ARG TARGETARCH" in text


def test_a_configured_builder_installs_nothing() -> None:
    assert "apk" not in dockerfile(RECIPES["mirror"])


def test_the_binary_stage_holds_the_binary_alone() -> None:
    stage = dockerfile(DEFAULT).partition("AS binary")[2].partition("FROM")[0]
    assert stage.strip() == "COPY --from=build /out/ /"
