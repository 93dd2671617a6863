"""A path is solved in blocks of lam, each solution being the start of the next, and certified block by block.

Before a block, the features that may enter in it join the working set: those beyond the level of the strong rule
(Tibshirani et al. 2012). The certificates of a block take one pass over X together, and show whether a feature was
missed: then it joins, and the rest of the block is solved again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from typing import Protocol

from ...arrays.design_matrix import Array
from ...certificates.certificate import Certificate
from ...certificates.certification import certify_along
from ...problems.problem import Problem
from ..solution import THE_CERTIFICATES, History, Solution, Status
from .normal_equations import normal_equations
from .working_set import WorkingSet

_BLOCK = 16  # lam
_LEAST = 0.5  # of its level: features whose correlation is below it do not join ahead


class _Follows(Protocol):
    """Either kind of solver along lam is a working set, or the normal equations."""

    def follow(self, lambdas: Array) -> Iterator[tuple[Array, float]]: ...


def along(
    problem: Problem, lambdas: Array, tol: float, name: str, held: type[WorkingSet], solve: Callable[..., Solution]
) -> Iterator[Solution]:
    """Yield the solutions at a falling sequence of lam; ``solve`` of the solver ``name``, whose working sets are
    of the class ``held``, helps where one is missed.

    On Ctrl-C what is solved is still given, before the exception.
    """
    inner, offset = problem.with_lam(float(lambdas[0])).centred, problem.centring.offset

    def block_of(working: _Follows, lambdas: Array) -> Generator[Solution, None, list[Certificate]]:
        """Yield the solutions up to the first that is not certified, and return all certificates."""
        start, points, interrupted = time.perf_counter(), list[tuple[Problem, Array, float]](), False
        try:
            for lam, (coef, b) in zip(lambdas.tolist(), working.follow(lambdas), strict=False):
                points.append((problem.with_lam(lam), coef, b + offset))
        except KeyboardInterrupt:
            interrupted = True
        certificates = certify_along(points, tol=tol, sharpen=False)  # what is missed is solved again
        spent = (time.perf_counter() - start) / max(len(points), 1)
        for certificate in certificates[: _certified(certificates)]:
            yield _solution(certificate, name, spent)
        if interrupted:
            raise KeyboardInterrupt
        return certificates

    left, equations = lambdas, normal_equations(inner, lambdas.size)
    if equations is not None:
        left = left[_certified((yield from block_of(equations, left[left > 0]))) :]
    if not left.size:
        return
    working = held.at_null_model(inner)
    z = None if working.holds_all else working.z
    reached = problem.lambda_max
    while left.size:
        block = left[:_BLOCK]
        if z is not None:
            working.turn(float(block[-1]))
            working.take_in(z, max(2 - reached / block[-1], _LEAST) if block[-1] > 0 else 1.0)
        certificates = yield from block_of(working, block)
        missed = _certified(certificates)
        left = left[missed:]
        if missed == block.size:
            z, reached = None if z is None else certificates[-1].evidence.z, float(block[-1])
            continue
        at_lam = problem.with_lam(float(left[0]))
        if missed < len(certificates):  # a feature was missed, or rounding is in the way
            found = certificates[missed]
            working.turn(at_lam.lam)
            working.start(found.coef, found.intercept - offset)
            if working.take_in(found.evidence.z):
                z = found.evidence.z
                continue
        solution = solve(at_lam, tol=tol)
        yield solution
        working.start(solution.coef, solution.intercept - offset)
        left = left[1:]


def _certified(certificates: list[Certificate]) -> int:
    """Return how many are certified before the first that is not."""
    return next((k for k, found in enumerate(certificates) if not found.certified), len(certificates))


def _solution(certificate: Certificate, name: str, seconds: float) -> Solution:
    coef, b = certificate.coef, certificate.intercept
    return Solution(coef, b, THE_CERTIFICATES, Status.OPTIMAL, certificate, History.of([]), name, 1, seconds)
