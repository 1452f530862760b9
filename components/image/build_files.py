"""Files that the plugins read: the Dockerfile, and beside it the list of what the build does not see.

A plugin takes such a list from beside the Dockerfile or from the context, and the context is the user's.
"""

import asyncio
from pathlib import Path

import pulumi

from ..shared import GENERATED
from .ignore_list import ignore_list

_FOLDER = Path(GENERATED)


class BuildFiles:
    """Puts the files in place. After a preview everything is as it was before."""

    path: str
    """Path of the Dockerfile.

    It is relative, the same on every machine and in every run, so that a preview shows no change of its own.
    """

    def __init__(self, name: str, dockerfile: str, context: str) -> None:
        path = _FOLDER / f"{name}.Dockerfile"
        self.path = path.as_posix()
        own = _text(Path(context, ".dockerignore"))
        wanted = {
            _FOLDER / ".gitignore": "*\n",
            path: dockerfile,
            path.with_name(f"{path.name}.dockerignore"): ignore_list(own or "", _program(context)),
        }
        self._had_folder = _FOLDER.exists()
        self._before = {file: _text(file) for file in wanted if _text(file) != wanted[file]}
        _FOLDER.mkdir(exist_ok=True)
        for file in self._before:
            file.write_text(wanted[file])

    def release(self, *readers: pulumi.Resource) -> None:
        """Has a preview put everything back once the resources that read the files are registered."""
        if pulumi.runtime.is_dry_run() and self._before:
            self._restoring = asyncio.ensure_future(self._restore_after(readers))

    async def _restore_after(self, readers: tuple[pulumi.Resource, ...]) -> None:
        try:
            await asyncio.gather(*(reader.urn.future() for reader in readers), return_exceptions=True)
        finally:  # also where the program is stopped
            self._restore()

    def _restore(self) -> None:
        for file, text in self._before.items():
            if text is None:
                file.unlink(missing_ok=True)
            else:
                file.write_text(text)
        if not self._had_folder:
            _FOLDER.rmdir()


def _program(context: str) -> str | None:
    """This program's directory, relative to a context; None outside of it."""
    here, there = Path.cwd(), Path(context).resolve()
    return here.relative_to(there).as_posix() if here.is_relative_to(there) else None


def _text(file: Path) -> str | None:
    return file.read_text() if file.exists() else None
