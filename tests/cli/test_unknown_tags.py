"""Variables of a template that are none of the known ones: every reader of templates says how it takes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import run

ID = "1107000000000000101"
AS_VAR, AS_TEXT = "read as var; known are var, numeric", "read as fixed text; write {#"
CONTENTS: dict[str, tuple[str, str | None]] = {
    "var": ("Hi {#var#} ok", None),
    "numeric": ("Hi {#numeric#} ok", None),
    "number": ("Hi {#number#} ok", None),
    "of a portal's export": ("Hi {#num#} {#alp#} {#uro#} {#urg#} ok", None),
    "a name of its owner": ("Hi {#foo#} ok", AS_VAR),
    "two names": ("Hi {#num#}{#foo#} ok", AS_VAR),
    "a tag with an s": ("Hi {#numerics#} ok", AS_VAR),
    "a name in Hindi": ("Hi {#नाम#} ok", AS_VAR),
    "in upper case": ("Hi {#VAR#} ok", AS_TEXT),
    "numbered": ("Hi {#var1#} ok", AS_TEXT),
    "with blanks": ("Hi {# numeric #} ok", AS_TEXT),
    "empty": ("Hi {##} ok", AS_TEXT),
    "without its end": ("Hi {#var} ok", AS_TEXT),
}
COMMANDS = {
    "import templates": ("import", "templates", "t.jsonl", "--dry-run"),
    "dlt find": ("dlt", "find", "Hi 1 ok", "--templates", "t.jsonl"),
    "dlt check": ("dlt", "check", "--templates", "t.jsonl", "--messages", "m.jsonl"),
}


def write(folder: Path, content: str) -> None:
    """Write a template, and a message of it."""
    (folder / "t.jsonl").write_text(json.dumps({"template_id": ID, "content": content}))
    (folder / "m.jsonl").write_text(json.dumps({"template_id": ID, "body": "Hi 1 ok"}))


@pytest.mark.parametrize("content, fix", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_warning(command: str, content: str, fix: str | None, tmp_path: Path) -> None:
    """A variable that may be meant otherwise is named with how it is read; known ones are not."""
    write(tmp_path, content)
    done = run(*COMMANDS[command], cwd=tmp_path)
    assert done.returncode in (0, 1), done.stderr
    assert ("warning" in done.stderr, (fix or "") in done.stderr) == (fix is not None, True), done.stderr
