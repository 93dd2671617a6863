"""Polynomial regression against other sources: NumPy's fits, scikit-learn, SciPy, quadrature, exact fractions."""

from __future__ import annotations

import itertools
from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.polynomial import Chebyshev, Legendre, Polynomial
from numpy.polynomial.legendre import leggauss
from scipy import stats
from scipy.special import eval_legendre
from sklearn.linear_model import Lasso, LinearRegression
from sklearn.metrics import mean_squared_error
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

import lassoopt as lo
from lassoopt import plots
from lassoopt.teaching.polynomials import (
    BASES,
    condition_number,
    conditioning,
    features,
    generate,
    repeat,
    scenario,
    sweep,
)

MODELS = [("overfitting", 5), ("overfitting", 15), ("exact", 2), ("underfitting", 3)]
GRID = np.linspace(-1, 1, 101)


# features


def test_monomials_are_those_of_scikit_learn():
    X, names = features(GRID, 15)
    other = PolynomialFeatures(15, include_bias=False)
    np.testing.assert_allclose(X, other.fit_transform(GRID[:, None]), rtol=1e-13, atol=0)
    assert [name.removesuffix("^1") for name in names] == other.get_feature_names_out(["x"]).tolist()


def test_chebyshev_is_the_cosine_of_a_multiple_angle():
    X, names = features(GRID, 12, "chebyshev")
    np.testing.assert_allclose(X, np.cos(np.outer(np.arccos(GRID), np.arange(1, 13))), atol=1e-13)
    assert names[2] == "T_3(x)"


def test_legendre_is_that_of_scipy():
    X, names = features(GRID, 12, "legendre")
    np.testing.assert_allclose(X, eval_legendre(np.arange(1, 13), GRID[:, None]), atol=1e-13)
    assert names == tuple(f"P_{k}(x)" for k in range(1, 13))


# the condition number


@pytest.mark.parametrize("basis", BASES)
def test_condition_number_is_that_of_the_standardised_columns(basis):
    X = features(np.random.default_rng(1).uniform(-1, 1, 60), 9, basis)[0]
    assert condition_number(X) == pytest.approx(np.linalg.cond(StandardScaler().fit_transform(X)), rel=1e-9)
    assert condition_number(1e6 * X[:, ::-1] + 3.0) == pytest.approx(condition_number(X), rel=1e-6)


def test_condition_number_of_two_columns_is_known():
    """Correlation r: the singular values are sqrt(1 +- r)."""
    X = np.random.default_rng(2).standard_normal((40, 2)) @ [[1.0, 0.8], [0.0, 0.6]]
    r = abs(np.corrcoef(X.T)[0, 1])
    assert condition_number(X) == pytest.approx(np.sqrt((1 + r) / (1 - r)))


def test_condition_number_of_the_law_itself():
    """Over [-1, 1], Legendre's are uncorrelated, and the powers have the covariances 1 / (i + j + 1) - means."""
    x = (np.arange(20_000) + 0.5) / 10_000 - 1
    assert condition_number(features(x, 10, "legendre")[0]) == pytest.approx(1.0, abs=1e-4)
    i = np.arange(1, 7)
    mean, both = np.where(i % 2 == 0, 1 / (i + 1), 0.0), i[:, None] + i
    covariance = np.where(both % 2 == 0, 1 / (both + 1), 0.0) - np.outer(mean, mean)
    deviation = np.sqrt(np.diag(covariance))
    known = np.sqrt(np.linalg.cond(covariance / np.outer(deviation, deviation)))
    assert condition_number(features(x, 6)[0]) == pytest.approx(known, rel=1e-4)


@pytest.mark.parametrize(
    "X",
    [
        [[1.0], [1.0]],
        np.full((5, 1), 0.1),
        [[1.0, 2.0], [2.0, 4.0], [4.0, 8.0]],
        np.random.default_rng(0).standard_normal((6, 6)),
        np.random.default_rng(0).standard_normal((6, 40)),
        [[1.0, 2.0]],
    ],
    ids=["constant", "constant, rounded", "dependent", "as many columns as rows", "more columns than rows", "one row"],
)
def test_condition_number_of_dependent_columns_is_infinite(X):
    assert condition_number(X) == np.inf


