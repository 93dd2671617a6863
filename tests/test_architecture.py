"""The order of the modules, their size, and the state of the project's files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lassoopt"
CODE = [name for name in ("lassoopt", "tests", "examples") if (ROOT / name).exists()]
# top to bottom; the modules of one line do not import each other
ORDER = [
    {"__main__"},
    {"cli"},
    {"cli_cv", "cli_lesson", "cli_path", "cli_verify"},
    {"cli_data", "lessons", "progress"},
    {"plots"},
    {"polynomials", "one_weight", "geometry", "trace", "recovery", "departures"},
    {"crosscheck", "estimators"},
    {"cross_validation"},
    {"path"},
    {"refinement"},
    {"audit"},
    {"interpolation", "solve"},
    {"reference", "admm", "active_set", "prox_newton", "homotopy"},
    {"knots", "model", "limit"},
    {"primal_dual"},
    {"working_set"},
    {"factor"},
    {"graph", "least_squares", "refined_equations", "solution"},
    {"certify", "point"},
    {"report"},
    {"export"},
    {"certificate"},
    {"kkt", "optimal_set"},
    {"curvature"},
    {"proofs"},
    {"rounding"},
    {"duality", "plane"},
    {"crossover", "polish"},
    {"problem"},
    {"unpenalised"},
    {"null_correlations", "convert"},
    {"null_model", "kinks"},
    {"recession", "linear_program"},
    {"validation", "centring"},
    {"dependence"},
    {"design"},
    {"losses", "penalties", "datasets"},
    {"csv_table"},
    {"csv_numbers"},
    {"verify"},
    {"gauges"},
    {"arithmetic", "claim", "conjugates"},
    {"balancing", "enclosures", "tables"},
    {"labels"},
    {"errors", "caching", "whole_file", "console", "interruption"},
]
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}
# words and figures are loaded by the methods that make them
LAZY = {("certificate", "report"), ("certificate", "export"), ("path", "plots"), ("cross_validation", "plots")}
HEAVY = {"cvxpy", "matplotlib", "pandas", "sklearn"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The top-level module or subpackage a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path, nodes) -> set[str]:
    """The rooms of the package that these nodes import."""
    depth = len(path.relative_to(PACKAGE).parts)
    found = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.level == depth or (node.module or "").startswith("lassoopt")):
            module = (node.module or "").removeprefix("lassoopt").strip(".")
            found |= {module.split(".")[0]} if module else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("lassoopt.")}
    return found & LEVEL.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downward_only(path):
    name = room(path)
    if name == "__init__":
        return
    assert name in LEVEL, f"{name} has no place in the order of modules"
    tree = ast.parse(path.read_text())
    at_top = imported(path, tree.body) - {name}
    anywhere = imported(path, ast.walk(tree)) - {name}
    assert all(LEVEL[other] > LEVEL[name] for other in at_top), (name, at_top)
    assert all(LEVEL[other] > LEVEL[name] or (name, other) in LAZY for other in anywhere - at_top)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_packages_load_on_first_use(path):
    extra = {"sklearn"} if room(path) == "estimators" else set()  # loaded by those alone who ask for estimators
    for node in ast.parse(path.read_text()).body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
        assert not {name.split(".")[0] for name in names} & (HEAVY - extra)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_products_with_x_share_one_pool_of_threads(path):
    """They are `design.product`, which says why; CVXPY's expressions are another matter."""
    if path.stem == "reference":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            operands = {ast.unparse(side).removesuffix(".T").split(".")[-1] for side in (node.left, node.right)}
            assert "X" not in operands, ast.unparse(node)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_property_holds_a_lock(path):
    """functools' does until Python 3.12, and a forked process inherits it held; `caching` has one without."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "functools":
            assert "cached_property" not in {alias.name for alias in node.names}
        if isinstance(node, ast.Attribute) and node.attr == "cached_property":
            assert ast.unparse(node.value) == "caching"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_short(path):
    assert len(path.read_text().splitlines()) <= 320


@pytest.mark.parametrize(
    "arguments", [["ruff", "check", *CODE], ["ruff", "format", "--check", *CODE], ["mypy"]], ids=" ".join
)
def test_static_checks(arguments):
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_version():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE).group(1)
    stated = re.search(r'^__version__ = "(.+)"', (PACKAGE / "__init__.py").read_text(), re.MULTILINE)
    assert stated is None or stated.group(1) == version
    citation = ROOT / "CITATION.cff"
    if citation.exists():
        assert re.search(r'^version: "?([^"\n]+)"?', citation.read_text(), re.MULTILINE).group(1) == version


def test_no_machine_paths():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    files = [ROOT / name for name in listed] or MODULES  # an unpacked archive has no git
    found = re.compile(rb"/(?:work|tmp/w|root|home)/[a-z.]")
    assert [str(path) for path in files if path.exists() and found.search(path.read_bytes())] == []
