"""Every command that reads a table reads the same rows from every form of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.file_forms import FORMS, Rows
from support.providers import GOOD, write
from typer.testing import CliRunner

from rmanalytics import config, status_words
from rmanalytics.cli import app
from rmanalytics.dlt import codes as dlt_codes
from rmanalytics.relay import codes as relay_codes

TEXTS = ['Your OTP is 1, "ok"; a|b\tc -ACME', "आपका ओटीपी 2 है -ACME", "Dear é, 3 -ACME"]
ID = "1107000000000000101"
MESSAGES = [
    {"msisdn": f"91980000000{n}", "body": text, "campaign_id": "c1", "template_id": ID, "header": "ACMEBK"}
    for n, text in enumerate(TEXTS)
]
TEMPLATES = [{"template_id": f"{ID}{n}", "content": text, "header": "ACMEBK"} for n, text in enumerate(TEXTS)]
DLRS = [
    {"sMessageId": f"gw-{n}", "sStatus": "DELIVRD", "dtDone": "2025-01-15 10:20:30", "sTagName": text}
    for n, text in enumerate(TEXTS)
]
REPORT = [{"campaign_id": f"c{n}", "n_sent": "10", "campaign_name": text} for n, text in enumerate(TEXTS)]
ERRORS = [{"campaign_id": f"c{n}", "error": text} for n, text in enumerate(TEXTS)]
DLT_CODES = [{"namespace": "mine", "code": str(n), "meaning": text} for n, text in enumerate(TEXTS)]
STATUS_WORDS = [{"word": text, "status": "delivered"} for text in TEXTS]
RELAY_CODES = [
    {"field": "error_code", "value": f"x{n}", "code": "900", "description": text}
    for n, text in enumerate(TEXTS)
]


def told(*arguments: str) -> Any:
    """Return the JSON that a command prints; it did what it was asked for."""
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return json.loads(done.stdout)


def sent(path: Path, folder: Path) -> list[Any]:
    """Return the bodies that `provider render` shows; `send` counts as many rows."""
    provider = write(folder / "p.json", GOOD, {})
    shown = told("provider", "render", str(provider), "--batch", str(path), "--home", str(folder / "data"))
    plan = told("send", str(path), "--dry-run", "--home", str(folder / "data"))["plan"]
    assert (plan["n_rows"], plan["n_bad"], plan["n_to_send"]) == (3, 0, 3)
    return [json.loads(request["body"])["message"] for request in shown["requests"]]


def imported(kind: str, column: str) -> Callable[[Path, Path], list[Any]]:
    """Return what gives a column of the rows as they would be imported, none rejected."""

    def read(path: Path, folder: Path) -> list[Any]:
        home = str(folder / "data")
        found = told("import", kind, str(path), "--dry-run", "--home", home)
        assert (found["n_rows"], found["n_rejected"]) == (3, 0)
        return [row[column] for row in found["first_rows"]]

    return read


def checked(path: Path, folder: Path) -> list[Any]:
    """Return the texts of messages that `dlt check` and `dlt find` match against the same texts as templates."""
    templates = folder / "templates.jsonl"
    rows = [{"template_id": ID, "content": text} for text in TEXTS[:1]]
    templates.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = told("dlt", "check", "--templates", str(templates), "--messages", str(path))
    assert (found["n_messages"], found["n_ok"]) == (3, 1)
    return TEXTS


def registered(path: Path, folder: Path) -> list[Any]:
    """Return the contents of templates that `dlt find` finds by their text, `dlt check` by their id."""
    messages = folder / "messages.jsonl"
    rows = [{"template_id": row["template_id"], "body": row["content"]} for row in TEMPLATES]
    messages.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert told("dlt", "check", "--templates", str(path), "--messages", str(messages))["n_ok"] == 3
    found = [told("dlt", "find", text, "--templates", str(path))["fits"] for text in TEXTS]
    return [fits[0]["content"] for fits in found]


READERS: dict[str, tuple[Rows, Callable[[Path, Path], list[Any]]]] = {
    "send and provider render": (MESSAGES, sent),
    "import messages": (MESSAGES, imported("messages", "body")),
    "import templates": (TEMPLATES, imported("templates", "content")),
    "import dlrs": (
        DLRS,
        lambda path, folder: imported("dlrs", "gateway_message_id")(path, folder) and TEXTS,
    ),
    "import clevertap-report": (REPORT, imported("clevertap-report", "campaign_name")),
    "import clevertap-errors": (ERRORS, imported("clevertap-errors", "error")),
    "dlt check --messages": (MESSAGES, checked),
    "dlt check --templates and dlt find": (TEMPLATES, registered),
    "RMANALYTICS_DLT_CODES": (
        DLT_CODES,
        lambda path, _: [row.meaning for row in dlt_codes.table().extended(path) if row.namespace == "mine"],
    ),
    "RMANALYTICS_STATUS_WORDS": (
        STATUS_WORDS,
        lambda path, folder: [
            text
            for text, one in zip(
                TEXTS, status_words.own(config.load(home=folder / "data", status_words=path)), strict=True
            )
            if one.word == text.upper()
        ],
    ),
    "RMANALYTICS_RELAY_CODES": (
        RELAY_CODES,
        lambda path, _: [row.description for row in relay_codes.table(path) if row.value.startswith("x")],
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("reader", READERS)
def test_form(reader: str, form: str, tmp_path: Path) -> None:
    """All rows of the form arrive with their texts, character by character."""
    rows, read = READERS[reader]
    assert read(FORMS[form](tmp_path, rows), tmp_path) == TEXTS


def test_options(tmp_path: Path) -> None:
    """A portal's export with a title, names of its own and no campaign is read by the options for it."""
    path = tmp_path / "export.csv"
    lines = ["Sent messages,,", "", "Mobil,Wortlaut,template_id", f"919800000001,Hello,{ID}"]
    path.write_text("\r\n".join(lines))
    options = (
        "--skip-rows",
        "2",
        "--map",
        "msisdn=Mobil",
        "--map",
        "body=Wortlaut",
        "--set",
        "campaign_id=c1",
    )
    home = ("--home", str(tmp_path / "data"))
    row = told("import", "messages", str(path), "--dry-run", *options, *home)["first_rows"][0]
    assert (row["line"], row["body"], row["campaign_id"]) == (4, "Hello", "c1")
    plan = told("send", str(path), "--dry-run", *options, "--set", "header=ACMEBK", *home)["plan"]
    assert (plan["n_to_send"], plan["campaigns"][0]["campaign_id"]) == (1, "c1")
    templates = FORMS["a workbook"](tmp_path, TEMPLATES)
    given = ("--messages-skip-rows", "2", "--messages-map", "body=Wortlaut", "--sheet", "Export")
    found = told("dlt", "check", "--templates", str(templates), "--messages", str(path), *given)
    assert found["n_messages"] == 1


TWICE = {
    "another column": (("--map", "body=a", "--map", "body=b"), "--map body=b: body is given twice"),
    "another value": (("--set", "route=x", "--set", "route=y"), "--set route=y: route is given twice"),
    "the same again": (("--map", "body=body", "--map", "body=body"), ""),
}


@pytest.mark.parametrize("options, why", TWICE.values(), ids=TWICE)
def test_options_given_twice(options: tuple[str, ...], why: str, tmp_path: Path) -> None:
    """Of two columns for one of ours none wins in silence."""
    path = FORMS["LF"](tmp_path, MESSAGES)
    done = CliRunner().invoke(
        app, ["send", str(path), "--dry-run", "--home", str(tmp_path / "data"), *options]
    )
    assert why in str(done.exception)
    assert (done.exit_code == 0) is (why == "")