def test_conditioning_by_degree():
    found = conditioning(15, n=80, seed=3)
    x = np.random.default_rng(3).uniform(-1, 1, 80)
    for basis, numbers in found.numbers.items():
        for degree in (1, 7, 15):
            X = StandardScaler().fit_transform(features(x, degree, basis)[0])
            assert numbers[degree - 1] == pytest.approx(np.linalg.cond(X), rel=1e-6)
        assert np.all(np.diff(numbers) >= -1e-12 * numbers[1:])  # a column more never helps
    assert found.numbers["monomial"][-1] > 1e3 * found.numbers["legendre"][-1]


# data


@pytest.mark.parametrize("degree", [0, 1, 2, 7, 20])
def test_the_truth_has_its_degree_and_standard_deviation_1(degree):
    data = generate(degree, noise="none", n=60, seed=degree)
    assert data.degree == data.truth.degree() == degree
    np.testing.assert_array_equal(data.y, data.truth(data.x))
    residual = data.y - Chebyshev.fit(data.x, data.y, degree, domain=[-1, 1])(data.x)
    assert np.abs(residual).max() < 1e-10
    if degree:
        x, weight = leggauss(40)
        mean = weight @ data.truth(x) / 2
        assert weight @ (data.truth(x) - mean) ** 2 / 2 == pytest.approx(1.0)
        lower = data.y - Chebyshev.fit(data.x, data.y, degree - 1, domain=[-1, 1])(data.x)
        assert np.abs(lower).max() > 1e-3


@pytest.mark.parametrize("seed", range(20))
def test_degree_2_is_a_parabola_to_see_and_degree_20_wiggles(seed):
    parabola = generate(2, seed=seed).truth.convert(kind=Polynomial).coef
    assert abs(-parabola[1] / (2 * parabola[2])) <= 0.5
    turns = generate(20, seed=seed).truth.deriv().roots()
    assert np.sum((np.abs(turns.imag) < 1e-9) & (np.abs(turns) < 1)) >= 8


def test_the_noise_is_normal_of_the_level_asked_for():
    for noise, level in (("strong", 0.5), (2.0, 2.0)):
        data = generate(3, n=4000, noise=noise)
        assert data.noise == level
        for x, y in ((data.x, data.y), (data.x_test, data.y_test)):
            assert stats.kstest((y - data.truth(x)) / level, "norm").pvalue > 1e-3
            assert stats.kstest(x, "uniform", (-1, 2)).pvalue > 1e-3


def test_seeds():
    data = generate(4, seed=5)
    for again in (generate(4, seed=5), generate(4, seed=5, noise="none"), generate(4, seed=5, n=30, noise=0.1)):
        np.testing.assert_array_equal(again.x, data.x)
        np.testing.assert_array_equal(again.truth.coef, data.truth.coef)
    np.testing.assert_array_equal(generate(4, seed=5).y, data.y)
    np.testing.assert_array_equal(generate(9, seed=5).x, data.x)
    np.testing.assert_array_equal(generate(4, seed=5, n=99).truth.coef, data.truth.coef)
    assert not np.array_equal(generate(4, seed=6).x, data.x)


# scenarios


def test_the_scenarios_are_those_that_were_promised():
    found = [scenario(name, model_degree=degree) for name, degree in MODELS]
    assert [(each.data.degree, each.degree) for each in found] == [(2, 5), (2, 15), (2, 2), (20, 3)]
    assert [scenario(name).degree for name in ("overfitting", "exact", "underfitting")] == [5, 2, 3]
    other = scenario("exact", true_degree=4, n=50, noise=0.1, lam=0.3, basis="legendre", seed=8)
    assert (other.degree, other.data.degree, other.data.noise, other.problem.lam) == (4, 4, 0.1, 0.3)
    assert other.problem.shape == (50, 4)
    assert other.problem.feature_names[-1] == "P_4(x)"


