"""Names that moved: what they were called works for one release, with a DeprecationWarning."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

CALLER = 3
"""Whoever asks a module's or an object's `__getattr__`, which asks here, is warned."""


def found(old: str, new: str) -> Any:
    """Return what `new` names, `module` or `module:attribute`, and warn that it was called `old`."""
    module, _, attribute = new.partition(":")
    warnings.warn(f"{old} is now {new.replace(':', '.')}", DeprecationWarning, stacklevel=CALLER)
    home = import_module(module)
    return getattr(home, attribute) if attribute else home


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A module of before: finds its functions where they are now.

    `names` says `module:attribute` of what another module has or what is called otherwise; whatever else is
    asked for is looked for in `module`, where there is one.
    """

    old: str
    names: Mapping[str, str]
    module: str | None = None

    def __getattr__(self, name: str) -> Any:
        if name in self.names:
            return found(f"{self.old}.{name}", self.names[name])
        if self.module and not name.startswith("__"):
            return found(f"{self.old}.{name}", f"{self.module}:{name}")
        raise AttributeError(f"{self.old} has no attribute {name!r}")
