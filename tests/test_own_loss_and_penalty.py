"""A loss and a penalty of one's own, registered as the package's are: everything that iterates over them takes them."""

from __future__ import annotations

import json
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.linalg import norm
from scipy.optimize import brentq

import lassoopt as lo
from lassoopt.arrays.parameters import Number, parameter
from lassoopt.cli.shell import main


@dataclass(frozen=True)
class Expectile(lo.Loss):
    """``c (u - y)^2 / 2`` with ``c = tau`` below y and ``1 - tau`` above (Newey & Powell 1987)."""

    tau: float = parameter(0.5, Number(0, 1, "which expectile; at 0.5, or 50%, the mean"))
    smoothness = 1.0

    def _c(self, r):
        return np.where(r < 0, self.tau, 1 - self.tau)

    def value(self, u, y):
        return self._c(u - y) * (u - y) ** 2 / 2

    def gradient(self, u, y):
        return self._c(u - y) * (u - y)

    def curvature(self, u, y):
        return self._c(u - y)

    def prox(self, v, y, step):
        return (v + step * self._c(v - y) * y) / (1 + step * self._c(v - y))

    def conjugate(self, a, y):
        return a * (a / self._c(a) / 2 + y)

    def slopes(self, y):
        return -np.inf, np.inf

    def curvature_at_slope(self, a, y):
        return np.where(a == 0, min(self.tau, 1 - self.tau), self._c(a))

    def conjugate_magnitude(self, a, y):
        return np.abs(a) * (np.abs(a) / self._c(a) / 2 + np.abs(y))

    def cvxpy(self, u, y):
        import cvxpy as cp

        return (self.tau * cp.square(cp.pos(y - u)) + (1 - self.tau) * cp.square(cp.pos(u - y))) / 2


@dataclass(frozen=True, eq=False)
class Together(lo.Penalty):
    """``P(w) = factor ||c * w||``: all features leave 0 together."""

    factor: float = parameter(1.0, Number(0, np.inf, "of the norm of all weights"))
    kinked_at_zero = False

    def value(self, w):
        return self.factor * norm(self.c * w)

    def prox(self, v, step):
        """``v nu / (nu + t c^2)`` where ``nu = ||c * w||`` solves an equation."""
        t = step * self.factor
        if norm(v / self.c) <= t:
            return 0 * v
        root = brentq(lambda nu: norm(self.c * v / (nu + t * self.c**2)) - 1, 0, norm(self.c * v), xtol=1e-300)
        return v * root / (root + t * self.c**2)

    def gauge(self, z):
        return norm(z / self.c) / self.factor

    def subdiff_distance(self, w, z, lam):
        if w.any():
            return np.abs(z - lam * self.gradient(w))
        return np.abs(z) * max(0.0, 1 - lam / self.gauge(z)) if z.any() else z

    def zero_margin(self, z, radius, lam):
        return np.full(z.size, lam * self.factor - norm((np.abs(z) + radius) / self.c))

    def threshold(self, lam):
        return lam * self.factor * self.c

    def gradient(self, w):
        return self.factor * self.c**2 * w / norm(self.c * w) if w.any() else w

    def hessian(self, w):
        c, size = self.c[w != 0], norm(self.c * w)
        unit = c * (c * w[w != 0]) / size
        return self.factor * (np.diag(c**2) - np.outer(unit, unit)) / size

    def cvxpy(self, w):
        import cvxpy as cp

        return self.factor * cp.norm2(cp.multiply(self.c, w)), []


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(lo.LOSSES, "expectile", Expectile)
    monkeypatch.setitem(lo.PENALTIES, "together", Together)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 5))
    return X, X[:, 0] - 0.5 * X[:, 1] + rng.standard_normal(40)


KINDS = [("expectile", "l1"), (Expectile(0.8), Together(2.0))]