@pytest.mark.parametrize("basis", BASES)
def test_the_truth_in_the_models_basis(basis):
    """With enough features, the true weights reproduce the truth; otherwise they are its first ones."""
    found = scenario("overfitting", true_degree=6, model_degree=9, basis=basis, noise="none")
    rest = found.data.y - features(found.data.x, 9, basis)[0] @ found.true_weights
    np.testing.assert_allclose(rest, rest[0], atol=1e-12)
    assert np.all(found.true_weights[:6] != 0)
    assert np.all(found.true_weights[6:] == 0)
    truth = found.data.truth.convert(kind=BASES[basis]).coef
    shorter = scenario("underfitting", true_degree=6, model_degree=2, basis=basis)
    np.testing.assert_array_equal(shorter.true_weights, truth[1:3])


def test_legendre_weights_by_quadrature():
    found = scenario("underfitting", basis="legendre", seed=4)
    x, weight = leggauss(40)
    known = [(2 * k + 1) / 2 * weight @ (found.data.truth(x) * eval_legendre(k, x)) for k in (1, 2, 3)]
    np.testing.assert_allclose(found.true_weights, known, atol=1e-12)


@pytest.mark.parametrize(("name", "degree"), MODELS)
def test_no_polynomial_of_the_models_degree_is_below_the_floor(name, degree):
    """The best one by quadrature: least squares over [-1, 1] itself."""
    found = scenario(name, model_degree=degree, seed=1)
    x, weight = leggauss(60)
    best = Legendre.fit(x, found.data.truth(x), degree, domain=[-1, 1], w=np.sqrt(weight))
    missed = weight @ (found.data.truth(x) - best(x)) ** 2 / 2
    assert found.error_floor == pytest.approx(0.25 + missed)
    reached = mean_squared_error(found.data.y_test, best(found.data.x_test))
    assert reached == pytest.approx(found.error_floor, rel=0.06)


# least squares


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize(("name", "degree"), MODELS)
def test_least_squares_is_numpys_curve_in_every_basis(name, degree, basis):
    found = scenario(name, model_degree=degree, basis=basis, seed=2)
    other = Polynomial.fit(found.data.x, found.data.y, degree)
    ours = found.polynomial(found.least_squares)
    scale = np.abs(other(GRID)).max()
    np.testing.assert_allclose(ours(GRID), other(GRID), atol=1e-9 * scale)
    assert found.train_error(found.least_squares) == pytest.approx(
        mean_squared_error(found.data.y, other(found.data.x))
    )
    assert found.test_error(found.least_squares) == pytest.approx(
        mean_squared_error(found.data.y_test, other(found.data.x_test)), rel=1e-6
    )


def test_least_squares_weights():
    found = scenario("overfitting", seed=2)
    np.testing.assert_allclose(found.least_squares.coef, np.polyfit(found.data.x, found.data.y, 5)[-2::-1], rtol=1e-9)
    other = LinearRegression().fit(found.problem.X, found.data.y)
    np.testing.assert_allclose(found.least_squares.coef, other.coef_, rtol=1e-9)
    assert found.least_squares.intercept == pytest.approx(other.intercept_)


def solved_in_fractions(X, y):
    """The normal equations without rounding: weights and intercept."""
    rows = [[*(Fraction(v) for v in row), Fraction(1)] for row in X.tolist()]
    size, targets = len(rows[0]), [Fraction(v) for v in y.tolist()]
    M = [
        [sum(row[i] * row[j] for row in rows) for j in range(size)]
        + [sum(row[i] * t for row, t in zip(rows, targets, strict=True))]
        for i in range(size)
    ]
    for i in range(size):
        M[i] = [value / M[i][i] for value in M[i]]
        for k in range(size):
            if k != i:
                M[k] = [a - M[k][i] * b for a, b in zip(M[k], M[i], strict=True)]
    return np.array([float(row[-1]) for row in M])


@pytest.mark.parametrize("basis", BASES)
def test_least_squares_keeps_the_digits_that_the_condition_number_leaves(basis):
    found = scenario("overfitting", model_degree=15, basis=basis, seed=2)
    exact = solved_in_fractions(found.problem.X, found.data.y)[:-1]
    error = np.abs(found.least_squares.coef - exact).max() / np.abs(exact).max()
    assert error < 100 * condition_number(found.problem.X) * np.finfo(float).eps


