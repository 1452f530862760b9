"""The rules of policies/, as strict as the stack's own file there says."""

from pathlib import Path

from local import foreground
from local.paths import Paths
from local.steps import StepError
from policies import summary
from policies.catalog import RULES
from policies.judging import config
from policies.reports import printing, results
from policies.reports.format import Format

STRICT = "prod"


def configuration(checkout: Path, stack: str) -> Path:
    """The stack's file in policies/; prod's for a stack that has none."""
    own = checkout / "policies" / f"{stack.rpartition('/')[2]}.json"
    return own if own.exists() else own.with_name(f"{STRICT}.json")


def options(checkout: Path, stack: str) -> list[str]:
    """Options of `pulumi` that have it check the rules, for use in the checkout.

    Raises StepError when the configuration is wrong; the engine would not notice the name of a rule misspelt.
    """
    file = configuration(checkout, stack)
    try:
        config.every(RULES, config.read(file))
    except config.ConfigError as error:
        raise StepError(f"{file.relative_to(checkout)} is wrong:\n{error}", "Mend it there.") from None
    return ["--policy-pack", "policies", "--policy-pack-config", str(file.relative_to(checkout))]


def preview(env: dict[str, str], paths: Paths, stack: str, wanted: Format, file: Path) -> int:
    """`pulumi preview` with the rules, then what came of each; `file` gets it line by line.

    Returns the engine's exit code: not 0 when something mandatory is broken.
    """
    command = ["pulumi", "preview", "--stack", stack, *options(paths.checkout, stack)]
    file.unlink(missing_ok=True)
    code = foreground.run(command, env=env | {results.FILE: str(file)}, cwd=paths.checkout)
    if file.exists():
        found = summary.report_of(file, configuration(paths.checkout, stack))
        printing.show(found, wanted, violations=False)
    return code