@pytest.mark.parametrize(("loss", "penalty"), KINDS, ids=str)
def test_every_solver_that_fits_takes_them(data, loss, penalty):
    problem = lo.Problem(*data, 0.1, loss=loss, penalty=penalty)
    methods = ["auto", "admm", "cvxpy", *(["prox_newton"] if penalty == "l1" else [])]
    found = {method: lo.solve(problem, method) for method in methods}
    for method, solution in found.items():
        assert solution.certificate.certified or method == "cvxpy", solution
        np.testing.assert_allclose(solution.coef, found["auto"].coef, atol=1e-3)
    for method in {"active_set", "prox_newton"} - {*methods}:
        with pytest.raises(lo.InputError, match=f"{method} takes"):
            lo.solve(problem, method)


def test_the_answers_are_those_of_what_they_amount_to(data):
    """An expectile at 1/2 is half the squared loss, and all features together are one group."""
    ours = lo.solve(lo.Problem(*data, 0.1, loss="expectile"), tol=1e-12)
    np.testing.assert_allclose(ours.coef, lo.solve(lo.Problem(*data, 0.2), tol=1e-12).coef, atol=1e-6)
    c = [1.0, 2.0, 1.0, 0.5, 1.0]
    ours = lo.solve(lo.Problem(*data, 0.1, penalty=Together(2.0, weights=c)), tol=1e-12)
    group = lo.Problem(*data, 0.1, penalty=lo.Group([0] * 5, [2.0], weights=c))
    np.testing.assert_allclose(ours.coef, lo.solve(group, tol=1e-12).coef, atol=1e-6)
    assert lo.Problem(*data, 0.1, penalty=Together(2.0, weights=c)).lambda_max == pytest.approx(group.lambda_max)


@pytest.mark.parametrize(("loss", "penalty"), KINDS, ids=str)
def test_certificates_crosschecks_and_plots(data, loss, penalty):
    problem = lo.Problem(*data, 0.1, loss=loss, penalty=penalty)
    certificate = lo.solve(problem).certificate
    assert lo.certify(problem, certificate.coef, certificate.intercept, certificate.theta).certified
    assert not lo.certify(problem, certificate.coef + 0.01, certificate.intercept, certificate.theta).certified
    assert "proven optimal" in str(certificate)
    assert all(certificate.explain(j) for j in range(5))
    check = lo.crosscheck(problem)
    assert check.verdict.name == "AGREE", check
    path = lo.path(problem, n_lambdas=3)
    found = lo.cross_validate(problem, 2, n_lambdas=3)
    assert path.certified
    assert found.error == "loss"
    for draw, what in ((lo.plots.kkt, certificate), (lo.plots.path, path), (lo.plots.cross_validation, found)):
        assert all(ax.has_data() for ax in np.ravel(draw(what)))
    plt.close("all")


def test_no_certificate_file_speaks_of_them(data, tmp_path):
    for options in ({"loss": "expectile"}, {"penalty": "together"}):
        with pytest.raises(lo.InputError, match=r"a certificate file is about one of (squared|l1)"):
            lo.solve(lo.Problem(*data, 0.1, **options)).certificate.save(tmp_path / "file.json")
    assert not any(tmp_path.iterdir())


def test_the_command_line_lists_and_takes_them(capsys, tmp_path):
    for command in ("solve", "crosscheck", "path", "cv"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        words = " ".join(capsys.readouterr().out.split())
        assert "poisson,expectile}" in words
        assert "sparse_group,together}" in words
        assert "--tau NUMBER which expectile" in words
        assert "--factor NUMBER of the norm of all weights" in words
    given = ["solve", "--lam", "2", "--loss", "expectile", "--tau", "0.9", "--penalty", "together", "--factor", "3"]
    assert main([*given, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["certificate"]["problem"]
    assert (shown["loss"], shown["penalty"]) == ("Expectile(tau=0.9)", "Together")
    for options, words in (
        (["--loss", "expectile", "--tau", "1"], "tau: found 1.0; allowed is a finite number above 0 and below 1"),
        (["--tau", "0.5"], "--tau: loss squared does not take it; it belongs to expectile"),
        (["--factor", "2"], "--factor: penalty l1 does not take it; it belongs to together"),
        (["--loss", "expectile", "--certificate", str(tmp_path / "file.json")], "loss: found Expectile; a certificate"),
    ):
        assert main(["solve", *options]) == 2
        assert words in capsys.readouterr().err
