"""The rules of policies/, as strict as the stack's own file there says."""

from pathlib import Path

from components.operate import policy_configuration, policy_options
from local import foreground
from local.paths import Paths
from local.steps import StepError
from policies import summary
from policies.catalog import RULES
from policies.judging import config
from policies.reports import printing, results
from policies.reports.format import Format


def options(checkout: Path, stack: str) -> list[str]:
    """Options of `pulumi` that have it check the rules, for use in the checkout.

    Raises StepError if the configuration is wrong; the engine would not notice a misspelt name of a rule.
    """
    if file := policy_configuration(checkout, stack):
        try:
            config.every(RULES, config.read(file))
        except config.ConfigError as error:
            place = file.relative_to(checkout)
            raise StepError(f"{place} is wrong:\n{error}", "Correct it there.") from None
    return policy_options(checkout, stack)


def preview(env: dict[str, str], paths: Paths, stack: str, wanted: Format, file: Path) -> int:
    """`pulumi preview` with the rules, then the result of each; `file` gets the results line by line.

    Returns the engine's exit code: not 0 if a mandatory rule is broken.
    """
    command = ["pulumi", "preview", "--stack", stack, *options(paths.checkout, stack)]
    file.unlink(missing_ok=True)
    code = foreground.run(command, env=env | {results.FILE: str(file)}, cwd=paths.checkout)
    if file.exists():
        found = summary.report_of(file, policy_configuration(paths.checkout, stack))
        printing.show(found, wanted, violations=False)
    return code
