"""The parts of the embedded default as steps: what each needs, and which are the user's own already."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local import (
    addon_steps,
    buildkit,
    buildx,
    debian,
    docker,
    docker_config,
    engine,
    firewall,
    golang,
    images,
    kubernetes,
    packages,
    pause,
    probes,
    provider_plugins,
    registry,
)
from local.environment import variables
from local.gobuild import Builder
from local.paths import Paths
from local.process import Runner
from local.record import Record
from local.steps import Report, Step
from local.tools import KUBE

NO_NETWORK = "Check that this machine reaches its package mirrors and module proxy; the log has the details."


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Steps over one environment. The process environment is the user's, without anything of ours in it."""

    paths: Paths
    record: Record
    runner: Runner
    tools: Builder

    @property
    def users_socket(self) -> Path | None:
        return docker.users_socket(os.environ)

    def steps(self) -> list[Step]:
        """All steps, in an order in which each comes after those it needs."""
        own_cluster = not os.environ.get("KUBECONFIG")
        common = [
            Step(
                name="packages",
                title="Debian packages",
                done=self._packages_done,
                run=self._packages,
                usual=40,
                remedy=f"`apt-get update` has to work; its output is in {self.paths.logs / 'packages.log'}.",
            ),
            Step(
                name="docker",
                title="Docker engine",
                needs=("packages",),
                done=self._docker_done,
                run=self._docker,
                usual=5,
            ),
            Step(
                name="pulumi",
                title="Pulumi engine",
                done=self._pulumi_done,
                run=self._pulumi,
                usual=90,
                remedy=NO_NETWORK,
            ),
            Step(
                name="plugins",
                title="Provider plugins",
                needs=("pulumi",),
                done=self._plugins_done,
                run=self._plugins,
                usual=360,
                remedy=NO_NETWORK,
            ),
        ]
        cluster = self._node_steps() + addon_steps.steps(self.runner, self.paths, self.tools, NO_NETWORK)
        return common + self._docker_steps() + (cluster if own_cluster else [])

    def _docker_steps(self) -> list[Step]:
        return [
            Step(
                name="base",
                title="Base image",
                needs=("docker",),
                done=lambda: images.BASE if images.key_of(self.runner, images.BASE) is not None else None,
                run=lambda report: debian.ensure(self.runner, self.paths, report),
                usual=45,
                remedy=NO_NETWORK,
            ),
            Step(
                name="registry",
                title="Registry",
                needs=("base",),
                done=self._registry_done,
                run=lambda report: registry.ensure(self.runner, self.paths, report),
                usual=20,
            ),
            Step(
                name="golang",
                title="Go builder image",
                needs=("registry",),
                done=lambda: golang.done(self.runner, self.paths),
                run=lambda report: golang.ensure(self.runner, self.paths, report),
                usual=60,
                remedy=NO_NETWORK,
            ),
            Step(
                name="buildx",
                title="docker buildx",
                needs=("packages",),
                done=self._buildx_done,
                run=self._buildx,
                usual=20,
                remedy=NO_NETWORK,
            ),
            Step(
                name="buildkit",
                title="BuildKit",
                needs=("buildx", "registry"),
                done=self._buildkit_done,
                run=self._buildkit,
                usual=60,
                remedy=NO_NETWORK,
            ),
        ]

    def _node_steps(self) -> list[Step]:
        return [
            Step(
                name="kube",
                title="Kubernetes",
                done=lambda: KUBE.version if self.tools.path(KUBE).exists() else None,
                run=self._built_kube,
                usual=480,
                remedy=NO_NETWORK,
            ),
            Step(
                name="node-image",
                title="Node image",
                needs=("base",),
                done=self._if_built(kubernetes.IMAGE),
                run=self._image_build(kubernetes.IMAGE),
                usual=40,
                remedy=NO_NETWORK,
            ),
            Step(
                name="pause",
                title="Pause image",
                needs=("registry",),
                done=lambda: pause.done(self.runner, self.paths),
                run=lambda report: pause.ensure(self.runner, self.tools, self.paths, report),
                usual=5,
            ),
            Step(
                name="node",
                title="Kubernetes node",
                needs=("kube", "node-image", "pause"),
                done=self._node_done,
                run=self._node,
                usual=20,
            ),
        ]

    def _packages_done(self) -> str | None:
        return None if self._missing_packages() else "nothing is missing"

    def _missing_packages(self) -> list[str]:
        socket = self.users_socket
        runs = bool((socket and docker.version(socket)) or docker.version(self.paths.docker_socket))
        has_base = runs and packages.has("docker") and images.key_of(self.runner, images.BASE) is not None
        public = has_base or probes.reachable(probes.DOCKER_HUB, self.paths)
        return packages.missing(engine_runs=runs, base_is_public=public)

    def _packages(self, report: Report) -> str:
        missing = self._missing_packages()
        said = packages.install(self.runner, missing, self.paths, report)
        self.record.save(self.paths, packages=sorted({*self.record.packages, *missing}))
        return said

    def _docker_done(self) -> str | None:
        socket = self.users_socket
        if socket and (found := docker.version(socket)):
            self._use(own_docker=False)
            return f"Docker {found}, {socket}"
        if docker_config.has_context(self.paths) and (found := docker.version(self.paths.docker_socket)):
            self._use(own_docker=True)
            return f"Docker {found}, {self.paths.docker_socket}"
        return None

    def _docker(self, report: Report) -> str:
        self._use(own_docker=True)
        firewall.note(self.runner, self.paths)
        found = docker.Engine(paths=self.paths).start(self.runner, report)
        if not docker_config.has_context(self.paths):
            docker_config.create_context(self.runner, self.paths)
        return f"Docker {found}, {self.paths.docker_socket}"

    def _buildx_done(self) -> str | None:
        if self.record.own_buildx:
            return buildx.done(self.tools, self.paths)
        found = buildx.users_version(self.runner)
        return f"buildx {found}" if found else None

    def _buildx(self, report: Report) -> str:
        said = buildx.ensure(self.tools, self.paths, report)
        self._use(own_buildx=True)
        return said

    def _pulumi_done(self) -> str | None:
        found = engine.users()
        self._use(own_engine=found is None)
        return engine.users_version(self.runner, found) if found else engine.done(self.tools, self.paths)

    def _pulumi(self, report: Report) -> str:
        return engine.ensure(self.tools, self.paths, report)

    def _plugins_done(self) -> str | None:
        plugins = provider_plugins.wanted()
        if all(provider_plugins.users(plugin).is_dir() for plugin in plugins):
            self._use(own_plugins=False)
            return provider_plugins.describe(plugins, official=True)
        if self.record.own_plugins and provider_plugins.are_built(self.tools, plugins, self.paths):
            return provider_plugins.describe(plugins, official=False)
        return None

    def _plugins(self, report: Report) -> str:
        plugins = provider_plugins.wanted()
        pulumi = str(engine.users() or self.paths.bin / "pulumi")
        official = provider_plugins.download(self.runner, pulumi, plugins, self.paths, report)
        if not official:
            provider_plugins.build(self.tools, plugins, self.paths, report)
        self._use(own_plugins=not official)
        return provider_plugins.describe(plugins, official=official)

    def _registry_done(self) -> str | None:
        self._use(own_registry=True)
        return registry.done(self.runner, self.paths)

    def _buildkit_done(self) -> str | None:
        return buildkit.done(self.runner, self.tools, self.paths)

    def _buildkit(self, report: Report) -> str:
        return buildkit.ensure(self.runner, self.tools, self.paths, report)

    def _built_kube(self, report: Report) -> str:
        self.tools.build(KUBE, report)
        return KUBE.version

    def _node_done(self) -> str | None:
        self._use(own_node=True)
        kube = self.tools.path(KUBE)
        self._use(own_kubectl=kubernetes.link_kubectl(kube, self.paths))
        return kubernetes.done(self.runner, kube, self.paths)

    def _node(self, report: Report) -> str:
        return kubernetes.ensure(self.runner, self.tools.path(KUBE), self.paths, report)

    def _if_built(self, image: images.Image) -> Callable[[], str | None]:
        return lambda: image.tag if images.key_of(self.runner, image.tag) == image.key else None

    def _image_build(self, image: images.Image) -> Callable[[Report], str]:
        def run(report: Report) -> str:
            images.build(self.runner, image, self.paths.logs / f"{image.tag.replace('/', '-')}.log", report)
            return image.tag

        return run

    def _use(self, **choices: bool) -> None:
        """Notes a choice, and lets every later command see it."""
        self.record.save(self.paths, **choices)
        self.runner.env.update(variables(self.paths, self.record, os.environ))