def test_the_certificate_sees_the_condition():
    """Same curve, same gap up to rounding; in monomials the bound on that grows, until it is above the tolerance."""
    for degree, monomial in ((15, lo.Status.OPTIMAL), (20, lo.Status.INACCURATE)):
        fits = {b: scenario("overfitting", model_degree=degree, basis=b, seed=2).least_squares for b in BASES}
        assert all(fit.certificate.relative_gap < 1e-9 for fit in fits.values())
        assert fits["legendre"].status is lo.Status.OPTIMAL
        assert fits["monomial"].status is monomial
        assert fits["monomial"].certificate.rounding > 50 * fits["legendre"].certificate.rounding


def test_more_features_than_points():
    found = scenario("overfitting", model_degree=15, n=8, basis="chebyshev")
    fit = found.least_squares
    assert found.train_error(fit) < 1e-20
    X = StandardScaler(with_std=False).fit_transform(found.problem.X)
    norm = np.linalg.norm(X, axis=0)
    least = np.linalg.pinv(X / norm) @ (found.data.y - found.data.y.mean()) / norm
    np.testing.assert_allclose(fit.coef, least, atol=1e-10)
    assert found.lasso.certificate.certified
    pair = scenario("overfitting", n=2, basis="chebyshev")
    assert pair.train_error(pair.least_squares) < 1e-20


@pytest.mark.slow
@pytest.mark.parametrize(("name", "degree"), MODELS)
def test_no_weight_of_least_squares_is_ever_exactly_zero(name, degree):
    found = repeat(name, 200, model_degree=degree)
    assert found.least_squares.kept.shape == (200, degree)
    assert found.least_squares.exact_zeros.sum() == 0
    assert min(np.abs(each.least_squares.coef).min() for each in found.scenarios) > 1e-6  # nor nearly


# the lasso, its sweep, and what survives


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize(("name", "degree"), MODELS)
def test_the_lasso_is_scikit_learns_and_cvxpys(name, degree, basis):
    found = scenario(name, model_degree=degree, basis=basis, seed=2)
    fit = found.lasso
    assert fit.certificate.certified
    other = Lasso(alpha=0.05, tol=1e-13, max_iter=1_000_000).fit(found.problem.X, found.data.y)
    np.testing.assert_allclose(fit.coef, other.coef_, atol=1e-4)
    np.testing.assert_array_equal(fit.coef == 0, other.coef_ == 0)
    reference = lo.solve(found.problem, method="cvxpy")
    np.testing.assert_allclose(fit.coef, reference.coef, atol=1e-4)
    assert fit.certificate.primal == pytest.approx(reference.certificate.primal, rel=1e-7)


@pytest.mark.parametrize(("name", "degree"), MODELS)
def test_the_sweep_by_definition(name, degree):
    found = scenario(name, model_degree=degree, basis="legendre", seed=2)
    along = sweep(found, n_lambdas=12)
    assert along.path.certified
    true = set(features([0.0], found.data.degree, "legendre")[1])
    for i, lam in enumerate(along.lambdas):
        other = Lasso(alpha=lam, tol=1e-13, max_iter=1_000_000).fit(found.problem.X, found.data.y)
        survivors = {f"P_{j + 1}(x)" for j in np.flatnonzero(other.coef_)}
        if i > 0:  # at lambda_max a weight is 0 up to rounding
            assert set(along.survivors(i)) == survivors
            assert along.selection.exact_zeros[i] == degree - len(survivors)
            assert along.selection.true_kept[i] == len(survivors & true)
            assert along.selection.false_kept[i] == len(survivors - true)
            assert along.selection.is_truth[i] == (survivors == true)
        predicted = other.predict(found.problem.X), other.predict(features(found.data.x_test, degree, "legendre")[0])
        assert along.train_error[i] == pytest.approx(mean_squared_error(found.data.y, predicted[0]), rel=1e-5)
        assert along.test_error[i] == pytest.approx(mean_squared_error(found.data.y_test, predicted[1]), rel=1e-4)
    assert along.test_error[along.best] == along.test_error.min()
    assert np.all(np.diff(along.train_error) <= 1e-9)  # less penalty never fits the training points worse


