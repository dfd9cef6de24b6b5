"""Folders and notebooks as people have them: a path is a path, whatever a library reads in its characters."""

from __future__ import annotations

import json
import tempfile

import pytest

from rmanalytics.errors import BadInput
from rmanalytics.report.build import find, report

FOLDERS = {
    "braces": "of {client}",
    "an empty pair of braces": "a{}b",
    "two colons": "o::x",
    "percent and hash": "50%20 #1",
    "brackets": "out[1]",
    "a star and a question mark": "a*b?",
    "a quote": 'it\'s "it"',
}


@pytest.mark.parametrize("name", FOLDERS.values(), ids=FOLDERS)
def test_a_path_is_a_path(notebook, asked, tmp_path, monkeypatch, name):
    """Notebook, output and temporary folder may have any name; the page is where it was wanted."""
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    path = notebook("tiny", "1").rename(folder / "tiny.ipynb")
    (run,) = report([path], asked, out=str(folder / "out")).runs
    assert run["error"] is None
    assert (folder / "out" / run["html"]).is_file()
    assert [found.name for found in tmp_path.iterdir() if found.is_dir()] == [name]


def test_a_long_temporary_folder(notebook, asked, tmp_path, monkeypatch):
    """Where Unix sockets have no room for their names, the report comes all the same."""
    folder = tmp_path / ("y" * (100 - len(str(tmp_path)) if len(str(tmp_path)) < 95 else 20))
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    (run,) = report([notebook("tiny", "1")], asked, out=tmp_path / "out").runs
    assert run["error"] is None


def test_a_notebook_without_a_kernel(notebook, asked, tmp_path):
    """Without a kernelspec a notebook is Python's, for its parameters and for its run."""
    path = notebook("bare", "1")
    content = json.loads(path.read_text())
    del content["metadata"]["kernelspec"]
    path.write_text(json.dumps(content))
    (run,) = report([path], asked, out=tmp_path / "out").runs
    assert run["error"] is None


def test_two_notebooks_of_one_name_are_refused(notebook, tmp_path):
    """Two files of one name would leave one page: both are named, before anything runs."""
    first, second = (tmp_path / name / "weekly.ipynb" for name in "AB")
    for path in (first, second):
        path.parent.mkdir()
        notebook("weekly", "1").rename(path)
    with pytest.raises(BadInput, match=r"A/weekly\.ipynb and .*B/weekly\.ipynb would write the same page"):
        find([str(first), str(second)])
    assert find([str(first), str(first)]) == [first, first]
