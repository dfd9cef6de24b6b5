"""Where code is: imports where a reader sees them, and one name for one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "rmanalytics"
MODULES = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}

IMPORTS = {
    "at the top": ("import os", 0),
    "under a condition": ("if True:\n    import os", 0),
    "in a function": ("def run():\n    import os", 1),
    "in a method": ("class A:\n    async def run(self):\n        from os import path", 1),
    "in a function in a function": ("def outer():\n    def inner():\n        import os", 1),
}


def imports_in_functions(tree: ast.AST) -> set[int]:
    """Return the lines of the imports inside functions."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    inside = (node for function in functions for node in ast.walk(function))
    return {node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom)}


@pytest.mark.parametrize("source, n", IMPORTS.values(), ids=IMPORTS)
def test_imports_in_functions(source: str, n: int) -> None:
    """An import inside a function is found however deep it is."""
    assert len(imports_in_functions(ast.parse(source))) == n


def test_imports_are_at_the_top() -> None:
    """Only the command line, which must start fast, imports inside functions."""
    found = {
        f"{name}:{line}"
        for name, path in MODULES.items()
        if not name.startswith("cli/")
        for line in imports_in_functions(ast.parse(path.read_text()))
    }
    assert MODULES
    assert found == set()


DATABASES = {
    "plain": ("import duckdb\nduckdb.connect()", 1),
    "through Ibis": ("import ibis\nibis.duckdb.connect()", 1),
    "its default connection": ("import duckdb\nduckdb.sql('SELECT 1')", 1),
    "by name": ("from duckdb import connect", 1),
    "its errors and types": ("import duckdb\nduckdb.Error\nduckdb.sqltypes.VARCHAR", 0),
}
OPENS = {
    "connect",
    "sql",
    "query",
    "execute",
    "read_csv",
    "read_parquet",
    "read_json",
    "from_arrow",
    "from_df",
}


def opened(tree: ast.AST) -> int:
    """Return how often a module opens a DuckDB of its own."""
    nodes = list(ast.walk(tree))
    called = [
        node
        for node in nodes
        if isinstance(node, ast.Attribute)
        and node.attr in OPENS
        and ast.unparse(node.value).endswith("duckdb")
    ]
    named = [
        node
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        and node.module == "duckdb"
        and OPENS & {n.name for n in node.names}
    ]
    return len(called) + len(named)


@pytest.mark.parametrize("source, n", DATABASES.values(), ids=DATABASES)
def test_opened(source: str, n: int) -> None:
    """A database that is opened is found however it is written."""
    assert opened(ast.parse(source)) == n


def test_databases_are_opened_in_one_place() -> None:
    """Nothing opens DuckDB but the one helper, which keeps it off the internet."""
    found = {name: n for name, path in MODULES.items() if (n := opened(ast.parse(path.read_text())))}
    assert found == {"support/engine.py": 1}


def test_class_names_are_unique() -> None:
    """No two classes of the package share a name, but those nested in what gives them meaning."""
    places = defaultdict(list)
    for name, path in MODULES.items():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name)
    assert places
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
