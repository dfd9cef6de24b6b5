"""What is installed: Python, our dependencies, notebooks and their kernel."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from rmanalytics.checks import Finding, fault, not_checked, ok
from rmanalytics.doctor.model import Scene
from rmanalytics.support import resources
from rmanalytics.support.wording import count

_INSTALL = "reinstall: pip install -c .ci/constraints.txt ."
_NEEDED_BY_NOTEBOOKS = ("papermill", "ipykernel", "nbconvert")
_SHOWN = ("duckdb", "pandas", "ibis-framework")


def python(_scene: Scene) -> Finding:
    """Return whether this Python is one of those we work on."""
    try:
        wanted = str(metadata.metadata("rmanalytics")["Requires-Python"] or "")
    except metadata.PackageNotFoundError:
        return not_checked("rmanalytics is not installed, only imported", fix=_INSTALL)
    return judge_python(wanted, platform.python_version())


def judge_python(wanted: str, version: str) -> Finding:
    """Return what the version of Python comes to."""
    if SpecifierSet(wanted).contains(version, prereleases=True):
        return ok(f"Python {version}")
    return fault(f"Python {version}, but {wanted} is needed", fix="create the venv with a newer python3")


def dependencies(_scene: Scene) -> Finding:
    """Return whether each dependency is installed in the declared range."""
    try:
        requirements = metadata.requires("rmanalytics") or []
    except metadata.PackageNotFoundError:
        return not_checked("rmanalytics is not installed, only imported", fix=_INSTALL)
    return judge_dependencies(requirements, _version)


def judge_dependencies(requirements: Iterable[str], version: Callable[[str], str | None]) -> Finding:
    """Return what installed versions come to, beside the requirements that are no extras'."""
    wanted = [Requirement(text) for text in requirements]
    needed = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    found = {one.name: version(one.name) for one in needed}
    wrong = [
        f"{one.name} {found[one.name] or 'is missing'}, {one.specifier or 'any'} is needed"
        for one in needed
        if found[one.name] is None or not one.specifier.contains(found[one.name] or "", prereleases=True)
    ]
    if wrong:
        return fault("; ".join(wrong), fix=_INSTALL)
    shown = ", ".join(f"{name} {found[name]}" for name in _SHOWN if found.get(name))
    return ok(f"{len(needed)} dependencies within their version ranges", *([shown] if shown else []))


def notebooks(_scene: Scene) -> Finding:
    """Return whether reports can be made: notebooks, papermill, kernel."""
    return judge_notebooks(
        resources.notebooks(), [name for name in _NEEDED_BY_NOTEBOOKS if not find_spec(name)]
    )


def judge_notebooks(paths: Sequence[Path], missing: Sequence[str]) -> Finding:
    """Return what the notebooks found and the packages missing come to."""
    if missing:
        return fault(f"not importable: {', '.join(missing)}", fix=_INSTALL)
    if not paths:
        return fault("no notebooks found", fix=_INSTALL)
    return ok(f"{count(len(paths), 'notebook')}, papermill and kernel found")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
