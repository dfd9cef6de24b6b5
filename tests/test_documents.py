"""The documents name what the tree has: the map, the table of what to touch, the promises and their tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "rmanalytics"
DOCUMENTS = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in (
        "README.md",
        "rmanalytics/README.md",
        "rmanalytics/config/README.md",
        "tests/README.md",
        "tests/benchmarks/README.md",
        ".github/CONTRIBUTING.md",
        ".github/DECISIONS.md",
    )
}
TOP = "rmanalytics|notebooks|data|tests|\\.ci|\\.github"


def in_tree() -> list[str]:
    """The packages and modules at the root of the package, as the map writes them."""
    packages = [f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")]
    return sorted(packages + [path.name for path in PACKAGE.glob("*.py")])


def section(name: str, heading: str) -> str:
    """The part of a document under a heading."""
    return DOCUMENTS[name].split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_the_map_has_each_place_once() -> None:
    """Each package and root module has its line in the map, and no line is without its place."""
    lines = re.findall(r"^\| `([\w/.]+)` \|", section("rmanalytics/README.md", "One line each"), re.M)
    assert sorted(lines) == in_tree()


def test_the_map_draws_the_layers() -> None:
    """The picture of the layers is what import-linter checks."""
    drawn = re.findall(r"^    (\w.*)$", section("rmanalytics/README.md", "Layers"), re.M)
    settings = (ROOT / "pyproject.toml").read_text().split("\nlayers = [\n")[1].split("]")[0]
    assert [line.split(" · ") for line in drawn] == [
        layer.split(" | ") for layer in re.findall(r'"(.+)"', settings)
    ]


def test_the_map_points_at_what_is_there() -> None:
    """Each place to change something exists."""
    named = re.findall(
        r"`([\w./]+[/.]\w*)`", section("rmanalytics/README.md", "Where do I change …").split("\nWhat else")[0]
    )
    assert len(named) > 15
    assert [name for name in named if not (PACKAGE / name).exists()] == []


@pytest.mark.parametrize("name", ["rmanalytics/README.md", ".github/CONTRIBUTING.md"])
def test_names_are_in_their_files(name: str) -> None:
    """What is said to be in a file is defined there, not only imported."""
    said = re.findall(r"`(\w+)` in `([\w./]+\.py)`", DOCUMENTS[name])
    said += [(it, path) for path, it in re.findall(r"`([\w./]+\.py)`: `(\w+)`", DOCUMENTS[name])]
    assert len(said) > 3
    assert [(it, path) for it, path in said if not _defines(path, it)] == []


def _defines(path: str, name: str) -> bool:
    file = ROOT / path if (ROOT / path).exists() else PACKAGE / path
    return bool(re.search(rf"^(?:def |class |async def )?{name}\b", file.read_text(), re.M))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_are_there(name: str) -> None:
    """Each path from the root of the repository that a document names exists."""
    named = re.findall(rf"`((?:{TOP})/[\w./-]*)`", DOCUMENTS[name])
    made = re.compile(r"data/(journal|reports)|data/rmanalytics")
    assert [path for path in named if not made.match(path) and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    """Each link to a file leads to one."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)\)", DOCUMENTS[name])
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


def test_the_table_names_a_neighbour_each() -> None:
    """Each row of what to touch names at least one path, and every row has three cells."""
    rows = (
        section(".github/CONTRIBUTING.md", "To add …, touch …").split("|---|---|---|\n")[1].split("\n\n")[0]
    )
    for row in rows.splitlines():
        cells = row.strip("| ").split(" | ")
        assert len(cells) == 3, row
        assert re.search(r"`[\w./]+[/.]\w*`", cells[1]) or "its test" in cells[1], row


def test_each_promise_names_its_test() -> None:
    """Each row of promises names test files that exist."""
    rows = [
        row
        for row in re.findall(
            r"^\| (.+) \|$", section("tests/README.md", "Promises, and the test for each"), re.M
        )
        if not row.startswith(("promise |", "---"))
    ]
    assert len(rows) > 40
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)`", row.split(" | ")[-1])
        assert named, row
        assert [name for name in named if not (ROOT / name).is_file()] == []


def test_each_benchmark_is_named() -> None:
    """Each benchmark has its line in how to run them, and none is named that there is not."""
    named = set(re.findall(r"tests/benchmarks/(bench_\w+\.py)", DOCUMENTS["tests/benchmarks/README.md"]))
    assert named == {path.name for path in (ROOT / "tests" / "benchmarks").glob("bench_*.py")}


def test_each_dependency_has_its_reason() -> None:
    """Behind each dependency stands why it is there."""
    lines = (
        (ROOT / "pyproject.toml").read_text().split("\ndependencies = [\n")[1].split("\n]\n")[0].splitlines()
    )
    assert len(lines) > 20
    assert [line for line in lines if not re.search(r'",  # [\w.].{8,}$', line)] == []


def test_the_readme_stays_short() -> None:
    """The README is no longer than 220 lines, and its picture is small."""
    assert len(DOCUMENTS["README.md"].splitlines()) <= 220
    assert (ROOT / "data" / "samples" / "overview.png").stat().st_size < 150_000
