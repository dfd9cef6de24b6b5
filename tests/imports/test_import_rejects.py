"""Rejected rows: the good ones are kept, and whoever runs the import cannot miss the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import run

HEAD = "template_id,content\n"
GOOD = "1107000000000000901,Dear {#var#}\n"
BAD = ",Dear {#var#}\n"

CASES: dict[str, tuple[str, tuple[str, ...], int, str]] = {
    "all good": (HEAD + GOOD, (), 0, "1 row, 1 good, 0 rejected"),
    "one left out": (HEAD + GOOD + BAD, (), 1, "1 bad row was left out; fix it and import the file again"),
    "listed in a file": (HEAD + GOOD + BAD, ("--rejects", "bad.csv"), 1, "left out (listed in bad.csv); fix"),
    "asked to skip": (HEAD + GOOD + BAD, ("--skip-bad",), 0, "1 bad row was left out"),
    "only looked at": (HEAD + GOOD + BAD, ("--dry-run",), 1, "1 bad row would be left out"),
    "only looked at, asked to skip": (
        HEAD + GOOD + BAD,
        ("--dry-run", "--skip-bad"),
        0,
        "1 bad row would be left",
    ),
    "more than are shown": (HEAD + GOOD + BAD * 25, (), 1, "25 bad rows were left out (5 more than shown"),
    "none good": (HEAD + BAD, (), 2, "1 of 1 row is rejected, nothing was imported"),
}


@pytest.mark.parametrize("content, options, code, said", CASES.values(), ids=CASES)
def test_rejects(tmp_path: Path, content: str, options: tuple[str, ...], code: int, said: str) -> None:
    """Rows left out fail an import unless it is asked to skip them, and its last words say how many they are."""
    (tmp_path / "templates.csv").write_text(content)
    done = run("import", "templates", "templates.csv", *options, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in f"{done.stdout}{done.stderr}"


def test_repeating_the_job_does_not_turn_it_green(tmp_path: Path) -> None:
    """A file that was imported before still lacks its rejected rows; the corrected file has them all, each once."""
    file = tmp_path / "templates.csv"
    file.write_text(HEAD + GOOD + BAD)
    codes = [run("import", "templates", file.name, "--json", cwd=tmp_path) for _ in range(2)]
    assert [done.returncode for done in codes] == [1, 1]
    assert json.loads(codes[1].stdout)["n_changed"] == 0
    file.write_text(HEAD + GOOD + f"1107000000000000902{BAD}")
    done = run("import", "templates", file.name, "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["n_changed"]) == (0, 1)


def test_the_imported_file_is_not_overwritten(tmp_path: Path) -> None:
    """The list of rejects never takes the place of the file that they are in, however it is spelt."""
    file = tmp_path / "templates.csv"
    file.write_text(HEAD + GOOD + BAD)
    (tmp_path / "link.csv").symlink_to(file)
    for rejects in ("templates.csv", "./templates.csv", str(file), "link.csv"):
        done = run("import", "templates", "templates.csv", "--dry-run", "--rejects", rejects, cwd=tmp_path)
        assert (done.returncode, file.read_text()) == (2, HEAD + GOOD + BAD)
        assert "is the file that is imported: name another one" in done.stderr


def test_a_list_that_cannot_be_written_removes_nothing(tmp_path: Path) -> None:
    """A device stays, a folder stays, and an earlier list stays as long as the new one is not whole."""
    (tmp_path / "templates.csv").write_text(HEAD + GOOD + BAD)
    (tmp_path / "folder").mkdir()
    (tmp_path / "full").symlink_to("/dev/full")
    for rejects in ("folder", "full", "no/such/folder.csv"):
        done = run("import", "templates", "templates.csv", "--dry-run", "--rejects", rejects, cwd=tmp_path)
        assert (done.returncode, "cannot be written" in done.stderr) == (2, True), rejects
    assert (tmp_path / "folder").is_dir() and (tmp_path / "full").is_symlink() and Path("/dev/full").exists()
    (tmp_path / "list.csv").write_text("line,reason\n7,of before")
    done = run("import", "templates", "templates.csv", "--dry-run", "--rejects", "list.csv", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "list.csv").read_text().splitlines()[0]) == (1, "line,reason")
    assert "list.csv: replaced" in done.stderr
    assert not list(tmp_path.glob(".*"))