def test_where_the_truth_is_a_constant_no_survivor_is_the_truth():
    found = scenario("overfitting", true_degree=0)
    along = sweep(found, found.problem.lambda_max * np.array([1.01, 0.5, 0.01]))
    assert along.selection.is_truth.tolist() == [True, False, False]
    assert not along.selection.true_kept.any()


def test_underfitting_is_not_the_penaltys_to_fix():
    for seed in range(5):
        along = sweep(scenario("underfitting", basis="legendre", seed=seed), n_lambdas=15)
        assert not along.selection.is_truth.any()
        assert along.selection.true_kept.max() <= 3
        assert along.test_error.min() > 0.9 * along.scenario.error_floor > 3 * along.scenario.data.noise**2


def test_the_zeros_of_the_lasso_are_proven():
    found = repeat("overfitting", 40, model_degree=15)
    for each, zeros in zip(found.scenarios, found.lasso.exact_zeros, strict=True):
        assert zeros >= 11
        np.testing.assert_array_equal(each.lasso.certificate.proven_zeros, each.lasso.coef == 0)


def test_repeats_are_the_scenarios_of_their_seeds():
    found = repeat("exact", 3, true_degree=3, noise="none")
    for seed, each in enumerate(found.scenarios):
        np.testing.assert_array_equal(each.data.y, generate(3, noise="none", seed=seed).y)
        assert each.degree == 3


# what is refused


