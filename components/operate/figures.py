"""Figures of a trial as people read them, the same in the terminal and on the page."""


def percent(value: float | None) -> str:
    """`0.1 %`; with a second decimal below 0.1, so that it is not taken for none."""
    if value is None:
        return "no data"
    return f"{value:.2f} %" if 0 < value < 0.1 else f"{value:.1f} %"


def bound(value: float) -> str:
    """A limit as it was set: `1 %`, `0.5 %`."""
    return f"{value:g} %"


def latency(milliseconds: float | None) -> str:
    """`12 ms`, or from a second on `1.5 s`."""
    if milliseconds is None:
        return "no data"
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.3g} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.2g} ms"


def count(value: float | None) -> str:
    """`1,234`."""
    return "no data" if value is None else f"{value:,.0f}"


def duration(seconds: int) -> str:
    """`1 min 30 s`."""
    minutes, left = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (left, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
