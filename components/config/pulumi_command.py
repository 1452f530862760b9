"""The command `pulumi` on PATH, for operators; the program itself never calls it."""

import subprocess

import pulumi


class PulumiError(pulumi.RunError):
    """What pulumi could not do, in its own words."""


def run_pulumi(*arguments: str) -> str:
    """Output of `pulumi` with these arguments, in this folder. Raises PulumiError."""
    try:
        done = subprocess.run(["pulumi", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise PulumiError("pulumi was not found; install it, or run this through make") from None
    if done.returncode:
        raise PulumiError(done.stderr.strip().removeprefix("error: "))
    return done.stdout
