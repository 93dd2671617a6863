"""What a contributor is told: the paths and commands exist, and the lowest versions are those that are tested."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / ".github" / "CONTRIBUTING.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_paths_it_names_exist():
    named = set(
        re.findall(r"(?<![\w/])((?:lassoopt|examples|tests|\.ci|\.github)/[\w/.]*|[\w.]+\.(?:md|toml|py))", GUIDE)
    )
    assert len(named) > 20
    for path in named:
        assert (ROOT / path).exists(), path


def test_the_names_it_mentions_are_in_the_files_beside_them():
    for name, path in re.findall(r"`([A-Z]{4,})` in `([\w/]+\.py)`", GUIDE):
        assert re.search(rf"^{name}\b", (ROOT / path).read_text(), re.MULTILINE), (name, path)


@pytest.mark.parametrize("marker", ["slow", "search"])
def test_its_markers_are_registered(marker):
    assert f"@pytest.mark.{marker}" in GUIDE
    assert any(line.startswith(f"{marker}:") for line in PROJECT["tool"]["pytest"]["ini_options"]["markers"])


def test_the_lowest_versions_are_those_that_are_tested():
    extras = PROJECT["project"]["optional-dependencies"]
    bounds = dict(
        re.fullmatch(r"([\w-]+)>=([\d.]+)", each).groups()
        for each in PROJECT["project"]["dependencies"] + extras["test"]
    )
    tested = dict(re.findall(r"^([\w-]+)==([\d.]+)$", (ROOT / ".github" / "lowest.txt").read_text(), re.MULTILINE))
    assert tested == {name: bound for name, bound in bounds.items() if name not in ("ruff", "mypy")}
