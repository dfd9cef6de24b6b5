"""The relation `template_checks`: filled by ingest, once, anew when templates or policy change."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.records import message

from rmanalytics import config, journal, warehouse
from rmanalytics.errors import BadInput
from rmanalytics.ingest import imports, run, template_checks
from rmanalytics.ingest.run import ingest

OTP = "1107000000000000001"
TEMPLATE = (OTP, "Your code is {#var#}", "TESTSM", "1101000000000000001", "active")
GOOD = message("good")
SHOUT = message("shout", body="Your Code is 1234")
ABROAD = message("abroad", route="international", msisdn="447700900123", template_id=None)
NO_ID = message("no-id", template_id=None)
HEADER = message("header", header="OTHERS")


def register(settings: config.Settings, *templates: tuple[str, ...]) -> None:
    """Put templates into the database, in place of those that are there."""
    with warehouse.writer(settings.database) as connection:
        connection.execute("DELETE FROM templates")
        for template in templates:
            connection.execute(
                "INSERT INTO templates (template_id, content, header, entity_id, status) VALUES ($1, $2, $3, $4, $5)",
                list(template),
            )


def checks(settings: config.Settings, columns: str = "message_id, ok, reason") -> list[tuple[object, ...]]:
    with duckdb.connect(settings.database, read_only=True) as connection:
        return connection.execute(f"SELECT {columns} FROM template_checks ORDER BY message_id").fetchall()


def test_every_domestic_message_is_checked(settings, write):
    """Each domestic message has one row, that says what is wrong, where, and what fixes it; those abroad have none."""
    register(settings, TEMPLATE)
    write(journal.MESSAGES, GOOD, SHOUT, ABROAD, NO_ID, HEADER)
    done = ingest(settings)
    assert (done.n_checked, done.n_mismatched) == (4, 3)
    assert "4 domestic messages checked against their DLT template, 3 do not match" in done.describe()
    columns = "message_id, template_id, ok, reason, position, expected, actual"
    assert checks(settings, columns) == [
        ("good", OTP, True, None, None, None, None),
        ("header", OTP, False, "header_not_registered", None, "TESTSM", "OTHERS"),
        ("no-id", None, False, "no_template_id", None, "a template id", ""),
        ("shout", OTP, False, "letter_case", 5, "c", "C"),
    ]


def test_only_new_messages_are_checked(settings, write):
    """A second ingest checks what came since, and nothing twice."""
    register(settings, TEMPLATE)
    write(journal.MESSAGES, GOOD)
    assert ingest(settings).n_checked == 1
    assert ingest(settings).n_checked == 0
    write(journal.MESSAGES, SHOUT, ABROAD)
    assert ingest(settings).n_checked == 1
    assert [row[0] for row in checks(settings)] == ["good", "shout"]


def test_without_templates_nothing_is_said(settings, write):
    """No templates, no verdicts; they come with the templates, and go with them."""
    write(journal.MESSAGES, GOOD, SHOUT)
    assert ingest(settings).n_checked == 0
    register(settings, TEMPLATE)
    assert ingest(settings).n_checked == 2
    register(settings)
    assert ingest(settings).n_checked == 0
    assert checks(settings) == []


CHANGES = {
    "the text": (OTP, "Your Code is {#var#}", *TEMPLATE[2:]),
    "its status": (*TEMPLATE[:4], "blocked"),
    "another template": ("1107000000000000009", *TEMPLATE[1:]),
}


@pytest.mark.parametrize("template", CHANGES.values(), ids=CHANGES)
def test_a_changed_registry_checks_all_anew(template, settings, write):
    """When a template changes, every verdict is made again."""
    register(settings, TEMPLATE)
    write(journal.MESSAGES, GOOD, SHOUT)
    ingest(settings)
    before = checks(settings)
    register(settings, template)
    assert ingest(settings).n_checked == 2
    assert checks(settings) != before


def test_a_changed_policy_checks_all_anew(settings, write):
    """Another policy is another verdict; an unknown one is refused."""
    register(settings, TEMPLATE)
    write(journal.MESSAGES, message("spaces", body="Your  code is 1234"))
    ingest(settings)
    assert checks(settings) == [("spaces", False, "double_space")]
    ingest(settings.model_copy(update={"dlt_policy": "msg91"}))
    assert checks(settings) == [("spaces", True, None)]
    with pytest.raises(BadInput, match="unknown policy 'laxest': use one of strict"):
        ingest(settings.model_copy(update={"dlt_policy": "laxest"}))


def test_a_bad_row_stops_nothing(settings, write):
    """A row of `templates` that is no template is named and left out; the others count."""
    register(settings, TEMPLATE, ("1.1E+18", "Hi", None, None, None), ("12", "", None, None, None))
    write(journal.MESSAGES, GOOD, SHOUT)
    done = ingest(settings)
    assert (done.n_checked, done.n_mismatched) == (2, 1)
    assert done.unreadable == {
        "relation templates": "row 1: template_id 1.1E+18 is a number that lost digits: format the column as text "
        "and export again; row 3: content is empty: give the registered text"
    }


WRONG = {
    "policy": ({"dlt_policy": "lax"}, "RMANALYTICS_DLT_POLICY: unknown policy 'lax'"),
    "namespace": ({"dlt_namespace": "mine"}, "RMANALYTICS_DLT_NAMESPACE: unknown code namespace 'mine'"),
    "no file": (
        {"dlt_codes": Path("none.csv")},
        r"RMANALYTICS_DLT_CODES: none\.csv: cannot be read: No such file",
    ),
    "no table": ({"dlt_codes": Path("codes.csv")}, r"RMANALYTICS_DLT_CODES: codes\.csv: line 1: no column"),
}


@pytest.mark.parametrize("fields, told", WRONG.values(), ids=WRONG)
def test_wrong_settings_are_told_before_anything_is_taken_in(fields, told, settings, write):
    """A wrong DLT setting is one clear line that names it, and leaves the database as it was."""
    Path("codes.csv").write_text("code,meaning\n1,x\n", encoding="utf-8")
    write(journal.MESSAGES, GOOD)
    with pytest.raises(BadInput, match=told) as caught:
        ingest(settings.model_copy(update=fields))
    assert (caught.value.exit_code, settings.database.exists()) == (2, False)


def test_the_file_is_let_go_between_parts(settings, write, monkeypatch):
    """Checks that take long are made in several turns, each durable."""
    monkeypatch.setattr(template_checks, "ROWS", 7)
    monkeypatch.setattr(run, "HOLD_S", 0.0)
    register(settings, TEMPLATE)
    write(journal.MESSAGES, *(message(f"m{n:03}", body=f"Your code is {n}") for n in range(20)))
    assert ingest(settings).n_checked == 20
    assert len({row[0] for row in checks(settings)}) == len(checks(settings)) == 20


def test_what_was_cut_short_goes_on(settings, write, monkeypatch):
    """When only some messages were checked, the next ingest checks the others."""
    register(settings, TEMPLATE)
    write(journal.MESSAGES, GOOD, SHOUT, HEADER)
    ingest(settings)
    with warehouse.writer(settings.database) as connection:
        connection.execute("DELETE FROM template_checks WHERE message_id <> 'shout'")
    assert ingest(settings).n_checked == 2
    assert [row[0] for row in checks(settings)] == ["good", "header", "shout"]


def test_many_messages_go_in_parts(settings, write, monkeypatch):
    """More messages than fit into one part are all checked."""
    monkeypatch.setattr(template_checks, "ROWS", 7)
    register(settings, TEMPLATE)
    write(journal.MESSAGES, *(message(f"m{n:03}", body=f"Your code is {n}") for n in range(50)))
    done = ingest(settings)
    assert (done.n_checked, done.n_mismatched) == (50, 0)
    assert len(checks(settings)) == 50


FIRST, LATER = "Your code is {#var#}", "Your Code is {#var#}"
JANUARY = [datetime(2025, 1, day, tzinfo=UTC) for day in range(1, 32)]


def imported(settings: config.Settings, at: datetime, content: str, template_id: str = OTP) -> None:
    """Put the evidence of an import of one template into the journal, as `import templates` does."""
    row = {"template_id": template_id, "content": content, "line": 2, "variable_tags": [], "links": []}
    columns = pa.schema([(name, pa.string()) for name in ("template_id", "content", "reason", *FACTS)])
    for name, form in {
        "line": pa.int64(),
        **dict.fromkeys(("variable_tags", "links"), pa.list_(pa.string())),
    }.items():
        columns = columns.append(pa.field(name, form))
    settings.journal_dir.mkdir(parents=True, exist_ok=True)
    path = settings.journal_dir / imports.name("templates", at, f"{at.day:016x}")
    pq.write_table(pa.Table.from_pylist([row], columns), path)


FACTS = ("header", "entity_id", "category", "status")


def planned(message_id: str, at: datetime, body: str) -> dict[str, object]:
    return message(message_id, planned_at=at.isoformat(), body=body)


def test_a_later_import_leaves_an_old_day_as_it_was(settings, write):
    """A message is checked against the templates known when it was planned, and its row says which those were."""
    imported(settings, JANUARY[3], FIRST)
    write(
        journal.MESSAGES,
        planned("early", JANUARY[1], "Your code is 1"),
        planned("old", JANUARY[5], "Your code is 2"),
    )
    ingest(settings)
    before = checks(settings, "*")
    imported(settings, JANUARY[9], LATER)
    write(journal.MESSAGES, planned("new", JANUARY[10], "Your code is 3"))
    assert ingest(settings).n_checked == 1
    assert [row for row in checks(settings, "*") if row[0] != "new"] == before
    found = checks(settings, "message_id, reason, registry")
    assert [row[:2] for row in found] == [("early", None), ("new", "letter_case"), ("old", None)]
    assert len({row[2] for row in found}) == 2


def test_a_template_imported_later_is_known_before_too(settings, write):
    """Files of several portals come one after the other: a template's first text counts from the beginning."""
    imported(settings, JANUARY[3], FIRST, "1107000000000000009")
    imported(settings, JANUARY[4], FIRST)
    write(journal.MESSAGES, planned("old", JANUARY[1], "Your code is 1"))
    ingest(settings)
    assert checks(settings) == [("old", True, None)]


def test_the_latest_templates_are_used_where_they_are_asked_for(settings, write):
    """Under RMANALYTICS_DLT_REGISTRY=latest every message is checked against the templates imported last."""
    imported(settings, JANUARY[3], FIRST)
    imported(settings, JANUARY[9], LATER)
    write(journal.MESSAGES, planned("old", JANUARY[5], "Your code is 2"))
    ingest(settings)
    assert checks(settings) == [("old", True, None)]
    ingest(settings.model_copy(update={"dlt_registry": "latest"}))
    assert checks(settings) == [("old", False, "letter_case")]
    ingest(settings)
    assert checks(settings) == [("old", True, None)]


def test_replay_gives_the_same_checks(settings, write):
    """Two imports and messages around them, taken in one by one or at once, give the same checks."""
    for day, content in ((3, FIRST), (9, LATER), (12, FIRST)):
        imported(settings, JANUARY[day], content)
        write(
            journal.MESSAGES, *(planned(f"{day}-{n}", JANUARY[n], "Your code is 2") for n in (1, 5, 10, 15))
        )
        ingest(settings)
    before = checks(settings, "*")
    settings.database.unlink()
    ingest(settings)
    assert checks(settings, "*") == before
    assert len({row[-1] for row in before}) == 2
