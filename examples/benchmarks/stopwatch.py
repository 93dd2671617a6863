"""Fits timed in a process of their own, which is killed when one takes longer than allowed."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

_FORK = multiprocessing.get_context("fork")  # data and compiled code are there at once, and nothing is pickled
_QUICK = 1.0  # seconds, below which the run that found the tolerance does not count as one of the repeats
_SLOW = 5.0  # seconds, above which a fit is not repeated


@dataclass(frozen=True)
class Run:
    """A fit at one tolerance: median seconds over the repeats, and the certified relative gap."""

    tol: float
    seconds: float
    gap: float


@dataclass
class Climb:
    """All runs of a solver on a problem, the one that met each target, and why it stopped."""

    runs: list[Run] = field(default_factory=list)
    met: dict[float, Run] = field(default_factory=dict)
    stopped: str = "tolerance at its limit"
    failed: bool = False  # by an exception, or as the process died

    @property
    def best_gap(self) -> float:
        return min((run.gap for run in self.runs), default=np.inf)


def climb(
    fit: Callable[[float], Any],
    gap_of: Callable[[Any], float],
    tolerances: Sequence[float],
    targets: Sequence[float],
    *,
    repeats: int,
    limit: float,
    exact: bool = False,
) -> Climb:
    """Tighten the tolerance until every target is met, with ``limit`` seconds for each fit.

    A target met by a tolerance is tried once more half a decade looser. With ``exact``, a target is met by the run at
    that very tolerance or not at all, and every tolerance is run.
    """
    here, there = _FORK.Pipe(duplex=False)
    work = (there, fit, gap_of, tolerances, targets, repeats, exact)
    process = _FORK.Process(target=_climb, args=work, daemon=True)
    process.start()
    there.close()
    result = Climb()
    try:
        while True:
            if not here.poll(limit):
                result.stopped = f"more than {limit:g} s a fit"
                break
            what, content = here.recv()
            if what == "run":
                result.runs.append(content)
            elif what == "met":
                result.met[content[0]] = content[1]
            elif what == "certify":
                here.poll(None)  # certifying is not the solver's time
            elif what == "failed":
                result.stopped, result.failed = content, True
            elif what == "end":
                break
    except EOFError:
        result.stopped, result.failed = "the process died", True
    finally:
        process.kill()
        process.join()
    return result


def _climb(
    pipe: Connection,
    fit: Callable[[float], Any],
    gap_of: Callable[[Any], float],
    tolerances: Sequence[float],
    targets: Sequence[float],
    repeats: int,
    exact: bool,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends this process

    def timed(tol: float) -> tuple[float, Any]:
        pipe.send(("fit", tol))
        start = time.perf_counter()
        found = fit(tol)
        return time.perf_counter() - start, found

    def run(tol: float) -> Run:
        seconds, found = timed(tol)
        pipe.send(("certify", tol))
        done = Run(tol, seconds, gap_of(found))
        pipe.send(("run", done))
        return done

    def meet(target: float, first: Run) -> None:
        pipe.send(("met", (target, first)))  # should a repeat take longer than allowed
        if first.seconds > _SLOW:
            return
        times = [] if first.seconds < _QUICK else [first.seconds]
        times += [timed(first.tol)[0] for _ in range(repeats - len(times))]
        pipe.send(("met", (target, Run(first.tol, float(np.median(times)), first.gap))))

    left = sorted(targets, reverse=True)
    try:
        if len(tolerances) > 1:
            timed(tolerances[0])  # a new process is slow at first
        last: Run | None = None
        for tol in tolerances:
            if not left and not exact:
                break
            now = run(tol)
            if exact:
                if tol in left and now.gap <= tol:
                    meet(tol, now)
                continue
            middle: Run | None = None
            while left and now.gap <= left[0]:
                if middle is None and last is not None and last.gap > left[0]:
                    middle = run(float(np.sqrt(last.tol * tol)))
                loosest = next(one for one in (last, middle, now) if one is not None and one.gap <= left[0])
                meet(left.pop(0), loosest)
            last = now
    except Exception as error:
        pipe.send(("failed", f"{type(error).__name__}: {error}"))
    pipe.send(("end", None))
