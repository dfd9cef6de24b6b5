"""The diagnosis as a whole: verdict, exit code, screen, JSON, secrets."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from support.command import run
from support.doctoring import TOKEN, scene

from rmanalytics.checks import Check, Checked, Finding, Mark
from rmanalytics.doctor import CHECKS, Diagnosis, examine
from rmanalytics.doctor.model import WORDS

WAIT_S = 60.0


def test_an_empty_home_is_able_to_do_its_job(tmp_path: Path) -> None:
    """Where nothing was done yet nothing is wrong, and looking leaves nothing behind."""
    found = examine(scene(tmp_path))
    assert [one.check.name for one in found.checks if one.finding.mark is Mark.FAIL] == []
    assert found.exit_code == 0
    assert list(tmp_path.iterdir()) == []


def _found(mark: Mark, *, is_unreachable: bool = False) -> Checked:
    finding = Finding(mark=mark, says="it is so", fix="fix it", is_unreachable=is_unreachable)
    return Checked(check=Check(name="one", title="one", look=lambda _: finding), finding=finding)


OK, WARNING, FAULT, NONE = (_found(mark) for mark in WORDS)
AWAY = _found(Mark.FAIL, is_unreachable=True)
VERDICTS = {
    "all well": ([OK, NONE], 0, "ready: 1 ok, 0 warnings, 1 not checked"),
    "a warning": ([OK, WARNING], 0, "ready: 1 ok, 1 warning, 0 not checked"),
    "a fault": (
        [OK, FAULT],
        1,
        "not ready: 1 fault, 0 warnings, 0 not checked; first one: it is so → fix it",
    ),
    "out of reach": (
        [AWAY, WARNING],
        4,
        "not ready: 1 fault, 1 warning, 0 not checked; first one: it is so → fix it",
    ),
    "out of reach and a fault": (
        [AWAY, FAULT],
        1,
        "not ready: 2 faults, 0 warnings, 0 not checked; first one: it is so → fix it",
    ),
}


@pytest.mark.parametrize("checks, exit_code, line", VERDICTS.values(), ids=VERDICTS)
def test_verdict(checks: list[Checked], exit_code: int, line: str) -> None:
    """The worst finding decides; only a gateway out of reach is 4."""
    found = Diagnosis(checks=tuple(checks))
    assert (found.exit_code, found.line) == (exit_code, line)


def rmanalytics(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `doctor` in a folder."""
    return run("doctor", *words, cwd=folder, **environment)


def test_screen_and_json(tmp_path: Path) -> None:
    """A row per check, the fix under it, the verdict last; JSON says the same; no secret in either."""
    environment = {
        "RMANALYTICS_COLLECT_TOKEN": "short-token",
        "RMANALYTICS_COLLECT_PORT": "0",
        "RMANALYTICS_GATEWAY": "route_mobile",
        "RMANALYTICS_ROUTE_MOBILE_PASSWORD": "p4ssw0rd-hidden",
        "RMANALYTICS_COLECT_HOST": "x",
    }
    shown, data = rmanalytics(tmp_path, **environment), rmanalytics(tmp_path, "--json", **environment)
    assert (shown.returncode, data.returncode) == (1, 1), shown.stderr
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert "! callback token RMANALYTICS_COLLECT_TOKEN is only 11 characters long" in lines
    assert (
        "! variables unknown: RMANALYTICS_COLECT_HOST in the environment (meant: RMANALYTICS_COLLECT_HOST?)"
        in lines
    )
    assert "✗ gateway settings not set: RMANALYTICS_ROUTE_MOBILE_USERNAME" in lines
    assert "→ put it into the environment or .env" in lines
    assert "first gateway settings" in shown.stdout.splitlines()[-1]
    answer = json.loads(data.stdout)
    assert (answer["verdict"], answer["exit_code"]) == ("fault", 1)
    assert [one["name"] for one in answer["checks"]] == [check.name for check in CHECKS]
    for text in (shown.stdout, shown.stderr, data.stdout):
        assert "short-token" not in text
        assert "p4ssw0rd-hidden" not in text


UNREADABLE = {
    "no TOML": ("rmanalytics.toml", "gateway = [", (), "not readable as TOML"),
    "a wrong setting": ("rmanalytics.toml", 'gateway = "other"', (), "RMANALYTICS_GATEWAY: has to be"),
    "no callback URL": (
        "note",
        "",
        ("--callback", "https://sms.example.org/"),
        "--callback: give a complete URL",
    ),
}


@pytest.mark.parametrize("name, text, words, says", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read(name: str, text: str, words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    """Settings and options that make no sense end in one line and exit code 2."""
    (tmp_path / name).write_text(text)
    done = rmanalytics(tmp_path, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_no_secret_is_shown(check: Check, tmp_path: Path) -> None:
    """No check shows the token."""
    assert TOKEN not in str(examine(scene(tmp_path), [check]).as_dict())
