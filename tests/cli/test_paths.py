"""Paths as people type them: `~/` in quotes, a home that is not there, an output in the place of something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from support.command import run

import rmanalytics as rm
from rmanalytics.cli import app, usage

TEMPLATE = "template_id,content\n1107000000000000901,Dear {#var#}\n"
BAD = f"{TEMPLATE},Dear {{#var#}}\n"
BATCH = "msisdn,body,campaign_id,template_id,header\n919800000001,Dear Ravi,c1,1107000000000000901,ACMEBK\n"


def _commands(command: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """Each command by its words."""
    inner = getattr(command, "commands", {})
    for name, one in inner.items():
        yield from _commands(one, *path, name)
    if not inner:
        yield " ".join(path), command


ALL = dict(_commands(typer.main.get_command(app)))
PATHS = {
    f"{name} {param.name}"
    for name, command in ALL.items()
    for param in command.params
    if usage.is_path(param)
}


@pytest.mark.parametrize("name", ALL)
def test_every_command_takes_the_users_home_for_a_tilde(name: str) -> None:
    """Each command reads its paths in the one place that knows `~/`."""
    assert isinstance(ALL[name], usage.Command)


def test_paths_are_found() -> None:
    """Options that are called as a path is are all typed as one, or listed as a text that is one."""
    assert {
        "report out",
        "import dlrs rejects",
        "validate junit",
        "simulate profile",
        "send provider",
    } <= PATHS
    called = {
        f"{n} {p.name}" for n, c in ALL.items() for p in c.params if p.metavar in {"FILE", "DIR", "PATH"}
    }
    assert called <= PATHS


def test_a_tilde_in_quotes(tmp_path: Path) -> None:
    """`~/` in an option, the environment or a file of settings is the user's home; no folder `~` is made."""
    user = tmp_path / "user"
    user.mkdir()
    here = tmp_path / "here"
    here.mkdir()
    (user / "t.csv").write_text(BAD)
    (user / "b.csv").write_text(BATCH)

    def done(*arguments: str, **environment: str) -> None:
        found = run(*arguments, cwd=here, HOME=str(user), **environment)
        assert found.returncode in {0, 1, 3}, (arguments, found.stderr)

    done("import", "templates", "~/t.csv", "--rejects", "~/bad.csv", "--home", "~/data")
    done("import", "messages", "~/b.csv", RMANALYTICS_HOME="~/data")
    done("validate", "--junit=~/out/j.xml", "--home", "~/data")
    done("dlt", "check", "--templates", "~/t.csv", "--messages", "~/b.csv")
    (user / ".env").write_text("RMANALYTICS_DLT_CODES=~/codes.csv\n")
    assert (
        "codes.csv" in run("dlt", "codes", "633", "--table", "~/codes.csv", cwd=here, HOME=str(user)).stderr
    )
    assert {path.name for path in user.iterdir()} >= {"bad.csv", "data", "out"}
    assert not list(here.iterdir())


def test_a_tilde_for_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`rm.connect` reads it in the same way."""
    (tmp_path / "t.csv").write_text(TEMPLATE)
    run("import", "templates", "t.csv", cwd=tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with rm.connect("~/data") as warehouse:
        assert warehouse.table("templates").count().execute() == 1


NOWHERE = {
    "validate": (("validate",), 3, ""),
    "validate --batch": (
        ("validate", "--batch", "b"),
        2,
        "no such batch: there is none yet: send or import first",
    ),
    "status": (("status",), 2, "no database yet"),
    "report": (("report",), 2, "no database yet"),
    "purge": (("purge", "--older-than", "90d"), 2, "no database yet"),
    "send": (("send", "b.csv", "--dry-run"), 0, ""),
    "import messages": (("import", "messages", "b.csv", "--dry-run"), 0, ""),
    "import templates": (("import", "templates", "t.csv", "--dry-run"), 0, ""),
    "relay status": (("relay", "status"), 0, ""),
    "relay parked": (("relay", "parked"), 0, ""),
    "doctor": (("doctor",), 1, ""),
}


@pytest.mark.parametrize("arguments, code, said", NOWHERE.values(), ids=NOWHERE)
def test_a_home_that_is_not_there_stays_so(
    arguments: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    """What only looks makes no home, and says in one line what to do where it needs one."""
    (tmp_path / "t.csv").write_text(TEMPLATE)
    (tmp_path / "b.csv").write_text(BATCH)
    done = run(*arguments, "--home", "none/x", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "none").exists()) == (code, False), done.stderr
    assert said in done.stderr
    assert not said or done.stderr.count("\n") == 1


EMPTY = {
    "status --home": ("status", "--home", ""),
    "--home in front": ("--home=", "status"),
    "send --provider": ("send", "b.csv", "--provider", ""),
    "import --rejects": ("import", "dlrs", "b.csv", "--rejects="),
    "report --out": ("report", "--out", ""),
}


@pytest.mark.parametrize("arguments", EMPTY.values(), ids=EMPTY)
def test_an_empty_path(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """What an unset variable leaves behind an option is not the working folder."""
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is empty: give a path" in done.stderr


def test_an_output_is_no_home(tmp_path: Path) -> None:
    """An output does not take the place of a home that is not there yet."""
    (tmp_path / "t.csv").write_text(BAD)
    first = run("import", "templates", "t.csv", "--dry-run", "--rejects", "data", cwd=tmp_path)
    second = run("validate", "--junit", "x", "--home", "x/data", cwd=tmp_path)
    assert (first.returncode, second.returncode) == (2, 2)
    assert "data: is the place of the home: name a file" in first.stderr
    assert "x: is the place of the home: name a file" in second.stderr


@pytest.fixture(name="filled")
def _filled(tmp_path: Path) -> Path:
    """A folder with a home that has a journal and a database, an input of each kind and settings."""
    (tmp_path / "t.csv").write_text(TEMPLATE)
    (tmp_path / "bad.csv").write_text(BAD)
    (tmp_path / "b.csv").write_text(BATCH)
    (tmp_path / ".env").write_text("A=1\n")
    run("import", "templates", "t.csv", cwd=tmp_path)
    run("import", "messages", "b.csv", cwd=tmp_path)
    return tmp_path


def test_outputs_replace_nothing_else(filled: Path) -> None:
    """An output takes the place of no input, database, journal or settings; of its own kind it does, and says so."""
    others = [path for path in filled.rglob("*") if path.is_file() and path.stat().st_size]
    assert len(others) > 5
    for path in others:
        before = path.read_bytes()
        first = run("import", "templates", "bad.csv", "--dry-run", "--rejects", str(path), cwd=filled)
        second = run("validate", "--junit", str(path), cwd=filled)
        assert (first.returncode, second.returncode, path.read_bytes()) == (2, 2, before), path
        assert (
            "name a" in first.stderr
            and "is another file, which would be lost: name a new one" in second.stderr
        )
    for _ in range(2):
        lists = run("import", "templates", "bad.csv", "--dry-run", "--rejects", "r.csv", cwd=filled)
        checks = run("validate", "--junit", "j.xml", cwd=filled)
    assert "r.csv: replaced" in lists.stderr and "j.xml: replaced" in checks.stderr
