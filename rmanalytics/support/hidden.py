"""Modules that others import only to see whether they are there: hidden, so that nobody waits for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from typing import Any


class Hidden(MetaPathFinder):
    """Raises ModuleNotFoundError for a module, as if it were not installed; leaves all else to others."""

    def __init__(self, module: str) -> None:
        self._module = module

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        """Raise for the hidden module."""
        if fullname == self._module:
            raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)


def hide(module: str) -> None:
    """Hide a module for as long as this process runs, unless it is imported already."""
    if module not in sys.modules:
        sys.meta_path.insert(0, Hidden(module))


@contextmanager
def hidden(module: str) -> Iterator[None]:
    """Hide a module for a block of imports."""
    finder = Hidden(module)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
