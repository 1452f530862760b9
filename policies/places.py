"""Where a resource comes from, for those who want to go there."""

import re


def place(origin: str) -> tuple[str | None, int | None]:
    """File and line of an origin; None and None of a URN."""
    found = None if origin.startswith("urn:") else re.fullmatch(r"(.*):([0-9]+)", origin, re.S)
    return (found[1], int(found[2])) if found else (None, None)


def called(type_token: str, name: str) -> str:
    """What people call a resource: `Deployment shop/web`, `Command deploy`; without a type the stack."""
    return f"{type_token.rpartition(':')[2]} {name}" if type_token else "the stack"
