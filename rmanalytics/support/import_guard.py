"""Modules that others import only to see whether they are there: hidden, so that nobody waits for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import FrameType
from typing import Any


class Hidden(MetaPathFinder):
    """Raises ModuleNotFoundError for a module, as if it were not installed; leaves all else to others.

    With `until_needed` it gives way to the first module that imports it at its top, which is no mere look.
    """

    def __init__(self, module: str, *, until_needed: bool = False) -> None:
        self._module, self._until_needed = module, until_needed

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        """Raise for the hidden module."""
        if fullname != self._module:
            return
        if self._until_needed and _is_at_the_top(sys._getframe(1)):
            sys.meta_path.remove(self)
            return
        raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)


def _is_at_the_top(frame: FrameType | None) -> bool:
    """Return whether the import that led to this frame stands at the top of a module."""
    while frame and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_name == "<module>"


def hide(module: str) -> None:
    """Hide a module until another one needs it, unless it is imported already."""
    if module not in sys.modules:
        sys.meta_path.insert(0, Hidden(module, until_needed=True))


@contextmanager
def hidden(module: str) -> Iterator[None]:
    """Hide a module for a block of imports."""
    finder = Hidden(module)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