BAD = {
    "unknown scenario": (lambda: scenario("overfit"), "name: found 'overfit'; allowed: overfitting, exact, underf"),
    "unknown basis": (lambda: scenario("exact", basis="hermite"), "basis: .*allowed: monomial, chebyshev, legendre"),
    "basis of features": (lambda: features([0.5], 2, 3), "basis: found 3; allowed: monomial"),
    "negative true degree": (lambda: generate(-1), "degree: found -1; allowed is a whole number >= 0"),
    "true degree of a scenario": (lambda: scenario("overfitting", true_degree=-2), "true_degree: found -2; .*>= 0"),
    "degree not whole": (lambda: generate(2.5), "degree: found 2.5; allowed is a whole number"),
    "degree a bool": (lambda: features([0.5], True), "degree: found True; allowed is a whole number"),
    "model of degree 0": (lambda: features([0.5, 1.0], 0), "degree: found 0; allowed is a whole number >= 1"),
    "negative model degree": (lambda: scenario("overfitting", model_degree=-3), "model_degree: found -3"),
    "not overfitting": (lambda: scenario("overfitting", model_degree=2), "found 2; .*>= 1 above the true degree 2"),
    "not exact": (lambda: scenario("exact", model_degree=3), "found 3; .* equal to the true degree 2"),
    "not underfitting": (lambda: scenario("underfitting", model_degree=20), "found 20; .* below the true degree 20"),
    "exact of degree 0": (lambda: scenario("exact", true_degree=0), "true_degree: found 0; .* whole number >= 1"),
    "nothing below degree 1": (lambda: scenario("underfitting", true_degree=1), "true_degree: found 1; .* number >= 2"),
    "nothing below degree 0": (
        lambda: scenario("underfitting", true_degree=0, model_degree=1),
        "true_degree: found 0; .* number >= 2",
    ),
    "default model degree too low": (
        lambda: scenario("overfitting", true_degree=7),
        "model_degree: not given, and by default 5; allowed for 'overfitting' is .* above the true degree 7",
    ),
    "default model degree too high": (
        lambda: scenario("underfitting", true_degree=2),
        "model_degree: not given, and by default 3; allowed for 'underfitting' is .* below the true degree 2",
    ),
    "one point": (lambda: generate(2, n=1), "n: found 1; allowed is a whole number >= 2"),
    "one point to condition": (lambda: conditioning(n=1), "n: found 1; allowed is a whole number >= 2"),
    "negative lam": (lambda: scenario("exact", lam=-0.1), "lam: found -0.1; allowed is a finite number >= 0"),
    "negative lam in a sweep": (lambda: sweep(scenario("exact"), [0.1, -0.1]), "lambdas: .*numbers >= 0"),
    "negative noise": (lambda: generate(2, noise=-1.0), "noise: found -1.0; allowed is a finite number >= 0"),
    "unknown noise": (lambda: generate(2, noise="loud"), "noise: found 'loud'; allowed: none, strong"),
    "negative seed": (lambda: generate(2, seed=-1), "seed: found -1; allowed is a whole number >= 0"),
    "no seed": (lambda: generate(2, seed=None), "seed: found None; allowed is a whole number >= 0"),
    "no repeats": (lambda: repeat("exact", 0), "n_seeds: found 0; allowed is a whole number >= 1"),
    "x not finite": (lambda: features([0.0, np.nan], 2), "x: found nan"),
    "X not finite": (lambda: condition_number([[np.inf], [1.0]]), "X: found inf"),
    "no degree to condition": (lambda: conditioning(0), "max_degree: found 0"),
    "basis to draw": (lambda: plots.basis_polynomials("fourier"), "basis: found 'fourier'; allowed: monomial"),
    "degree to draw": (lambda: plots.basis_polynomials("legendre", 0), "degree: found 0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_what_is_allowed(case):
    call, message = BAD[case]
    with pytest.raises(lo.InputError, match=message):
        call()


def test_reprs_are_short():
    along = sweep(scenario("overfitting"), n_lambdas=5)
    for shown in (along, along.selection, along.scenario, along.scenario.data, conditioning(3), repeat("exact", 2)):
        assert 20 < len(repr(shown)) < 200
        assert "array" not in repr(shown)


# figures


def by_label(axes):
    return {line.get_label(): line for line in axes.lines}


def shown_in_key(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_figure_of_a_basis():
    axes = plots.basis_polynomials("chebyshev", 4)
    curves = [line for line in axes.lines if len(line.get_xdata()) > 2]
    assert len(curves) == 4
    for k, line in enumerate(curves, start=1):
        np.testing.assert_allclose(line.get_ydata(), np.cos(k * np.arccos(line.get_xdata())), atol=1e-12)
    shades = [float(line.get_color()) for line in curves]
    assert shades == sorted(shades, reverse=True)
    assert "Chebyshev" in axes.get_title(loc="left")
    assert [text.get_text() for text in axes.texts] == ["1", "2", "4"]
    for text in axes.texts:  # on its curve
        x, y = text.get_position()
        assert y == pytest.approx(np.cos(int(text.get_text()) * np.arccos(x)))
    assert [text.get_text() for text in plots.basis_polynomials("monomial", 1).texts] == ["1"]


def test_figure_of_condition_numbers():
    found = conditioning(6)
    axes = plots.condition_numbers(found)
    assert axes.get_yscale() == "log"
    assert set(by_label(axes)) == set(BASES)
    for basis, line in by_label(axes).items():
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 7))
        np.testing.assert_array_equal(line.get_ydata(), found.numbers[basis])
    assert len({(line.get_linestyle(), line.get_marker()) for line in axes.lines}) == 3
    assert "degree" in axes.get_xlabel()
    assert "condition number" in axes.get_ylabel()


def test_figure_of_the_fits():
    found = scenario("overfitting", model_degree=15, seed=2)
    _, given = plt.subplots()
    axes = plots.polynomial_fits(found, given)
    assert axes is given
    lines = by_label(axes)
    np.testing.assert_array_equal(lines["30 points"].get_xydata(), np.column_stack([found.data.x, found.data.y]))
    for label, curve in (
        ("truth, degree 2", found.data.truth),
        ("least squares", Polynomial.fit(found.data.x, found.data.y, 15)),
        (r"lasso, $\lambda=0.05$", Polynomial([found.lasso.intercept, *found.lasso.coef])),
    ):
        x, y = lines[label].get_xydata().T
        assert (x[0], x[-1]) == (-1, 1)
        np.testing.assert_allclose(y, curve(x), atol=1e-9 * np.abs(y).max())
    assert axes.get_xlim() == (-1, 1)
    low, high = axes.get_ylim()
    assert low < found.data.y.min() < found.data.y.max() < high < 10  # the limits are not those of least squares
    assert np.abs(lines["least squares"].get_ydata()).max() > 100
    assert "degree 15 fitted to degree 2" in axes.get_title(loc="left")
    assert shown_in_key(plots.polynomial_fits(found, lasso=False)) == ["30 points", "truth, degree 2", "least squares"]


def test_figure_of_the_weights():
    found = scenario("overfitting", model_degree=15, seed=2)
    axes = plots.polynomial_weights(found)
    lines = by_label(axes)
    np.testing.assert_array_equal(lines["least squares"].get_ydata(), found.least_squares.coef)
    np.testing.assert_array_equal(lines["lasso"].get_ydata(), found.lasso.coef[:2])
    zeros = lines["lasso: exactly 0"]
    np.testing.assert_allclose(zeros.get_xdata(), np.arange(2, 15) + 0.15)
    assert not zeros.get_ydata().any()
    assert zeros.get_markerfacecolor() == "white" != lines["lasso"].get_markerfacecolor()
    assert "least squares: exactly 0" not in lines
    np.testing.assert_array_equal(lines["true weight"].get_ydata(), found.true_weights[:2])
    assert [label.get_text() for label in axes.get_xticklabels()][::14] == ["$x^{1}$", "$x^{15}$"]
    assert axes.get_yscale() == "symlog"
    assert axes.get_title(loc="left") == "exact zeros: least squares 0 of 15, lasso 13"
    silent = scenario("overfitting", model_degree=15, noise="none")  # weights of 1e-12 are not drawn as zeros
    tiny = by_label(plots.polynomial_weights(silent))["least squares"].get_ydata()
    np.testing.assert_array_equal(tiny, silent.least_squares.coef[silent.least_squares.coef != 0])
    assert 0 < np.abs(tiny).min() < 1e-9
    small = plots.polynomial_weights(scenario("exact", basis="legendre"))
    assert small.get_yscale() == "linear"
    assert small.get_xticklabels()[1].get_text() == "$P_{2}(x)$"


def test_figure_of_the_sweeps_errors():
    along = sweep(scenario("overfitting", seed=2), n_lambdas=15)
    axes = plots.sweep_errors(along)
    lines = by_label(axes)
    for label, values in (("train error", along.train_error), ("test error", along.test_error)):
        np.testing.assert_array_equal(lines[label].get_xydata(), np.column_stack([along.lambdas, values]))
    assert lines["train error"].get_linestyle() != lines["test error"].get_linestyle()
    np.testing.assert_array_equal(
        lines["least test error"].get_xydata(), [[along.lambdas[along.best], along.test_error.min()]]
    )
    assert set(lines["floor for degree 5"].get_ydata()) == {0.25}
    assert axes.get_xscale() == "log"
    assert axes.get_xlim() == (along.lambdas[0], along.lambdas[-1])  # falling
    assert axes.get_ylim()[0] == 0
    (counts,) = axes.child_axes
    counted = [int(label.get_text()) for label in counts.get_xticklabels()]
    ticks = [int(np.argmin(np.abs(along.lambdas - tick))) for tick in counts.get_xticks()]
    assert counted == np.count_nonzero(along.path.coefs, axis=1)[ticks].tolist()
    assert "5" in counts.get_xlabel()
    assert "exactly the true features survive" in shown_in_key(axes)
    x = axes.collections[0].get_paths()[0].vertices[:, 0]
    inside = along.lambdas[along.selection.is_truth]
    outside = along.lambdas[~along.selection.is_truth]
    assert np.all((inside >= x.min()) & (inside <= x.max()))
    assert np.all((outside < x.min()) | (outside > x.max()))


def test_figure_of_the_sweeps_weights():
    along = sweep(scenario("overfitting", seed=2), n_lambdas=15)
    axes = plots.sweep_weights(along)
    curves = [line for line in axes.lines if len(line.get_xdata()) == 15]
    assert len(curves) == 5
    for j, line in enumerate(curves):
        np.testing.assert_array_equal(line.get_ydata(), along.path.coefs[:, j])
        assert (line.get_linewidth() > 2) == (j < 2)
    levels = {line.get_ydata()[0] for line in axes.lines if len(line.get_xdata()) == 2}
    assert levels == {0.0, *along.scenario.true_weights[:2]}
    assert "$x^{2}$ (thin: its true weight)" in shown_in_key(axes)
    assert "not in the truth" in shown_in_key(axes)
    nothing = plots.sweep_weights(sweep(scenario("underfitting", basis="legendre"), [0.1, 0.01]))
    assert "exactly the true features survive" not in shown_in_key(nothing)


@pytest.mark.slow
def test_numbers_on_a_wide_scale_do_not_overlap():
    far = scenario("underfitting", model_degree=10)
    for axes in (plots.sweep_weights(sweep(far, n_lambdas=5)), plots.polynomial_weights(far)):
        axes.figure.canvas.draw()
        low, high = axes.get_ylim()
        shown = [
            text for tick, text in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True) if low < tick < high
        ]
        boxes = [text.get_window_extent() for text in shown if text.get_text()]
        assert len(boxes) >= 5
        assert {"$\\mathdefault{0}$"} < {text.get_text() for text in shown}
        assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


