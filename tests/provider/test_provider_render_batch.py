"""`provider render --batch` leaves out the rows that `send` leaves out, and says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import run
from support.providers import GOOD, write

ID = "1107000000000000101"
HEAD = "msisdn,body,campaign_id,template_id,header,message_id"
LINES = [HEAD, f"919800000001,a,c1,{ID},ACMEBK,m1", f"919800000002.5,b,c1,{ID},ACMEBK,m2"]
TWICE = [HEAD, LINES[1], f"919800000003,c,c1,{ID},ACMEBK,m1"]
FRACTION = "2.csv: 1 of 2 rows is left out; the first: line 3: msisdn"
REPEATED = "2.csv: 1 of 2 rows is left out; the first: line 3: message_id m1 is already on line 2"

RENDERED: dict[str, tuple[list[str], tuple[str, ...], int, str]] = {
    "a bad row": (LINES, (), 1, FRACTION),
    "as JSON": (LINES, ("--json",), 1, FRACTION),
    "as curl": (LINES, ("--curl", "--allow-unset"), 1, FRACTION),
    "bad rows are skipped": (LINES, ("--skip-bad",), 0, FRACTION),
    "an id twice": (TWICE, (), 1, REPEATED),
    "nothing left out": (LINES[:2], (), 0, ""),
    "nothing left": ([LINES[0], LINES[2]], ("--skip-bad",), 2, "(none of its rows can be sent)"),
}


@pytest.mark.parametrize("lines, options, code, said", RENDERED.values(), ids=RENDERED)
def test_rows_left_out(
    lines: list[str], options: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    """How many rows are missing and why is on stderr, whatever the output; the command fails unless they may be."""
    write(tmp_path / "p.json", GOOD, {})
    (tmp_path / "2.csv").write_text("\n".join(lines))
    done = run("provider", "render", "p.json", "--batch", "2.csv", *options, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert ("left out" in done.stderr) is ("left out" in said)
    if "--json" in options:
        data = json.loads(done.stdout)
        assert (data["n_requests"], data["n_rows"], data["n_bad"]) == (1, 2, 1)
        assert data["faults"][0]["line"] == 3


def test_send_leaves_out_the_same_rows(tmp_path: Path) -> None:
    """The plan of `send` has as many bad rows as the requests lack."""
    write(tmp_path / "p.json", GOOD, {})
    (tmp_path / "2.csv").write_text("\n".join([*LINES, TWICE[2]]))
    shown = run("provider", "render", "p.json", "--batch", "2.csv", "--json", cwd=tmp_path)
    plan = json.loads(run("send", "2.csv", "--dry-run", "--json", cwd=tmp_path).stdout)["plan"]
    data = json.loads(shown.stdout)
    assert (plan["n_bad"], plan["faults"]) == (data["n_bad"], data["faults"])
    assert data["n_bad"] == 2
