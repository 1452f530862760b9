"""HTML and SVG as text. What is not markup already is escaped."""

import html


class Markup(str):
    """Text that is markup, and stays as it is."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | float) -> Markup:
    """An element. Attributes: `_` stands for `-`, and one at the end for nothing, as in `class_`."""
    named = {key.removesuffix("_").replace("_", "-"): value for key, value in attributes.items()}
    shown = "".join(f' {key}="{_text(value)}"' for key, value in named.items())
    return Markup(f"<{name}{shown}>{join(*children)}</{name}>")


def void(name: str, /, **attributes: str) -> Markup:
    """An element of HTML that has no end tag."""
    return Markup(tag(name, **attributes).removesuffix(f"</{name}>"))


def join(*children: str) -> Markup:
    """Several pieces as one."""
    return Markup("".join(child if isinstance(child, Markup) else html.escape(child) for child in children))


def table(head: list[str], rows: list[list[str]], *, label: str, class_: str = "") -> Markup:
    """A table that scrolls by itself where it is wider than the page.

    label: what it is, for those who do not see it.
    """
    shown = tag(
        "table",
        tag("thead", tag("tr", *(tag("th", cell, scope="col") for cell in head))),
        tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows)),
    )
    return tag("div", shown, class_=f"wide {class_}".rstrip(), role="region", aria_label=label, tabindex="0")


def _text(value: str | float) -> str:
    return html.escape(value) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
