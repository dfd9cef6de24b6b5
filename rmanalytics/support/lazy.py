"""Packages that import what they offer on first use, so that no command waits for what it does not need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def offered(package: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a package's `__getattr__`; `names` says where a name is: `module`, or `module:attribute` in it."""

    def get(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, attribute = names[name].partition(":")
        home = import_module(f"{package}.{module}")
        return getattr(home, attribute) if attribute else home

    return get
