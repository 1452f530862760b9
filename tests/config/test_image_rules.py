"""What is wrong with the settings of the image, word for word."""

from typing import Any

import pytest

from tests.support.loaded_settings import PASSWORD, problems

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "references": (
        {
            "image": {
                "repository": "127.0.0.1:5000/sample:latest",
                "builderImage": "golang",
                "base": "alpine",
                "baseImage": "mirror.example.com/alpine:latest",
                "cacheTo": ["Not Valid"],
            }
        },
        [
            'image.baseImage: "mirror.example.com/alpine:latest" means latest, which changes by itself;'
            " name a version tag or a digest",
            'image.builderImage: "golang" means latest, which changes by itself;'
            " name a version tag or a digest",
            'image.cacheTo: "Not Valid" is not an image reference;'
            " use registry host, path in lower case and tag, such as ghcr.io/acme/shop:1.2",
            'image.repository: "127.0.0.1:5000/sample:latest" has the tag "latest";'
            " leave it out, tags come from the version",
        ],
    ),
    "platforms": (
        {"image": {"platforms": ["linux/pdp11"]}},
        [
            'image.platforms: "linux/pdp11" is not a platform of Go; use linux/386, linux/amd64, linux/arm,'
            " linux/arm64, linux/loong64, linux/mips, linux/mips64, linux/mips64le, linux/mipsle,"
            " linux/ppc64, linux/ppc64le, linux/riscv64 or linux/s390x"
        ],
    ),
    "no platform": (
        {"image": {"platforms": []}},
        ["image.platforms: is empty; name at least one, such as linux/amd64"],
    ),
    "what the docker builder cannot": (
        {"image": {"builder": "docker", "cacheTo": ["ghcr.io/acme/shop:cache"]}},
        [
            "image.cacheTo: the docker builder writes no cache; leave it out or use the builder buildkit",
            "image.platforms: the docker builder builds one platform; name one",
        ],
    ),
    "sources": (
        {"image": {"context": "docs"}},
        ['image.context: "docs" has no go.mod; name the directory of a Go module'],
    ),
    "packages and variables": (
        {
            "image": {
                "package": "./cmd/other",
                "goVersion": "latest",
                "buildTags": ["a b"],
                "versionVariable": "Version; rm -rf /",
            }
        },
        [
            'image.buildTags: "a b" is not a build tag; use letters, digits, _ and .',
            'image.goVersion: "latest" is not a Go release; use such as 1.26 or 1.26.8',
            'image.package: "./cmd/other" is not a directory of "app"; name the one with the main package',
            'image.versionVariable: "Version; rm -rf /" is not a Go variable;'
            " use package and name, such as main.Version",
        ],
    ),
    "credentials in image references": (
        {
            "image": {
                "repository": f"robot:{PASSWORD}@ghcr.io/acme/shop",
                "builderImage": f"https://robot:{PASSWORD}@ghcr.io/acme/golang:1.26",
                "cacheFrom": [f"https://{PASSWORD}@ghcr.io/acme/shop:cache", "ghcr.io/acme/shop:1.2@v1"],
            }
        },
        [
            f"image.{name}: has credentials, which would be in clear; set image.username and image.password"
            for name in ("builderImage",)
        ]
        + [
            'image.cacheFrom: "ghcr.io/acme/shop:1.2@v1" is not an image reference;'
            " use registry host, path in lower case and tag, such as ghcr.io/acme/shop:1.2"
        ]
        + [
            f"image.{name}: has credentials, which would be in clear; set image.username and image.password"
            for name in ("cacheFrom", "repository")
        ],
    ),
    "a release that is none": (
        {"image": {"pin": "v1.2.3"}},
        ['image.pin: "v1.2.3" is not a release; use version@sha256:…, as `make history` shows them'],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_says_what_is_wrong(case: str) -> None:
    sections, expected = CASES[case]
    lines = problems(**sections)
    assert lines == expected
    assert PASSWORD not in "\n".join(lines)
