"""Commands that need no pandas do not wait for it.

pyarrow imports pandas, a third of a second, when it first converts a Python value, to see whether that is
one of pandas' objects. Where pandas cannot be imported it does without.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import Any

NEEDED_BY = ("demo", "report", "validate")


class _NoPandas(MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        """Raise ModuleNotFoundError for pandas, as if it were not installed; leave all else to others."""
        if fullname == "pandas":
            raise ModuleNotFoundError("this command does without pandas", name=fullname)


def do_without(command: str | None) -> None:
    """Hide pandas from this process unless the command needs it; only where the command is the whole process."""
    if command not in NEEDED_BY and "pandas" not in sys.modules:
        sys.meta_path.insert(0, _NoPandas())
