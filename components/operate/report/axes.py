"""Axes of a chart: where their marks are."""

import math

# Distances of marks on an axis of time, seconds.
_TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
_MARKS = 4


def value_marks(top: float) -> list[float]:
    """From 0 to at least `top`, at round numbers."""
    if top <= 0:
        return [0.0, 1.0]
    rough = top / _MARKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    return [step * number for number in range(math.ceil(top / step * 0.999) + 1)]


def time_marks(end: int) -> list[int]:
    """From 0 to at most `end`, at round times."""
    step = next((time for time in _TIMES if end / time <= _MARKS), math.ceil(end / _MARKS))
    return list(range(0, end + 1, step))
