"""A template id of another form than operators give is read, and said, by every command that reads one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import run
from typer.testing import CliRunner

from rmanalytics.cli import app
from rmanalytics.sms.row_values import TEMPLATE_ID_FIX

USUAL = "1107000000000000101"
IDS = {
    "19 digits": (USUAL, False),
    "four digits": ("1107", True),
    "a digit too few": (USUAL[:-1], True),
    "a digit too many": (f"{USUAL}7", True),
    "a letter for a digit": (f"{USUAL[:-2]}O1", True),
    "words": ("otp-login", True),
}
MESSAGE = {"msisdn": "919800000001", "body": "Hi Asha", "campaign_id": "c1", "header": "ACMEBK"}
TEMPLATES, MESSAGES = "templates.jsonl", "messages.jsonl"
COMMANDS = {
    "send": ("send", MESSAGES, "--dry-run", "--home", "data"),
    "import messages": ("import", "messages", MESSAGES, "--dry-run", "--home", "data"),
    "import templates": ("import", "templates", TEMPLATES, "--dry-run", "--home", "data"),
    "dlt check of a template": ("dlt", "check", "--templates", TEMPLATES, "--messages", MESSAGES),
    "dlt check of a message": ("dlt", "check", "--templates", "others.jsonl", "--messages", MESSAGES),
}


def write(folder: Path, template_id: str) -> None:
    """Write a message and its template, and a registry that does not have it."""
    template = {"template_id": template_id, "content": "Hi {#var#}"}
    for name, one in (
        (MESSAGES, MESSAGE | {"template_id": template_id}),
        (TEMPLATES, template),
        ("others.jsonl", {"template_id": "1107000000000000999", "content": "Bye"}),
    ):
        (folder / name).write_text(json.dumps(one) + "\n")


@pytest.mark.parametrize("template_id, is_odd", IDS.values(), ids=IDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_unusual_template_ids(
    command: str, template_id: str, is_odd: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may be a misspelt id is named with how to correct it, and left out by nobody for its form alone."""
    write(tmp_path, template_id)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, COMMANDS[command])
    assert done.exit_code == (1 if command.endswith("of a message") else 0), done.output
    assert (TEMPLATE_ID_FIX in done.output) is is_odd
    assert not is_odd or template_id in done.output


def test_what_the_registry_has(tmp_path: Path) -> None:
    """An id that was imported with its template is not warned of again by each send."""
    write(tmp_path, "1107")
    assert run("import", "templates", TEMPLATES, cwd=tmp_path).returncode == 0
    done = run("send", MESSAGES, "--dry-run", cwd=tmp_path)
    assert (done.returncode, TEMPLATE_ID_FIX in done.stdout) == (0, False), done.stderr


def test_many_of_them(tmp_path: Path) -> None:
    """Of many unusual ids a few are listed, the first ones, and the rest is counted; international rows need none."""
    rows = [MESSAGE | {"template_id": f"x{n}", "msisdn": str(919800000000 + n)} for n in range(30)]
    rows.append(MESSAGE | {"template_id": "abroad", "msisdn": "+447700900123"})
    (tmp_path / MESSAGES).write_text("".join(json.dumps(row) + "\n" for row in rows))
    plan = run("send", MESSAGES, "--dry-run", cwd=tmp_path).stdout
    assert plan.count(TEMPLATE_ID_FIX) == 5
    assert "warning: line 1: template_id x0:" in plan
    assert "warning: 25 more template ids are unusual" in plan
    said = run("import", "messages", MESSAGES, "--dry-run", cwd=tmp_path).stderr
    assert (said.count(TEMPLATE_ID_FIX), "warning 10 more" in said) == (20, True)
