"""The sheet every chart is drawn on: size, palette, text that cannot break, and the way to bytes.

Uses matplotlib's objects only, never pyplot, and its own defaults whatever the machine's settings say. It knows no
figure; `sprints` and `flow` draw on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from threading import Lock
from typing import Any, Literal

Format = Literal["png", "svg"]
Draw = Callable[[Any], None]
"""Draws on matplotlib Axes."""

INK, MUTED, GRID, FREE = "#1e1f21", "#5f6670", "#e3e6ea", "#f4f5f7"
BLUE, PALE_BLUE, RUST = "#1d5fc4", "#cfe0f8", "#b04a12"
"""Each of ink, muted, blue and rust has a contrast of at least 4.5 to 1 on white; blue and rust are told apart by
people who do not see red and green alike.
"""

ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85}
"""Behind a label that a line may pass."""

LONGEST_TITLE = 50
_INCHES, _DPI = (8.0, 4.0), 200
_SETTINGS = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "facilitator",
    "text.parse_math": False,
}
_DRAWING = Lock()
"""matplotlib's settings belong to the process: two threads must not change them at once."""


def chart(draw: Draw, *, title: str, subtitle: str, as_format: Format, right: float = 0.86) -> bytes:
    """One chart as bytes. `right` is where the plot ends, as a share of the width: labels stand behind it.

    Equal arguments give equal bytes: no date, no version, no random ids.
    """
    with _defaults():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor="white")
        axes = figure.add_axes((0.075, 0.135, right - 0.075, 0.66))
        figure.text(
            0.02, 0.93, printable(title, LONGEST_TITLE), size=14, weight="bold", color=INK, va="center"
        )
        figure.text(0.02, 0.86, printable(subtitle, 110), size=10, color=MUTED, va="center")
        _plain_axes(axes)
        draw(axes)
        return _bytes(
            FigureCanvasSVG(figure) if as_format == "svg" else FigureCanvasAgg(figure), title, as_format
        )


def warm() -> None:
    """Load all that drawing needs, and find the fonts: the first chart of a process takes two seconds longer than the next."""
    chart(lambda axes: nothing(axes, "-"), title="-", subtitle="-", as_format="svg")


def nothing(axes: Any, words: str) -> None:
    """An empty chart says so in its middle."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color=MUTED, size=12)


def slots(axes: Any, bars: int) -> None:
    """Room for so many bars, and for six at least: one bar alone is not a wall."""
    axes.set_xlim(-0.6, max(bars, 6) - 0.4)


def from_zero(axes: Any, highest: float) -> None:
    """The y axis from 0 to a little above the highest value, with whole numbers on it."""
    from matplotlib.ticker import MaxNLocator

    axes.set_ylim(0, max(highest, 1) * 1.12)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))


def end_labels(axes: Any, labels: Sequence[tuple[float, str, str]], x: float) -> None:
    """Labels behind the ends of lines, as (height, text, colour), pushed apart where they would touch."""
    low, high = axes.get_ylim()
    step = (high - low) * 0.085
    placed: list[float] = []
    for height, text, colour in sorted(labels):
        at = max(height, placed[-1] + step) if placed else height
        placed.append(at)
        axes.annotate(
            printable(text, 24), (x, at), xytext=(7, 0), textcoords="offset points", va="center",
            color=colour, weight="bold", size=10.5, annotation_clip=False, bbox=ON_WHITE,
        )  # fmt: skip


def printable(text: str, longest: int) -> str:
    """One line the font can draw, cut where too long; a letter it lacks becomes a white square."""
    line = " ".join(text.split())
    line = line if len(line) <= longest else line[: longest - 1].rstrip() + "\u2026"
    return "".join(letter if _has_glyph(letter) else "\u25a1" for letter in line)


@cache
def _has_glyph(letter: str) -> bool:
    from matplotlib.font_manager import findfont, get_font

    return letter.isprintable() and get_font(findfont("DejaVu Sans")).get_char_index(ord(letter)) != 0


@contextmanager
def _defaults() -> Iterator[None]:
    """Matplotlib as it ships, with our few settings, put back afterwards."""
    import matplotlib as mpl

    settings: dict[Any, Any] = {
        key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")
    }
    with _DRAWING, mpl.rc_context(settings | _SETTINGS):
        yield


def _plain_axes(axes: Any) -> None:
    """Only a base line and faint horizontal lines: nothing that is not data stands out."""
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="both", colors=MUTED, labelsize=9.5, length=0, pad=5)


def _bytes(canvas: Any, title: str, as_format: Format) -> bytes:
    out = BytesIO()
    if as_format == "svg":
        canvas.print_svg(
            out, metadata={"Date": None, "Creator": None, "Title": printable(title, LONGEST_TITLE)}
        )
    else:
        canvas.print_png(out, metadata={"Software": None})
    return out.getvalue()
