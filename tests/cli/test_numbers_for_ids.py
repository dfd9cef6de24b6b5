"""A number with a fraction is no id, whatever file has it and whoever reads it; a text may be one."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support import workbooks
from support.command import run

ID = "1107000000000000101"
MESSAGE = {"msisdn": "919800000001", "body": "Hi", "campaign_id": "7", "template_id": ID, "header": "ACMEBK"}
DLR = {"sMessageId": "7", "sMobileNo": "919800000001", "sStatus": "DELIVRD", "iCostPerSms": 0.25}
TEMPLATE = {"template_id": ID, "content": "Hi", "entity_id": ID}
Row = dict[str, Any]


def workbook(folder: Path, rows: list[Row]) -> str:
    """Write the rows as cells of their kinds."""
    workbooks.write(folder / "t.xlsx", {"a": [list(rows[0]), *(list(row.values()) for row in rows)]})
    return "t.xlsx"


def lines(folder: Path, rows: list[Row]) -> str:
    """Write the rows as JSON lines."""
    (folder / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return "t.jsonl"


def parquet(of: Callable[[list[Any]], Any]) -> Callable[[Path, list[Row]], str]:
    """Return what writes the rows as Parquet, columns of numbers as `of` makes them."""

    def write(folder: Path, rows: list[Row]) -> str:
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        arrays = {
            name: of([float(value) for value in values]) if isinstance(values[-1], float) else values
            for name, values in columns.items()
        }
        pq.write_table(pa.table(arrays), folder / "t.parquet")
        return "t.parquet"

    return write


FORMS: dict[str, Callable[[Path, list[Row]], str]] = {
    "a workbook": workbook,
    "JSON lines": lines,
    "Parquet": parquet(pa.array),
    "Parquet of halves": parquet(lambda values: pa.array(values, pa.float64()).cast(pa.float32())),
    "Parquet of decimals": parquet(lambda values: pa.array(map(Decimal, values), pa.decimal128(30, 2))),
    "Parquet of categories": parquet(lambda values: pa.array(values).dictionary_encode()),
}
READERS: dict[str, tuple[Row, str, tuple[str, ...]]] = {
    "import messages": (MESSAGE | {"message_id": "7"}, "message_id", ("import", "messages")),
    "import messages, campaigns": (MESSAGE, "campaign_id", ("import", "messages")),
    "import dlrs": (DLR, "sMessageId", ("import", "dlrs")),
    "import templates": (TEMPLATE, "entity_id", ("import", "templates")),
    "import clevertap-report": (
        {"campaign_id": "7", "n_sent": "10"},
        "campaign_id",
        ("import", "clevertap-report"),
    ),
    "send": (MESSAGE | {"message_id": "7"}, "message_id", ("send", "--dry-run")),
    "send, campaigns": (MESSAGE, "campaign_id", ("send", "--dry-run")),
    "dlt check": (TEMPLATE, "entity_id", ("dlt", "find", "Hi", "--templates")),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("reader", READERS)
def test_a_number_with_a_fraction(reader: str, form: str, tmp_path: Path) -> None:
    """The row, or the file where a whole column is such, is refused by name; its good neighbour has whole ids."""
    good, column, command = READERS[reader]
    name = FORMS[form](tmp_path, [good, good | {column: 12.5}])
    done = run(*command, name, cwd=tmp_path)
    why = (
        f"{column} holds the decimal number 12.5, which is no id"
        if "Parquet" not in form
        else "decimal numbers"
    )
    assert done.returncode in (0, 1, 2), done.stderr
    assert why in f"{done.stdout}{done.stderr}"
    assert column in f"{done.stdout}{done.stderr}"


def test_texts_and_other_numbers(tmp_path: Path) -> None:
    """An id with a full stop that is text stays, and prices may have a fraction."""
    for name, write in {"a": workbook, "b": lines}.items():
        path = write(tmp_path, [MESSAGE | {"message_id": "12.5"}])
        plan = json.loads(run("send", path, "--dry-run", "--json", "--home", name, cwd=tmp_path).stdout)[
            "plan"
        ]
        assert (plan["n_to_send"], plan["n_bad"]) == (1, 0)
        path = write(tmp_path, [DLR | {"sMessageId": "1736916630.45"}])
        done = run("import", "dlrs", path, "--json", "--home", name, cwd=tmp_path)
        assert (done.returncode, json.loads(done.stdout)["n_changed"]) == (0, 1), done.stderr
