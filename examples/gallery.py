"""Make the figures that README.md and examples/README.md show, from the lessons.

python examples/gallery.py
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from PIL import Image

from lassoopt.teaching import lessons

HERE = Path(__file__).resolve().parent
FIGURES = HERE / "figures"
PAGES = (HERE.parent / "README.md", HERE / "README.md")
LARGEST = 150_000  # bytes


def shown() -> set[str]:
    """Return the names of the figures that the pages refer to."""
    return {name for page in PAGES for name in re.findall(r"figures/([\w-]+\.png)", page.read_text(encoding="utf-8"))}


def shrink(source: Path, target: Path) -> None:
    """Write the same picture in at most 128 colours, which line drawings do not miss."""
    with Image.open(source) as picture:
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)
    size = target.stat().st_size
    assert size < LARGEST, f"{target.name}: {size} bytes"


def main() -> None:
    FIGURES.mkdir(exist_ok=True)
    wanted = shown()
    for lesson in lessons.lessons():
        of_lesson = {name for name in wanted if name.startswith(f"{lesson.number:02d}-")}
        with tempfile.TemporaryDirectory() as folder:
            saved = {path.name: path for path in (lessons.save(lesson, folder) if of_lesson else ())}
            for name in sorted(of_lesson):
                shrink(saved[name], FIGURES / name)
                print(f"{FIGURES.name}/{name}: {(FIGURES / name).stat().st_size / 1000:.0f} kB")
    for old in FIGURES.glob("*.png"):
        if old.name not in wanted:
            old.unlink()


if __name__ == "__main__":
    main()
