"""One chart of a trial as SVG. Colours come from the page's style."""

from collections.abc import Callable, Sequence

from ...cluster import Point
from ..figures import duration
from .axes import time_marks, value_marks
from .markup import Markup, tag

_WIDTH, _HEIGHT = 460, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 448.0, 14.0, 190.0
_DOTTED = 40  # with more samples dots would touch


class Chart:
    """Axes for the samples of a trial; its methods draw on them."""

    def __init__(self, points: Sequence[Point], top: float, figure: Callable[[float], str]) -> None:
        """top: the highest value that has to fit. figure: a value as people read it."""
        self._points, self._figure = points, figure
        self._marks = value_marks(top)
        self._end = max((point.second for point in points), default=0) or 1

    def svg(self, title: str, text: str, *parts: Markup) -> Markup:
        """The picture. text: what it shows, in a sentence."""
        return tag(
            "svg",
            tag("title", title),
            tag("desc", text),
            *self._bands(),
            *self._value_axis(),
            *self._time_axis(),
            *parts,
            viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
            role="img",
            aria_label=f"{title}. {text}",
        )

    def line(self, track: str, values: Sequence[float | None]) -> Markup:
        """A value at each sample; where there is none, the line is broken."""
        places = [self._place(point, value) for point, value in zip(self._points, values, strict=True)]
        path, dotted = "", list[tuple[float, float]]()
        for before, place, after in zip([None, *places], places, [*places[1:], None], strict=False):
            if place and (before or after):
                path += f"{'L' if before else 'M'}{place[0]:.1f} {place[1]:.1f}"
            if place and (len(places) <= _DOTTED or not (before or after)):
                dotted.append(place)
        dots = (tag("circle", cx=x, cy=y, r=3) for x, y in dotted)
        return tag("g", *([tag("path", d=path)] if path else []), *dots, class_=f"track {track}")

    def steps(self, track: str, values: Sequence[float]) -> Markup:
        """A value that each interval had as a whole."""
        path = f"M{_LEFT:.1f} {self._y(values[0]):.1f}" if values else ""
        for point, value in zip(self._points, values, strict=True):
            path += f"V{self._y(value):.1f}H{self._x(point.second):.1f}"
        return tag("g", *([tag("path", d=path)] if path else []), class_=f"track {track}")

    def limit(self, value: float, text: str) -> Markup:
        """A line across, named above it, or below where there is no room above.

        The name is on the left: no sample is there yet.
        """
        y = self._y(value)
        return tag(
            "g",
            tag("line", x1=_LEFT, x2=_RIGHT, y1=y, y2=y),
            tag("text", text, x=_LEFT + 4, y=y - 5 if y > _TOP + 14 else y + 14),
            class_="limit",
        )

    def _bands(self) -> list[Markup]:
        """The intervals of samples that did not pass, behind all else."""
        seconds = [0, *(point.second for point in self._points)]
        return [
            tag(
                "rect",
                x=self._x(begin),
                y=_TOP,
                width=max(self._x(point.second) - self._x(begin), 1),
                height=_BOTTOM - _TOP,
                class_=f"band {point.outcome}",
            )
            for begin, point in zip(seconds, self._points, strict=False)
            if point.outcome != "pass"
        ]

    def _value_axis(self) -> list[Markup]:
        return [
            tag(
                "g",
                tag("line", x1=_LEFT, x2=_RIGHT, y1=self._y(mark), y2=self._y(mark)),
                tag("text", self._figure(mark), x=_LEFT - 8, y=self._y(mark) + 4, text_anchor="end"),
                class_="grid",
            )
            for mark in self._marks
        ]

    def _time_axis(self) -> list[Markup]:
        return [
            tag(
                "text",
                duration(mark),
                x=self._x(mark),
                y=_BOTTOM + 20,
                # The last one would stand out on the right.
                text_anchor="end" if self._x(mark) > _RIGHT - 30 else "middle",
                class_="time",
            )
            for mark in time_marks(self._end)
        ]

    def _place(self, point: Point, value: float | None) -> tuple[float, float] | None:
        return None if value is None else (self._x(point.second), self._y(value))

    def _x(self, second: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * second / self._end

    def _y(self, value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * value / self._marks[-1]
