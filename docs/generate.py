"""Writes the generated documentation: `python -m docs.generate [--check]`.

From the fields of the arguments: the settings in Pulumi.yaml, docs/settings.md and the README's table. From
the rules of policies/: docs/policies.md.
"""

import argparse
import sys
from pathlib import Path

from docs import policies, settings
from docs.fields import FieldError
from docs.project import with_settings
from policies.catalog import SUBJECTS

ROOT = Path(__file__).parents[1]


def files() -> dict[Path, str]:
    """Generated files, and what has to be in them. Raises FieldError."""
    entries = settings.entries()
    project, readme = ROOT / "Pulumi.yaml", ROOT / "README.md"
    return {
        project: with_settings(project.read_text(), entries),
        readme: settings.with_first_table(readme.read_text(), entries),
        ROOT / "docs/settings.md": settings.page(entries),
        ROOT / "docs/policies.md": policies.page(SUBJECTS),
    }


def main(arguments: list[str]) -> int:
    """Returns the exit code: 1 if anything is out of date with `--check`, or a field lacks something."""
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything is out of date")
    check = parser.parse_args(arguments).check
    try:
        generated = files()
    except (FieldError, TypeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    outdated = [file for file, text in generated.items() if not file.exists() or file.read_text() != text]
    for file in outdated:
        if check:
            sys.stderr.write(f"{file.relative_to(ROOT)} is out of date; run make docs\n")
        else:
            file.write_text(generated[file])
    return 1 if check and outdated else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