@pytest.mark.slow
def test_figures_of_a_sweep_down_to_no_penalty():
    along = sweep(scenario("overfitting"), [0.2, 0.02, 0.0])
    for draw in (plots.sweep_errors, plots.sweep_weights):
        axes = draw(along)
        axes.figure.canvas.draw()
        assert axes.get_xlim() == (0.2, 0.02)
    single = plots.sweep_errors(sweep(scenario("overfitting"), [0.2]))
    single.figure.canvas.draw()
    with pytest.raises(lo.InputError, match="lambdas: found only 0"):
        plots.sweep_weights(sweep(scenario("overfitting"), [0.0]))


def test_figure_of_counted_zeros():
    found = repeat("overfitting", 12)
    axes = plots.exact_zeros(found)
    bars = {
        bar.get_label(): {round(patch.get_x() + patch.get_width() / 2 - shift): patch.get_height() for patch in bar}
        for bar, shift in zip(axes.containers, (-0.2, 0.2), strict=True)
    }
    assert bars["least squares"] == {0: 12}
    zeros, seeds = np.unique([np.sum(each.lasso.coef == 0) for each in found.scenarios], return_counts=True)
    assert bars[r"lasso, $\lambda=0.05$"] == dict(zip(zeros.tolist(), seeds.tolist(), strict=True))
    assert axes.containers[0][0].get_hatch() != axes.containers[1][0].get_hatch()
    total = int(zeros @ seeds)
    assert axes.get_title(loc="left") == f"12 seeds: 0 exact zeros by least squares, {total} by the lasso"


@pytest.mark.slow
def test_animation_of_the_sweep(tmp_path):
    along = sweep(scenario("overfitting", seed=2), n_lambdas=3)
    animation = plots.animate_sweep(along)
    left, right = animation._fig.axes
    for i in range(3):
        animation._func(i)
        x, y = left.lines[-1].get_xydata().T
        np.testing.assert_allclose(y, Polynomial([along.path.intercepts[i], *along.path.coefs[i]])(x), atol=1e-12)
        kept, zero = right.lines[-2:]
        np.testing.assert_array_equal(kept.get_xdata(), np.flatnonzero(along.path.coefs[i]))
        np.testing.assert_array_equal(kept.get_ydata(), along.path.coefs[i][along.path.coefs[i] != 0])
        np.testing.assert_array_equal(zero.get_xdata(), np.flatnonzero(along.path.coefs[i] == 0))
        assert right.get_title(loc="left").startswith(f"{np.count_nonzero(along.path.coefs[i])} of 5")
    animation.save(tmp_path / "sweep.gif", writer="pillow")
    assert (tmp_path / "sweep.gif").stat().st_size > 1000
