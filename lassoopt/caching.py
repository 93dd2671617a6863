"""`caching` has a property that is computed once, like that of `functools`, but without its lock.

Before Python 3.12, `functools.cached_property` holds one lock for all instances while it computes. A process that is
forked while another thread computes inherits the lock held, with no thread left to release it, and waits for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

import numpy as np

T = TypeVar("T")


class cached_property(Generic[T]):  # noqa: N801  it stands where functools' stood
    """The property computes its value when it is first read, and keeps it in the instance's ``__dict__``.

    Threads that read it at the same time may compute it twice; all of them get the value that came first.
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...

    def __get__(self, instance: object | None, owner: type | None = None) -> Self | T:
        if instance is None:
            return self
        value: T = instance.__dict__.setdefault(self.name, self.compute(instance))
        return value

    def compute(self, instance: Any) -> T:
        """Compute the value, each time anew."""
        return self.function(instance)


class cached_bound(cached_property[T]):  # noqa: N801
    """The value is a bound, or rests on bounds: these may overflow to inf or nan, and then no warning is given."""

    def compute(self, instance: Any) -> T:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return self.function(instance)
