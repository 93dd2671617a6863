"""The lessons run, and every claim in them holds; their form; and the commands that list, run and save them."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from PIL import Image

from lassoopt.cli.shell import main
from lassoopt.teaching import lessons

EVERY = lessons.lessons()
IDS = [each.script.stem for each in EVERY]


@pytest.mark.slow
@pytest.mark.parametrize("which", EVERY, ids=IDS)
def test_lesson_runs_and_its_claims_hold(which, capsys, monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.extend(plt.get_figlabels()))
    lessons.run(which)
    assert len(capsys.readouterr().out.splitlines()) >= 2
    assert any(shown), "a lesson shows at least one named figure"
    assert not plt.get_fignums()


@pytest.mark.parametrize("which", EVERY, ids=IDS)
def test_form_of_a_lesson(which):
    text = which.script.read_text()
    parts = ["# # Lesson", "**Question.**", "## The mathematics", "## What was claimed", "## Try it"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "assert " in text[places[-2] : places[-1]]
    assert "lo.plots." in text
    assert text.rstrip().endswith("plt.show()")
    assert text.startswith("# %% [markdown]\n")
    after = text[places[-1] :]
    assert len(re.findall(r"^# \d\. ", after, flags=re.MULTILINE)) >= 2
    assert "assert" in after or "print" in after  # an answer can be checked
    for cell in text.split("# %%")[1:]:
        if cell.startswith(" [markdown]"):
            assert all(line.startswith("#") for line in cell.splitlines()[1:] if line)


def test_numbers_are_in_order_and_match_the_files():
    assert [each.number for each in EVERY] == list(range(1, len(EVERY) + 1))
    assert all(each.script.name.startswith(f"{each.number:02d}_") for each in EVERY)
    assert all(each.question.endswith("?") for each in EVERY)


def test_command_lists_every_lesson(capsys):
    assert main(["lesson"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    for each in EVERY:
        assert f"{each.number} {each.title}" in printed
        assert each.question in printed


@pytest.mark.slow
def test_command_saves_figures_and_animations(capsys, tmp_path):
    before = plt.get_backend()
    assert main(["lesson", "3", "--save", str(tmp_path / "new" / "out")]) == 0
    files = sorted((tmp_path / "new" / "out").iterdir())
    assert [path.name for path in files] == ["03-rubber-band.png", "03-sliding.gif"]
    printed = capsys.readouterr().out
    assert all(f"wrote {path}" in printed for path in files)
    assert "every claim held" in printed
    with Image.open(files[0]) as figure, Image.open(files[1]) as animation:
        assert figure.size[0] > 600
        assert animation.n_frames == 40
    assert plt.get_backend() == before
    assert not plt.get_fignums()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["99"], f"lesson: found 99; allowed are 1 to {len(EVERY)}"),
        (["0"], "lesson: found 0"),
        (["three"], f"lesson: found 'three'; allowed are 1 to {len(EVERY)}"),
        (["2.5"], f"lesson: found '2.5'; allowed are 1 to {len(EVERY)}"),
        (["-1"], f"lesson: found '-1'; allowed are 1 to {len(EVERY)}"),
        (["--save", "out"], "--save: found no lesson"),
        (
            ["3", "--save", __file__],
            f"--save: found {__file__!r}, which cannot be made a folder (File exists); allowed is",
        ),
    ],
)
def test_bad_input(arguments, words, capsys):
    assert main(["lesson", *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1


def test_a_lesson_whose_package_is_missing_says_so(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    who = next(each for each in EVERY if "scikit-learn" in each.script.read_text())
    assert main(["lesson", str(who.number)]) == 2
    assert "sklearn" in capsys.readouterr().err


def test_a_claim_that_does_not_hold_is_not_swallowed(tmp_path):
    script = tmp_path / "01_wrong.py"
    script.write_text("# %% [markdown]\n# # Lesson 1: wrong\n#\n# **Question.** Is it?\n\n# %%\nassert 1 == 2\n")
    with pytest.raises(AssertionError):
        lessons.run(lessons.Lesson.of(script))


def test_lessons_travel_with_the_package():
    """Where the package is installed, the lessons lie where `lessons` looks first."""
    root = Path(lessons.__file__).parent.parent.parent
    wheel = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "examples" in wheel["only-include"]
    assert root / wheel["sources"]["examples"] == lessons._PLACES[0]


def pages():
    root = Path(lessons.__file__).parent.parent.parent
    return (
        (root / "README.md").read_text(),
        (root / "examples" / "README.md").read_text(),
        root / "examples" / "figures",
    )


def test_syllabus_has_every_lesson_with_a_figure_and_exercises():
    _, syllabus, _ = pages()
    sections = dict(re.findall(r"^## (\d+)\. (.+?)(?=^## )", syllabus, flags=re.MULTILINE | re.DOTALL))
    assert [int(number) for number in sections] == [each.number for each in EVERY]
    for each in EVERY:
        section = sections[str(each.number)]
        assert section.splitlines()[0].lower() == each.title.lower()
        assert f"](figures/{each.number:02d}-" in section
        assert "**Exercises:**" in section
        assert f"| {each.number} | [{each.title}]({each.script.name}) |" in syllabus


def test_figures_shown_are_there_and_small():
    readme, syllabus, folder = pages()
    gallery = re.findall(r"\(examples/figures/([\w-]+\.png)\)", readme)
    assert len(gallery) == 3
    shown = {*gallery, *re.findall(r"\(figures/([\w-]+\.png)\)", syllabus)}
    assert shown == {path.name for path in folder.iterdir()}
    for name in shown:
        assert (folder / name).stat().st_size < 150_000
        with Image.open(folder / name) as picture:
            assert picture.size[0] >= 800
