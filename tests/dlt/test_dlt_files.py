"""Template and message files: formats, column names of exports, and one clear line for each fault."""

import json

import pyarrow as pa
import pyarrow.parquet
import pytest
from support import workbooks

from rmanalytics.dlt import Category, Template, read_messages, read_templates
from rmanalytics.errors import BadInput

ID = "1107000000000000001"
CONTENT = 'Dear {#var#}, "OTP" is {#var#}.\nACME'
EXPECTED = Template(
    template_id=ID,
    content=CONTENT,
    headers=("ACMEBK", "ACMEIN"),
    entity_id="1101000000000000001",
    category=Category.SERVICE_IMPLICIT,
    variable_tags=("var", "numeric"),
    status="Active",
)
OURS = {
    "template_id": ID,
    "content": CONTENT,
    "header": "ACMEBK, ACMEIN",
    "entity_id": "1101000000000000001",
    "category": "service_implicit",
    "variable_tags": '["var", "numeric"]',
    "status": "Active",
}
THEIRS = {
    "DLT Template ID": ID,
    "Template Content": CONTENT,
    "Header Name": "ACMEBK|ACMEIN",
    "PE ID": "1101000000000000001",
    "Template Type": "Service Implicit",
    "Tags": "{#var#},{#numeric#}",
    "Approval Status": "Active",
}


def write_csv(path, rows):
    """Write rows with quotes around everything."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    quoted = [",".join('"' + str(cell).replace('"', '""') + '"' for cell in line) for line in lines]
    path.write_text("\ufeff" + "\r\n".join(quoted) + "\r\n", encoding="utf-8", newline="")


def write_jsonl(path, rows):
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_parquet(path, rows):
    """Write rows as Parquet."""
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows), path)


def write_xlsx(path, rows):
    """Write rows as a workbook."""
    workbooks.write(path, {"templates": [list(rows[0]), *(list(row.values()) for row in rows)]})


WRITERS = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet, "xlsx": write_xlsx}


@pytest.mark.parametrize("row", [OURS, THEIRS], ids=["our names", "an export's names"])
@pytest.mark.parametrize("kind", WRITERS)
def test_templates(tmp_path, kind, row):
    """Every format gives the same template, under our column names and under those of exports."""
    path = tmp_path / f"templates.{kind}"
    WRITERS[kind](path, [row])
    assert list(read_templates(path).templates.values()) == [EXPECTED]


def test_mapped_columns(tmp_path):
    """A column of any name can be mapped."""
    path = tmp_path / "t.csv"
    write_csv(path, [{"Nr": ID, "Wortlaut": "Hi {#var#}!"}])
    registry = read_templates(path, {"template_id": "Nr", "content": "Wortlaut"})
    assert registry.templates == {ID: Template(template_id=ID, content="Hi {#var#}!")}


def test_ids_that_are_json_numbers(tmp_path):
    """Nineteen digits survive as text, also when JSON gives them as a number."""
    path = tmp_path / "t.jsonl"
    path.write_text(f'{{"template_id": {ID}, "content": "Hi", "variable_tags": ["var"]}}\n')
    assert read_templates(path).templates == {
        ID: Template(template_id=ID, content="Hi", variable_tags=("var",))
    }


FAULTS = {
    "no content column": (
        "t.csv",
        "template_id,words\n1,2\n",
        "t.csv: line 1: no column content (it has template_id, words)",
    ),
    "no id": (
        "t.csv",
        "template_id,content\n,Hi\n",
        "t.csv: line 2: template_id is empty: give the registered id",
    ),
    "more variables than a text can hold": (
        "t.csv",
        f"template_id,content\n1,{'{#var#} a ' * 101}\n",
        "t.csv: line 2: content has 101 variables, at most 100 are read: give the registered text",
    ),
    "a content that no portal registers": (
        "t.csv",
        f"template_id,content\n1,{'a' * 4001}\n",
        "t.csv: line 2: content has 4,001 characters, at most 4,000 are read",
    ),
    "an id that lost digits": (
        "t.csv",
        "template_id,content\n1.1E+18,Hi\n",
        "t.csv: line 2: template_id 1.1E+18 is a number that lost digits",
    ),
    "no text": ("t.csv", "template_id,content\n1,Hi\n2,\n", "t.csv: line 3: content is empty"),
    "an unquoted comma": (
        "t.csv",
        "template_id,content\n1,Hi, you\n",
        "t.csv: line 2: has 3 fields but the first line names 2",
    ),
    "nothing": ("t.csv", "template_id,content\n", "t.csv: no templates in it"),
    "an open quote": (
        "t.csv",
        'template_id,content\n1,"Hi\n2,Ho\n',
        "t.csv: line 2: a quote is never closed",
    ),
    "a field without end": (
        "t.csv",
        f"template_id,content\n1,{'a' * 200_000}\n",
        "t.csv: line 2: is too long",
    ),
    "no JSON": (
        "t.jsonl",
        '{"template_id": "1", "content": "Hi"}\n{oops\n',
        "t.jsonl: line 2: is not JSON from character 2 on",
    ),
    "no object": ("t.jsonl", "[1]\n", "t.jsonl: line 1: is a JSON array"),
    "no workbook": ("t.xlsx", "PK", "t.xlsx: is not a readable workbook"),
    "no Parquet": ("t.parquet", "PAR", "t.parquet: "),
}


@pytest.mark.parametrize("name, text, expected", FAULTS.values(), ids=FAULTS)
def test_faults(tmp_path, name, text, expected):
    """Each fault of a file is one line with file, line, field and fix."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        read_templates(path)
    assert str(caught.value).startswith(f"{tmp_path}/{expected}")


