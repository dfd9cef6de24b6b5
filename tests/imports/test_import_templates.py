"""Templates of a registry's export become the relation `templates`, through evidence in the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from rmanalytics import config
from rmanalytics.errors import BadInput
from rmanalytics.imports import Options, bring_in
from rmanalytics.ingest.run import ingest
from rmanalytics.support.tables import ReadOptions

NOW = datetime(2025, 1, 15, 4, 50, tzinfo=UTC)
LATER = datetime(2025, 1, 16, 4, 50, tzinfo=UTC)
ID = "1107000000000000001"
EXPORT = f"DLT TE ID,Template Content,Header Name,Tags\n{ID},Your OTP is {{#var#}},ACMEIN|ACMEBK,numeric\n"


def templates(settings: config.Settings) -> list[tuple[Any, ...]]:
    with duckdb.connect(settings.database, read_only=True) as connection:
        query = "SELECT template_id, content, header, variable_tags, imported_at FROM templates ORDER BY ALL"
        return connection.execute(query).fetchall()


def write(tmp_path: Path, text: str, name: str = "registry.csv") -> Path:
    (tmp_path / name).write_text(text)
    return tmp_path / name


def test_an_export_fills_the_relation(settings: config.Settings, tmp_path: Path) -> None:
    """Columns are recognised under the registry's names; the row stands with the time of its import."""
    read = bring_in(settings, "templates", write(tmp_path, EXPORT), now=NOW)
    assert read.columns == {
        "template_id": "DLT TE ID",
        "content": "Template Content",
        "header": "Header Name",
        "variable_tags": "Tags",
    }
    assert (read.n_rows, read.n_rejected, read.n_changed) == (1, 0, 1)
    assert templates(settings) == [(ID, "Your OTP is {#var#}", "ACMEIN, ACMEBK", ["numeric"], NOW)]


def test_twice_is_once_and_a_later_export_wins(settings: config.Settings, tmp_path: Path) -> None:
    """The same file changes nothing, another one only what differs, and a new database says the same."""
    bring_in(settings, "templates", write(tmp_path, EXPORT), now=NOW)
    assert bring_in(settings, "templates", write(tmp_path, EXPORT), now=LATER).is_known
    other = EXPORT + f"{ID[:-1]}2,Bye {{#var#}},ACMEIN,\n"
    assert bring_in(settings, "templates", write(tmp_path, other), now=LATER).n_changed == 1
    fixed = EXPORT.replace("OTP", "code")
    assert bring_in(settings, "templates", write(tmp_path, fixed), now=LATER.replace(hour=9)).n_changed == 1
    there = templates(settings)
    assert [row[1] for row in there] == ["Your code is {#var#}", "Bye {#var#}"]
    settings.database.unlink()
    ingest(settings)
    assert templates(settings) == there


def test_good_rows_go_and_rejects_are_listed(settings: config.Settings, tmp_path: Path) -> None:
    """A row that is none is listed with its line, also behind a text of several lines; strictly nothing goes."""
    text = f'template_id,content\n{ID},"Two\nlines"\n1.107E+18,Spoilt\n{ID},Again\n7,a,b\n8,\n'
    path = write(tmp_path, text)
    expected = [
        (4, "template_id 1.107E+18 is a number that lost digits: format the column as text and export again"),
        (5, f"template_id {ID} is already on line 2"),
        (6, "has 3 fields but the first line names 2: put quotes around text that contains a delimiter"),
        (7, "content is empty: give the registered text"),
    ]
    rejects = tmp_path / "rejects.csv"
    dry = bring_in(settings, "templates", path, options=Options(is_dry_run=True, rejects_file=rejects))
    assert [(reject.line, reject.reason) for i, reject in enumerate(dry.rejects)] == expected
    assert len(rejects.read_text().splitlines()) == 5
    assert not settings.database.exists()
    with pytest.raises(BadInput, match=r"line 4: template_id 1\.107E\+18 is a number that lost"):
        bring_in(settings, "templates", path, options=Options(is_strict=True))
    assert list(settings.journal_dir.iterdir()) == []
    read = bring_in(settings, "templates", path, now=NOW)
    assert (read.n_rows, read.n_rejected, len(templates(settings))) == (5, 4, 1)


def test_what_is_odd_about_a_template(settings: config.Settings, tmp_path: Path) -> None:
    """A good row that `dlt check` would warn of is imported with the same warning; so is an id without 19 digits."""
    said: list[str] = []
    path = write(tmp_path, f"template_id,content\n{ID},Hi {{#VAR#}} and {{#var}}\n1107,Hi {{#var#}}\n")
    read = bring_in(
        settings, "templates", path, options=Options(reading=ReadOptions(say=said.append)), now=NOW
    )
    assert (read.n_good, read.n_rejected) == (2, 0)
    fix = "read as fixed text; write {#var#}"
    assert said == [
        f"warning line 2: invalid_placeholder '{{#VAR#}}' at character 4: {fix}",
        f"warning line 2: invalid_placeholder '{{#var}}' at character 16: {fix}",
        "warning line 3: unusual_id '1107' at character 1: a template id has 19 digits: compare it with the "
        "registry's, as text",
    ]
