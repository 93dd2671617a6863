"""What the README says, done: its Python runs, its commands exist, its output is what the program prints."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import lassoopt as lo
from lassoopt.cli.shell import main

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.slow
def test_python_blocks_run_in_order(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a block writes a file
    names = {}
    for block in blocks("python"):
        exec(block, names)
    printed = capsys.readouterr().out
    assert "bmi is active" in printed
    assert names["certificate"].certified
    assert names["found"].proven


def test_inline_code_of_the_tables_is_real():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((20, 3)), rng.standard_normal(20)
    call = re.search(r"`(lo\.Problem\(X, y, lam, .*?\))`", README).group(1)
    problem = eval(call, {"lo": lo, "X": X, "y": y, "lam": 0.1})
    assert lo.solve(problem).certificate.certified
    listed = set(re.findall(r"`(\w+)`", "".join(line for line in README.splitlines() if line.startswith("| `"))))
    assert set(lo.LOSSES) | set(lo.PENALTIES) <= listed


def words(text: str) -> list[str]:
    """The text's words and whole numbers; sizes of rounding and times differ from machine to machine."""
    return [word for word in re.findall(r"[A-Za-z_|<>=']+", text) if word not in {"e"}]


def test_crosscheck_prints_what_is_shown(capsys):
    shown = next(block for block in blocks("text") if block.startswith("$ lassoopt crosscheck"))
    assert main(["crosscheck"]) == 0
    printed = capsys.readouterr().out
    assert words(printed) == words(shown.removeprefix("$ lassoopt crosscheck"))
    for number in ("1807.1653", "-6.07686", "40.9315", "0.784146", "51.859"):
        assert number in shown
        assert number in printed


def test_files_named_exist():
    for path in re.findall(r"`((?:lassoopt|examples)/[\w/.]*)`", README):
        assert (Path(__file__).parent.parent / path).exists(), path
