"""The whole loop as a user runs it, by the installed command, with real processes and real HTTP."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from support.command import run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo ran once."""
    folder = tmp_path_factory.mktemp("demo")
    done = run("demo", "--messages", "120", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "said.json").write_text(done.stdout)
    (folder / "progress.txt").write_text(done.stderr)
    return folder


@pytest.fixture(scope="module")
def again(home: Path) -> tuple[str, subprocess.CompletedProcess[str]]:
    """The status before the demo ran again in the same folder, and what that run printed."""
    return run("status", "--json", cwd=home).stdout, run("demo", "--messages", "120", cwd=home)


def test_demo_adds_up(home: Path) -> None:
    """All 120 messages and those of the past are accounted for, with no residual, and the DLRs have come in."""
    said = json.loads((home / "said.json").read_text())
    progress = (home / "progress.txt").read_text().replace(",", "")
    n_past = int(re.findall(r"weeks before: (\d+) messages", progress)[0])
    assert said["simulated"] is True
    assert (
        sum(row["n_submitted"] for row in said["rates"]) == said["accounting"]["n_submitted"] == 120 + n_past
    )
    assert (said["accounting"]["residual_submitted"], said["accounting"]["residual_accepted"]) == (0, 0)
    assert said["accounting"]["n_delivered"] > 60


def test_demo_leaves_a_page(home: Path) -> None:
    """The page it names is there, says that it is simulated, and loads nothing from the network."""
    said = json.loads((home / "said.json").read_text())
    page = (home / said["page"]).read_text(encoding="utf-8")
    assert "simulat" in page
    assert "Jio</strong>: only" in page  # its bad day was yesterday
    assert "https://cdn" not in page
    assert (home / said["index"]).is_file()


def test_demo_again_sends_nothing_twice(
    home: Path, again: tuple[str, subprocess.CompletedProcess[str]]
) -> None:
    """The same demo in the same home changes no count: its batch was sent before."""
    before, done = again
    assert done.returncode == 0, done.stderr
    assert "sent before" in done.stderr
    assert (
        json.loads(run("status", "--json", cwd=home).stdout)["campaigns"] == json.loads(before)["campaigns"]
    )


def test_the_readme_shows_it(home: Path, again: tuple[str, subprocess.CompletedProcess[str]]) -> None:
    """Each line of output in the README is one that the demo prints, numbers aside."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = masked(readme.split("```text\n")[1].split("```")[0])
    said = masked((home / "progress.txt").read_text() + again[1].stdout)
    assert len(shown) >= 8
    assert [line for line in shown if not line.startswith(tuple(said))] == []  # few messages: none refused


def masked(text: str) -> list[str]:
    """The lines of a text, with numbers and runs of blanks alike."""
    return [re.sub(r"\d[\d,.]*", "#", re.sub(r" +", " ", line)) for line in text.splitlines()]


def test_secrets_stay_secret(home: Path) -> None:
    """Neither the password nor the collector's token of the loop is in any file it left."""
    left = [path for path in home.rglob("*") if path.suffix in {".jsonl", ".html", ".ipynb", ".json"}]
    assert {path.suffix for path in left} == {".jsonl", ".html", ".ipynb", ".json"}
    telling = re.compile(r"password[\"']?\s*[=:]|/dlr/\w+/[\w-]{20}")
    assert [path.name for path in left if telling.search(path.read_text(encoding="utf-8"))] == []
