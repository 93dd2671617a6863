"""Results do not change: whoever holds one can neither set nor delete what it says."""

from __future__ import annotations

import copy
import pickle

import pytest
from problems import make

import lassoopt as lo

PROBLEM = make("squared")
RESULTS = {
    "Problem": lambda: PROBLEM,
    "Certificate": lambda: lo.solve(PROBLEM).certificate,
    "Solution": lambda: lo.solve(PROBLEM),
    "Path": lambda: lo.path(PROBLEM, n_lambdas=3),
    "Homotopy": lambda: lo.homotopy(PROBLEM),
    "CrossValidation": lambda: lo.cross_validate(PROBLEM, 3, n_lambdas=3),
    "CrossCheck": lambda: lo.crosscheck(PROBLEM),
    "OneWeight": lambda: lo.OneWeight(0.3, 0.4),
}


@pytest.mark.parametrize("kind", RESULTS)
def test_nothing_is_set_or_deleted(kind):
    found = RESULTS[kind]()
    assert type(found).__name__ == kind
    for name in [*(each for each in dir(found) if not each.startswith("__")), "another"]:
        with pytest.raises(AttributeError):
            setattr(found, name, 0)
        with pytest.raises(AttributeError):
            delattr(found, name)


@pytest.mark.parametrize("kind", RESULTS)
def test_copies_say_the_same(kind):
    found = RESULTS[kind]()
    for other in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert type(other) is type(found)
        assert (repr(other), str(other)) == (repr(found), str(found))