def test_no_file(tmp_path):
    """A file that is not there is named."""
    with pytest.raises(BadInput, match=r"none\.csv: cannot be read: No such file"):
        read_templates(tmp_path / "none.csv")


def test_a_workbook_that_lost_digits(tmp_path):
    """A long id kept as a number in a workbook is refused with its line, not guessed."""
    path = tmp_path / "t.xlsx"
    workbooks.write(path, {"a": [["template_id", "content"], [1.107e18, "Hi"]]})
    with pytest.raises(
        BadInput,
        match=r"t\.xlsx: line 2: template_id holds the number 1107000000000000000, which lost digits",
    ):
        read_templates(path)


@pytest.mark.parametrize("kind", WRITERS)
def test_ids_stay_text(tmp_path, kind):
    """Nineteen digits, leading zeros and exponents in ids of messages come back digit by digit."""
    ids = ["1107123456789012345", "0007123456789012345", "1107000000000000001"]
    path = tmp_path / f"m.{kind}"
    WRITERS[kind](path, [{"template_id": id_, "entity_id": id_, "body": "नमस्ते"} for id_ in ids])
    found = read_messages(path)
    assert [found.column(name).to_pylist() for name in ("template_id", "entity_id")] == [ids, ids]


@pytest.mark.parametrize("kind", WRITERS)
def test_messages(tmp_path, kind):
    """Messages of every format come back as text, line breaks and quotes included."""
    rows = [
        {"message_id": "007", "template_id": ID, "body": 'It\'s "here"\nnow, ok'},
        {"message_id": "1e5", "template_id": "", "body": "नमस्ते"},
    ]
    path = tmp_path / f"m.{kind}"
    WRITERS[kind](path, rows)
    assert read_messages(path).to_pylist() == rows


def test_messages_without_body(tmp_path):
    """A message file without the texts says which columns it has."""
    path = tmp_path / "m.csv"
    path.write_text("msisdn,text\n1,2\n")
    with pytest.raises(
        BadInput, match=r"m\.csv: line 1: no column body, template_id \(it has msisdn, text\)"
    ):
        read_messages(path)
