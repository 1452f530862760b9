"""What no build of a Go service needs, left out of the context whether its .dockerignore says so or not.

Without this a clone, a commit or `pulumi config set` would be another context, and with it another build.
`go:embed` may name nearly anything, so the list is short: folders that Go refuses to embed, what tools leave
behind, and the program's own settings. Tests stay, as sources may be embedded, and so does .env: where it is
not committed, the user's own list should have it.
"""

VERSION_CONTROL = ("**/.git", "**/.hg", "**/.svn", "**/.bzr")
EDITORS = (".idea", ".vscode", "**/.DS_Store", "**/*.swp")
PYTHON = (
    "**/.venv",
    "**/__pycache__",
    "**/.pytest_cache",
    "**/.ruff_cache",
    "**/.mypy_cache",
    "**/.hypothesis",
)
PULUMI = ("Pulumi.yaml", "Pulumi.*.yaml", ".pulumi", ".goservice")


def ignore_list(own: str, program: str | None) -> str:
    """Patterns for a context, one a line, in the form of .dockerignore.

    own: text of its .dockerignore, which has the last word: `!.vscode` keeps the folder.
    program: the Pulumi program's directory, relative to the context; None outside of it.
    """
    prefix = "" if program == "." else f"{program}/"
    pulumi = [prefix + name for name in PULUMI] if program else []
    return "\n".join([*VERSION_CONTROL, *EDITORS, *PYTHON, *pulumi, own])
