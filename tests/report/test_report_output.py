"""Where reports go: a folder here, or a URL; written in one step."""

from __future__ import annotations

import pytest

from rmanalytics.errors import BadInput
from rmanalytics.report.output import folder

PLACES = {"here": "{tmp}/out", "a file URL": "file://{tmp}/out", "another store": "memory://{name}/out"}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_write_and_read(place, tmp_path):
    """What is written under a name is read under it, found by its ending, and replaced as a whole."""
    out = folder(place.format(tmp=tmp_path, name=tmp_path.name))
    assert out.names(".json") == []
    assert not out.has("a.json")
    for text in ("a first, longer text: दिवाली", "दिवाली"):
        out.write("a.json", text)
    out.write("b.html", b"<p>")
    out.write(".hidden.json", "x")
    assert out.has("a.json")
    assert out.read("a.json") == "दिवाली"
    assert out.names(".json") == ["a.json"]
    with pytest.raises(FileNotFoundError):
        out.read("none.json")


def test_write_is_one_step(tmp_path):
    """A write that fails leaves the old file and nothing else."""
    out = folder(tmp_path)
    out.write("a.html", "old")
    with pytest.raises(UnicodeEncodeError):
        out.write("a.html", "half\ud800")
    assert out.read("a.html") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]


WRONG = {
    "a protocol nobody knows": (
        "nosuch://x/y",
        "nosuch://x/y: Protocol not known: nosuch: choose another folder",
    ),
    "a file in the way": ("{tmp}/file", "/file: .*: choose another folder with --out"),
    "a store whose package is missing": (
        "gs://bucket/reports",
        "gs://bucket/reports: .*gcs.*: choose another folder",
    ),
}


@pytest.mark.parametrize("place, told", WRONG.values(), ids=WRONG)
def test_wrong(place, told, tmp_path):
    """A place that cannot be ends in one line that names it."""
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=told) as refusal:
        folder(place.format(tmp=tmp_path))
    assert "\n" not in str(refusal.value)


def test_a_file_that_cannot_be_written(tmp_path):
    """What the file system refuses, a full disk as well as a name too long, ends in one line and leaves nothing."""
    with pytest.raises(BadInput, match=r"out/x+: .*: choose another folder with --out"):
        folder(tmp_path / "out").write("x" * 300, "y")
    assert list((tmp_path / "out").iterdir()) == []
