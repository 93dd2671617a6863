"""`lessons` lists the numbered scripts in ``examples/`` with their questions, runs them, and saves their figures."""

from __future__ import annotations

import io
import re
import runpy
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import whole_file
from ..errors import InputError, missing_package

if TYPE_CHECKING:
    from matplotlib.animation import Animation
    from matplotlib.figure import Figure

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (_PACKAGE / "examples", _PACKAGE.parent / "examples")  # in an installed package; in a clone of the repository
_DPI = 150  # of the figures that are saved


@dataclass(frozen=True)
class Lesson:
    """A lesson is a script with a number, a title and a question."""

    number: int
    title: str
    question: str
    script: Path

    @classmethod
    def of(cls, script: Path) -> Lesson:
        """Read the script's first cell: ``# # Lesson 3: title`` and a paragraph ``**Question.** ...``."""
        text = "\n".join(line.removeprefix("#").strip() for line in script.read_text(encoding="utf-8").splitlines())
        number, title = re.findall(r"^# Lesson (\d+): (.+)$", text, flags=re.MULTILINE)[0]
        question = re.findall(r"^\*\*Question\.\*\* (.+?)\n\n", text, flags=re.MULTILINE | re.DOTALL)[0]
        return cls(int(number), title, " ".join(question.split()), script)


def lessons() -> tuple[Lesson, ...]:
    """Return all lessons in order.

    Examples
    --------
    >>> lessons()[2].title
    'one weight and a rubber band'
    """
    place = next(place for place in _PLACES if place.is_dir())
    return tuple(Lesson.of(script) for script in sorted(place.glob("[0-9][0-9]_*.py")))


def lesson(number: Any) -> Lesson:
    """Return the lesson of that number.

    Raises
    ------
    InputError
        If there is none of that number; the message says which there are.
    """
    every = {each.number: each for each in lessons()}
    if number not in every:
        raise InputError(f"lesson: found {number!r}; allowed are {min(every)} to {max(every)}")
    return every[number]


def run(which: Lesson) -> None:
    """Run the script, which prints, asserts what it claims, and shows its figures if there is a screen.

    Raises
    ------
    InputError
        If the lesson needs a package that is not installed.
    AssertionError
        If a claim does not hold, as when a knob was turned too far.
    """
    import matplotlib.pyplot as plt

    _execute(which)
    plt.close("all")


def save(which: Lesson, folder: str | Path) -> Iterator[Path]:
    """Run the script without a screen, and write its named figures (PNG) and animations (GIF), one path at a time.

    Raises
    ------
    InputError
        If the folder cannot be made, or the lesson needs a package that is not installed.
    """
    import matplotlib.pyplot as plt
    from matplotlib.animation import Animation

    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"--save: found {str(folder)!r}, which cannot be made a folder ({error.strerror}); "
            "allowed is a folder, there or to be made"
        ) from None
    backend = plt.get_backend()
    plt.close("all")
    plt.switch_backend("agg")
    try:
        names = _execute(which)
        for name, value in names.items():
            if isinstance(value, Animation):
                yield _written(target / f"{which.number:02d}-{name}.gif", partial(_animated, value))
        for label in plt.get_figlabels():
            if label:
                yield _written(target / f"{which.number:02d}-{label}.png", partial(_drawn, plt.figure(label)))
    finally:
        plt.close("all")
        plt.switch_backend(backend)


def _execute(which: Lesson) -> dict[str, Any]:
    import matplotlib

    with warnings.catch_warnings(), matplotlib.rc_context():  # a lesson may choose a style
        warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")
        try:
            return runpy.run_path(str(which.script), run_name="__main__")
        except ModuleNotFoundError as error:
            raise missing_package(f"lesson: {which.number}", str(error.name).partition(".")[0]) from None


def _written(path: Path, drawn: Callable[[], bytes]) -> Path:
    try:
        whole_file.put(path, drawn())
    except OSError as error:
        raise InputError(f"--save: {path} cannot be written: {error.strerror}") from None
    return path


def _animated(animation: Animation) -> bytes:
    with tempfile.TemporaryDirectory() as folder:  # Matplotlib writes animations into files only
        file = Path(folder, "animation.gif")
        try:
            animation.save(file, writer="pillow")
        except IndexError as error:  # the writer ended before its first frame; what ended it is the reason
            raise error.__context__ or error from None
        return file.read_bytes()


def _drawn(figure: Figure) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=_DPI)
    return content.getvalue()
