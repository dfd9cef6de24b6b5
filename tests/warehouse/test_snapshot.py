"""The relations as they were known at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import duckdb
import ibis
import pytest
import sqlglot
from ibis.config import Config

from rmanalytics.errors import BadInput
from rmanalytics.support.resources import text
from rmanalytics.warehouse import RELATIONS
from rmanalytics.warehouse.snapshot import IMPORTED, KNOWN_AT, Snapshot, between, known

START = datetime(2026, 11, 20, 9, tzinfo=UTC)

CUTS = {
    "messages": "planned_at <= $as_of",
    "submissions": "attempted_at <= $as_of",
    "dlrs": "received_at <= $as_of",
    "callbacks": "received_at <= $as_of",
    "clevertap_reports": "imported_at <= $as_of",
    "clevertap_errors": "imported_at <= $as_of",
}
"""What is known of each relation, as one would write it by hand."""

WHOLE = {"templates", "template_checks"}
"""Relations that have no past."""


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def engine(name: str, moments: Sequence[int]) -> duckdb.DuckDBPyConnection:
    """A DuckDB whose relation has a row for each moment; its other times are others, so that none stands in."""
    there = duckdb.connect()
    there.execute("SET TimeZone = 'Asia/Kolkata'")
    there.execute(text("rmanalytics.warehouse", "schema", f"{name}.sql"))
    columns = there.execute(f"DESCRIBE {name}").fetchall()
    times = [column for column, kind, *_ in columns if kind == "TIMESTAMP WITH TIME ZONE"]
    for moment in moments:
        values = [at(moment if time == KNOWN_AT[name] else -100 * moment) for time in times]
        there.execute(
            f"INSERT INTO {name} ({', '.join(times)}) VALUES ({', '.join('?' * len(times))})", values
        )
    return there


def test_every_relation_is_here() -> None:
    """A relation that is added says here what is known of it at a time."""
    assert CUTS.keys() | WHOLE == set(RELATIONS)
    assert CUTS.keys() == KNOWN_AT.keys()


@pytest.mark.parametrize("name", CUTS)
def test_cut(name: str) -> None:
    """Each relation holds what the condition written by hand leaves of it, the moment itself included."""
    there = engine(name, range(-2, 3))
    relations = ibis.duckdb.from_connection(there)
    for as_of in map(at, (-3, -2, 0, 0.5, 2, 9)):
        query = f"FROM {name} WHERE {CUTS[name]} ORDER BY ALL"
        expected = there.sql(query, params={"as_of": as_of}).to_arrow_table().to_pylist()
        found = Snapshot(relation=relations.table, as_of=as_of).table(name).to_pyarrow().to_pylist()
        assert sorted(found, key=str) == sorted(expected, key=str)


def test_every_import_is_marked() -> None:
    """Whatever relation has a past and says when a row was imported can leave out later imports."""
    marked = {
        name for name in CUTS if "imported_at" in text("rmanalytics.warehouse", "schema", f"{name}.sql")
    }
    assert set(IMPORTED) == marked


@pytest.mark.parametrize("name", IMPORTED)
def test_imported_until(name: str) -> None:
    """A question of then leaves out what was imported later, the moment itself not, and nothing of our own."""
    there = engine(name, range(3))
    there.execute(f"UPDATE {name} SET {KNOWN_AT[name]} = $1", [at(0)])
    for place, moment in enumerate((None, at(5), at(6))):
        there.execute(f"UPDATE {name} SET imported_at = $1 WHERE rowid = $2", [moment, place])
    relations = ibis.duckdb.from_connection(there)
    found = Snapshot(relation=relations.table, imported_until=at(5)).table(name)
    assert found.imported_at.execute().isna().tolist() == [True, False]


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_whole(name: str) -> None:
    """What has no past is the same at every time."""
    table = ibis.table({"message_id": "string"}, name=name)
    assert Snapshot(relation=lambda _: table, as_of=START).table(name) is table


def test_now_is_whole() -> None:
    """As of now nothing is left out, also of what is dated later."""
    there = ibis.duckdb.from_connection(engine("dlrs", [0, 10**6]))
    assert Snapshot(relation=there.table).table("dlrs").count().execute() == 2


ANSWERS = {
    "before": (5, ("accepted", "1701", "g1")),
    "at that very moment": (10, ("accepted", "1701", "g1")),
    "after": (11, ("unclear", None, None)),
    "not told": (None, ("accepted", "1701", "g1")),
}


@pytest.mark.parametrize("answered, expected", ANSWERS.values(), ids=ANSWERS)
def test_answers(answered: int | None, expected: tuple[str | None, ...]) -> None:
    """An answer counts once it has come; until then its attempt is unclear."""
    there = engine("submissions", [0])
    there.execute(
        "UPDATE submissions SET result = 'accepted', code = '1701', gateway_message_id = 'g1', answered_at = ?",
        [at(answered) if answered is not None else None],
    )
    snapshot = Snapshot(relation=ibis.duckdb.from_connection(there).table, as_of=at(10))
    row = snapshot.answers().select("result", "code", "gateway_message_id").to_pyarrow().to_pylist()[0]
    assert tuple(row.values()) == expected


SPANS = {"all": ({}, 4), "since": ({"since": at(1)}, 3), "until": ({"until": at(1)}, 1)}
SPANS["both"] = ({"since": at(1), "until": at(2)}, 1)


@pytest.mark.parametrize("span, expected", SPANS.values(), ids=SPANS)
def test_between(span: dict[str, datetime], expected: int) -> None:
    """The beginning of a span is in it, its end is not."""
    t = ibis.duckdb.from_connection(engine("messages", [0, 1, 2, 3])).table("messages")
    wanted = between(t.planned_at, **span)
    assert (t.filter(wanted) if wanted else t).count().execute() == expected


def test_a_zone_is_needed() -> None:
    """A time without a zone is refused, with the fix."""
    with pytest.raises(BadInput, match=r"no time zone: add one, such as \+05:30"):
        known(
            ibis.table({"planned_at": "timestamp('UTC')"}, name="messages"),
            "messages",
            START.replace(tzinfo=None),
        )


class _SparkOptions(Config):  # type: ignore[misc]
    treat_nan_as_null: bool = False


@pytest.mark.parametrize("name", KNOWN_AT)
def test_spark(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cut compiles to SQL that parses as Spark's."""
    monkeypatch.setattr(ibis.options, "pyspark", _SparkOptions(), raising=False)
    there = ibis.duckdb.from_connection(engine(name, [])).table(name)
    table = ibis.table(there.schema(), name=name)
    query = str(ibis.to_sql(known(table, name, START), dialect="pyspark"))
    (where,) = sqlglot.parse_one(query, read="spark").find_all(sqlglot.exp.Where)
    assert KNOWN_AT[name] in where.sql()
