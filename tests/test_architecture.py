"""The house: its layers, the imports that point down, its names, and the state of the project's files."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

import lassoopt

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lassoopt"
# top to bottom; the rooms of one line do not import each other
LAYERS = [
    {"__main__"},
    {"__init__"},
    {"cli"},
    {"plots"},
    {"teaching", "estimators", "crosschecks"},
    {"cross_validation"},
    {"paths"},
    {"audits"},
    {"solvers"},
    {"certificates"},
    {"problems"},
    {"losses", "penalties", "datasets"},
    {"arrays", "text", "drawing"},
    {"errors", "caching", "whole_file", "version"},
    {"verifier"},
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
# imported when asked for: what an extra is needed for, and the kernels, with which Numba is loaded
ON_FIRST_USE = {"verifier.upper_bounds", "solvers.working_sets.kernels"}
HEAVY = {"cvxpy", "matplotlib", "numba", "pandas", "sklearn"}
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(path.read_text())
    for path in sorted(PACKAGE.rglob("*.py"))
}


def room(module: str) -> str:
    return module.split(".")[0]


def imported(module: str, node: ast.AST) -> set[str]:
    """The modules of the package that a node imports, where it is an import."""
    if isinstance(node, ast.Import):
        return {name for alias in node.names for name in [alias.name] if name.split(".")[0] == "lassoopt"}
    if not isinstance(node, ast.ImportFrom) or not (node.level or (node.module or "").startswith("lassoopt")):
        return set()
    inside = module.split(".")[: -node.level] if node.level else []
    stated = (node.module or "").split(".") if node.module else []
    base = ".".join(inside + stated[0 if node.level else 1 :])
    found = set()
    for alias in node.names:
        options = [f"{base}.{alias.name}".strip("."), f"{base}.{alias.name}.__init__".strip(".")]
        options += [base, f"{base}.__init__".strip(".")]
        found.add(next(name for name in options if name in MODULES))
    return found


IMPORTS = {
    module: set().union(*(imported(module, node) for node in ast.walk(tree))) for module, tree in MODULES.items()
}
every_module = pytest.mark.parametrize("module", MODULES)


@every_module
def test_imports_point_downward(module):
    for other in IMPORTS[module]:
        if room(other) != room(module):
            assert LEVEL[room(other)] > LEVEL[room(module)], f"{module} imports {other}"


def test_no_cycles():
    """Not within a room either: a cycle is reported with its members."""
    TopologicalSorter(IMPORTS).prepare()


@every_module
def test_no_import_is_hidden(module):
    """Own modules are imported at the top, and not for the type checker alone."""
    if module == "__init__":
        return  # it loads the teaching modules and the figures on first use
    tree = MODULES[module]
    for node in ast.walk(tree):
        if imported(module, node) - ON_FIRST_USE:
            assert node in tree.body, ast.unparse(node)


def test_no_module_is_shadowed():
    """`import lassoopt.a.b as b` gives the module b, whatever names the package a exports."""
    for module in MODULES:
        if module not in ("__init__", "__main__"):
            name = f"lassoopt.{module}".removesuffix(".__init__")
            package, _, last = name.rpartition(".")
            importlib.import_module(name)
            assert isinstance(getattr(importlib.import_module(package), last), ModuleType), name


def test_the_verifier_is_the_floor():
    for module, others in IMPORTS.items():
        if room(module) == "verifier":
            assert {room(other) for other in others} <= {"verifier"}


@every_module
def test_heavy_packages_load_on_first_use(module):
    # loaded by those alone who ask for estimators, or for a compiled solver
    extra = {"sklearn"} if room(module) == "estimators" else {"numba"} if module in ON_FIRST_USE else set()
    for node in MODULES[module].body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
        assert not {name.split(".")[0] for name in names} & (HEAVY - extra)


@every_module
def test_products_with_x_share_one_pool_of_threads(module):
    """They are `design_matrix.product`, which says why; CVXPY's expressions are another matter."""
    if module == "solvers.cvxpy_reference":
        return
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            operands = {ast.unparse(side).removesuffix(".T").split(".")[-1] for side in (node.left, node.right)}
            assert "X" not in operands, ast.unparse(node)


@every_module
def test_no_property_holds_a_lock(module):
    """functools' does until Python 3.12, and a forked process inherits it held; `caching` has one without."""
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.ImportFrom) and node.module == "functools":
            assert "cached_property" not in {alias.name for alias in node.names}
        if isinstance(node, ast.Attribute) and node.attr == "cached_property":
            assert ast.unparse(node.value) == "caching"


def test_one_version():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE).group(1)
    citation = (ROOT / "CITATION.cff").read_text()
    assert re.search(r'^version: "?([^"\n]+)"?', citation, re.MULTILINE).group(1) == version
    assert lassoopt.__version__ == version


def test_no_machine_paths():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    files = [ROOT / name for name in listed] or PACKAGE.rglob("*.py")  # an unpacked archive has no git
    found = re.compile(rb"/(?:work|tmp/w|root|home)/[a-z.]")
    assert [str(path) for path in files if path.exists() and found.search(path.read_bytes())] == []
