"""Route Mobile's DLR push: every transport and spelling gives the same row."""

from __future__ import annotations

import json
import string
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from support import gateway_samples as samples

from rmanalytics.gateways.route_mobile.codes import FIELDS, STATUS

FORM = {
    "sSender": "TESTSM",
    "sMobileNo": "919800000001",
    "sStatus": "UNDELIV",
    "dtSubmit": "2025-01-15 10:20:30",
    "dtDone": "2025-01-15 10:20:36",
    "sMessageId": "5f0c2b52-7a55-4c39-9d0e-3d2f6c1a9b01",
    "iCostPerSms": "0.0120",
    "iCharge": "0.0240",
    "iMCCMNC": "40445",
    "iErrCode": "205",
    "sTagName": "camp 42/ü",
    "sUdf1": "m-1",
    "sUdf2": "a=b&c+d",
}
ROW = {
    "callback_id": "c1",
    "position": 0,
    "gateway": "route_mobile",
    "gateway_message_id": "5f0c2b52-7a55-4c39-9d0e-3d2f6c1a9b01",
    "client_message_id": None,
    "msisdn": "919800000001",
    "header": "TESTSM",
    "raw_status": "UNDELIV",
    "status": "failed",
    "error_code": "205",
    "submitted_at": datetime(2025, 1, 15, 4, 50, 30, tzinfo=UTC),
    "done_at": datetime(2025, 1, 15, 4, 50, 36, tzinfo=UTC),
    "received_at": samples.RECEIVED_AT,
    "cost": 0.012,
    "charge": 0.024,
    "mcc_mnc": "40445",
    "tag": "camp 42/ü",
    "udf1": "m-1",
    "udf2": "a=b&c+d",
    "is_time_unread": False,
    "conflict": None,
    "fault": None,
    "is_dlr": True,
}
EMPTY = dict.fromkeys(samples.COLUMNS) | {
    "callback_id": "c1",
    "position": 0,
    "gateway": "route_mobile",
    "status": "unknown",
    "received_at": samples.RECEIVED_AT,
    "is_time_unread": False,
    "conflict": None,
    "fault": None,
    "is_dlr": True,
}
NUMBERS = {
    "sMobileNo": 919800000001,
    "iCostPerSms": 0.0120,
    "iCharge": 0.0240,
    "iMCCMNC": 40445,
    "iErrCode": 205,
}


def form(pairs: dict[str, str]) -> str:
    """As a form body: blanks are plus signs."""
    return urlencode(pairs)


def query(pairs: dict[str, str]) -> str:
    """As a query string: blanks are %20."""
    return urlencode(pairs, quote_via=quote)


def renamed(**names: str) -> dict[str, str]:
    """The form with some names replaced."""
    return {names.get(name, name): value for name, value in FORM.items()}


def part(*names: str) -> dict[str, str]:
    return {name: FORM[name] for name in names}


LEFT, RIGHT = part(*list(FORM)[:6]), part(*list(FORM)[6:])

TRANSPORTS = {
    "GET with a query": samples.callback(query(FORM)),
    "GET with a query, body unknown": samples.callback(query(FORM), None),
    "GET, a question mark left in front": samples.callback("?" + query(FORM)),
    "GET with a secret beside the fields": samples.callback("token=s3cret&" + query(FORM)),
    "POST with a form": samples.callback(body=form(FORM)),
    "POST with a form, query unknown": samples.callback(None, form(FORM)),
    "POST with a form, no content type": samples.callback(body=form(FORM), content_type=None),
    "POST with a form that is called JSON": samples.callback(
        body=form(FORM), content_type="application/json"
    ),
    "POST with a form and a newline behind it": samples.callback(body=form(FORM) + "\r\n"),
    "POST with a form in lower-case percent codes": samples.callback(body=query(FORM).replace("%3A", "%3a")),
    "POST with a form that is not encoded": samples.callback(
        body="&".join(f"{k}={v}" for k, v in FORM.items() if k != "sUdf2") + "&sUdf2=a=b%26c%2Bd"
    ),
    "POST with an empty body and a query": samples.callback(query(FORM), "", method="POST"),
    "POST with a blank body and a query": samples.callback(query(FORM), " \n", method="POST"),
    "POST, half in the query, half in the body": samples.callback(query(LEFT), form(RIGHT)),
    "POST, the same in query and body": samples.callback(query(FORM), form(FORM)),
    "POST, an empty field in the body does not win": samples.callback(
        query(FORM), form(FORM | {"sStatus": "", "sTagName": " ", "iErrCode": "NULL"})
    ),
    "POST, an alias in the body wins over the query": samples.callback(
        query(FORM | {"sTagName": "another"}), form(renamed(sTagName="tagname"))
    ),
    "POST with JSON": samples.callback(body=json.dumps(FORM)),
    "POST with JSON, not escaped, indented": samples.callback(
        body=json.dumps(FORM, ensure_ascii=False, indent=2)
    ),
    "POST with JSON that is called a form": samples.callback(
        body=json.dumps(FORM), content_type="application/x-www-form-urlencoded"
    ),
    "POST with JSON that is called nothing": samples.callback(body=json.dumps(FORM), content_type=None),
    "POST with JSON and a byte order mark": samples.callback(body="\ufeff" + json.dumps(FORM)),
    "POST with JSON, numbers as numbers": samples.callback(body=json.dumps(FORM | NUMBERS)),
    "POST with JSON and a query": samples.callback(query(LEFT), json.dumps(RIGHT)),
    "POST with an array of one": samples.callback(body=json.dumps([FORM])),
    "POST with an array and a query": samples.callback(query(LEFT), json.dumps([RIGHT])),
    "names in lower case": samples.callback(query({name.lower(): value for name, value in FORM.items()})),
    "names in upper case": samples.callback(body=form({name.upper(): value for name, value in FORM.items()})),
    "names in upper case, JSON": samples.callback(body=json.dumps({n.upper(): v for n, v in FORM.items()})),
    "names percent-encoded": samples.callback(query(FORM).replace("sStatus", "%73Status")),
    "sMobile No with a plus sign": samples.callback(body=form(renamed(sMobileNo="sMobile No"))),
    "sMobile No with %20": samples.callback(query(renamed(sMobileNo="sMobile No"))),
    "sMobile No in JSON": samples.callback(body=json.dumps(renamed(sMobileNo="sMobile No"))),
    "first draft's names": samples.callback(query(renamed(sMobileNo="sDestination", iErrCode="sErrCode"))),
    "ErrCode": samples.callback(query(renamed(iErrCode="ErrCode"))),
    "sError": samples.callback(query(renamed(iErrCode="sError"))),
    "the documented name is believed before its alias": samples.callback(
        query({"ErrCode": "999", "status": FORM["sStatus"].lower()} | FORM)
    ),
    "the alias counts where the documented name is empty": samples.callback(
        query(FORM | {"iErrCode": "", "ErrCode": "205"})
    ),
    "a name twice: the first that is filled": samples.callback(
        "sStatus=&" + query(FORM) + "&sStatus=UNDELIV&sMessageId="
    ),
    "blank-padded values": samples.callback(query({name: f"  {value} " for name, value in FORM.items()})),
    "blank-padded values, JSON": samples.callback(body=json.dumps({n: f" {v}\t" for n, v in FORM.items()})),
    "fields nobody knows": samples.callback(
        query(FORM | {"bulkId": "7", "account_balance": "1", "sNew": "x"})
    ),
    "nested JSON beside the fields": samples.callback(
        body=json.dumps(FORM | {"more": {"sStatus": "DELIVRD"}})
    ),
    "empty pairs": samples.callback("&&" + query(FORM).replace("&", "&&") + "&=&sOther&"),
}


Rows = dict[str, list[dict[str, Any]]]


def rows_by_id(callbacks: dict[str, dict[str, Any]]) -> Rows:
    """The rows of each callback; all are read in one query, as ingest does."""
    found: Rows = {name: [] for name in callbacks}
    for row in samples.dlrs(fields | {"callback_id": name} for name, fields in callbacks.items()):
        found[row["callback_id"]].append(row | {"callback_id": "c1"})
    return found


@pytest.fixture(scope="module")
def transport_rows() -> Rows:
    return rows_by_id(TRANSPORTS)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_transport(transport: str, transport_rows: Rows) -> None:
    """One DLR gives the same row in every transport and spelling."""
    assert transport_rows[transport] == [ROW]


UNREAD = {"client_message_id": "m", "is_time_unread": True}
ONE = datetime(2025, 1, 15, 4, 50, 30, tzinfo=UTC)
VALUES: dict[str, tuple[str, dict[str, Any]]] = {
    "a status alone": ("sStatus=DELIVRD", {"raw_status": "DELIVRD", "status": "delivered"}),
    "an id alone": ("sMessageId=ab1", {"gateway_message_id": "ab1"}),
    "a number alone": ("sMobileNo=919800000001", {"msisdn": "919800000001"}),
    "our own id alone": ("msgid=m-7", {"client_message_id": "m-7"}),
    "a word never seen is kept": ("sStatus=NewWord", {"raw_status": "NewWord"}),
    "a status in lower case": ("sStatus=delivrd", {"raw_status": "delivrd", "status": "delivered"}),
    "a status with a leading blank": ("sStatus=%20UNDELIV", {"raw_status": "UNDELIV", "status": "failed"}),
    "a status that is NULL": ("sStatus=NULL&sMessageId=ab1", {"gateway_message_id": "ab1"}),
    "NULL everywhere else": ("sStatus=EXPIRED&sTagName=NULL&sUdf1=null&iCharge=NULL&dtDone=NULL",
                             {"raw_status": "EXPIRED", "status": "failed"}),
    "no error: 0": ("sMessageId=ab1&iErrCode=0", {"gateway_message_id": "ab1"}),
    "no error: 000": ("sMessageId=ab1&iErrCode=000", {"gateway_message_id": "ab1"}),
    "no error: NULL": ("sMessageId=ab1&ErrCode=NULL", {"gateway_message_id": "ab1"}),
    "no error: empty": ("sMessageId=ab1&iErrCode=", {"gateway_message_id": "ab1"}),
    "an error with letters keeps its case": ("sMessageId=ab1&iErrCode=41C",
                                             {"gateway_message_id": "ab1", "error_code": "41C"}),
    "an error with leading zeros keeps them": ("sMessageId=ab1&iErrCode=005",
                                               {"gateway_message_id": "ab1", "error_code": "005"}),
    "an id with 20 digits": ("sMessageId=12345678901234567890",
                             {"gateway_message_id": "12345678901234567890"}),
    "an id with leading zeros": ("sMessageId=0012", {"gateway_message_id": "0012"}),
    "a number with a plus sign": ("sMobileNo=%2B919800000001", {"msisdn": "919800000001"}),
    "a number with a bare plus sign": ("sMobileNo=+919800000001", {"msisdn": "919800000001"}),
    "a number with blanks and hyphens": ("sMobileNo=+91+98000-00001", {"msisdn": "919800000001"}),
    "a number without digits": ("sMobileNo=none&sMessageId=ab1", {"gateway_message_id": "ab1"}),
    "a time with T": ("msgid=m&dtSubmit=2025-01-15T10:20:30",
                      {"client_message_id": "m", "submitted_at": ONE}),
    "a time with slashes": ("msgid=m&dtDone=2025/01/15+10:20:30", {"client_message_id": "m", "done_at": ONE}),
    "a time with a fraction": ("msgid=m&dtDone=2025-01-15+10:20:30.5",
                               {"client_message_id": "m", "done_at": ONE + timedelta(seconds=0.5)}),
    "a time without seconds": ("msgid=m&dtDone=2025-01-15+10:20",
                               {"client_message_id": "m", "done_at": ONE - timedelta(seconds=30)}),
    "a time with Z": ("msgid=m&dtDone=2025-01-15T04:50:30Z", {"client_message_id": "m", "done_at": ONE}),
    "a time with an offset": ("msgid=m&dtDone=2025-01-15T06:50:30%2B02:00",
                              {"client_message_id": "m", "done_at": ONE}),
    "done before submitted": ("msgid=m&dtSubmit=2025-01-15+10:20:31&dtDone=2025-01-15+10:20:30",
                              {"client_message_id": "m", "submitted_at": ONE + timedelta(seconds=1),
                               "done_at": ONE}),
    "the 30th of February": ("msgid=m&dtDone=2025-02-30+10:20:30", UNREAD),
    "a date of zeros": ("msgid=m&dtDone=0000-00-00+00:00:00", UNREAD),
    "the year 1": ("msgid=m&dtDone=0001-01-01+00:00:00", UNREAD),
    "the end of time": ("msgid=m&dtDone=infinity", UNREAD),
    "a time in letters": ("msgid=m&dtDone=yesterday", UNREAD),
    "day first": ("msgid=m&dtDone=15-01-2025+10:20:30", UNREAD),
    "a cost that is no number": ("msgid=m&iCostPerSms=free&iCharge=nan", {"client_message_id": "m"}),
    "a cost without end": ("msgid=m&iCostPerSms=inf&iCharge=1e999", {"client_message_id": "m"}),
    "bytes that are no UTF-8 stay undecoded": ("sMessageId=ab1&sTagName=caf%E9+x",
                                               {"gateway_message_id": "ab1", "tag": "caf%E9+x"}),
    "a percent sign that encodes nothing": ("sMessageId=ab1&sTagName=100%zz",
                                            {"gateway_message_id": "ab1", "tag": "100%zz"}),
    "quotes and backslashes": ('sMessageId=ab1&sTagName="x\\y"&sUdf1=%22z%5C',
                               {"gateway_message_id": "ab1", "tag": '"x\\y"', "udf1": '"z\\'}),
    "an injected field": ('sMessageId=a","sStatus":"DELIVRD',
                          {"gateway_message_id": 'a","sStatus":"DELIVRD'}),
    "an equals sign in a value": ("sMessageId=ab1&sTagName=a=b", {"gateway_message_id": "ab1", "tag": "a=b"}),
    "Kannel, delivered": (
        "sender=TESTSM&mobile=919800000001&dtSent=2025-01-15+10:20:30&msgid=77ab&status=1",
        {"header": "TESTSM", "msisdn": "919800000001", "submitted_at": ONE, "gateway_message_id": "77ab",
         "client_message_id": "77ab", "raw_status": "1", "status": "delivered"},
    ),
    "Kannel, rejected, with an id of its own": (
        "unique_id=77ab&reason=21&msgid=m-1&status=16",
        {"gateway_message_id": "77ab", "client_message_id": "m-1", "error_code": "21", "raw_status": "16",
         "status": "failed"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def value_rows() -> dict[str, Rows]:
    return {
        transport: rows_by_id(
            {name: samples.callback(**{transport: text}) for name, (text, _) in VALUES.items()}
        )
        for transport in ("query", "body")
    }


@pytest.mark.parametrize("transport", ["query", "body"])
@pytest.mark.parametrize("value", VALUES)
def test_value(value: str, transport: str, value_rows: dict[str, Rows]) -> None:
    """Each kind of value becomes what it says, and null where it says nothing."""
    assert value_rows[transport][value] == [EMPTY | VALUES[value][1]]


KANNEL = {"1": "delivered", "2": "failed", "4": "queued", "8": "queued", "16": "failed"}
WORDS = KANNEL | {
    "DELIVRD": "delivered", "DELIVERED": "delivered", "UNDELIV": "failed", "UNDELIVERABLE": "failed",
    "REJECTD": "failed", "REJECTED": "failed", "EXPIRED": "failed", "DELETED": "failed", "ACKED": "queued",
    "ENROUTE": "queued", "ACCEPTED": "queued", "ACCEPTD": "queued", "UNKNOWN": "unknown",
}  # fmt: skip


def test_status_words() -> None:
    """Every word of the reference has its status, in any case, and the table has no other word."""
    given_words = [*WORDS, *map(str.lower, WORDS)]
    found = samples.dlrs(
        samples.callback(f"sMessageId=x&sStatus={word}", callback_id=f"{i:03}")
        for i, word in enumerate(given_words)
    )
    assert [(row["raw_status"], row["status"]) for row in found] == [
        (w, WORDS[w.upper()]) for w in given_words
    ]
    assert STATUS.keys() == WORDS.keys()


NO_DLR = {
    "nothing": samples.callback(),
    "nulls": samples.callback(None, None),
    "a health check": samples.callback("ping=1"),
    "only a secret": samples.callback("token=s3cret"),
    "only fields that name no message": samples.callback("iErrCode=205&dtDone=2025-01-15+10:20:30&sSender=X"),
    "names without values": samples.callback("sMessageId&sStatus&sMobileNo"),
    "empty values": samples.callback("sMessageId=&sStatus=+&sMobileNo=NULL"),
    "a number without digits": samples.callback("sMobileNo=abc"),
    "HTML": samples.callback(body="<html><body>sStatus</body></html>"),
    "JSON cut short": samples.callback(body='{"sMessageId":"ab1","sStatus":"DELI'),
    "JSON without fields": samples.callback(body='{"a":1}'),
    "a JSON text": samples.callback(body='"sStatus"'),
    "a JSON number": samples.callback(body="17"),
    "an empty array": samples.callback(body="[]"),
    "an array of other things": samples.callback(
        body='[1, "sStatus=DELIVRD", null, [{"sStatus": "DELIVRD"}]]'
    ),
    "nested values": samples.callback(body='{"sMessageId": {"sStatus": "DELIVRD"}, "sStatus": ["DELIVRD"]}'),
}


def test_no_dlr() -> None:
    """What states nothing about a message gives no row, and no error."""
    assert rows_by_id(NO_DLR) == {name: [] for name in NO_DLR}


def test_array() -> None:
    """An array gives one row per DLR with its place; the query fills what they leave out, and contradicts none."""
    items = [{"sMessageId": "a", "sStatus": "DELIVRD"}, {"sMessageId": "b", "sTagName": "own"}, 7, {"x": 1}]
    found = samples.dlrs([samples.callback("sTagName=shared", json.dumps([*items, {"sMessageId": "c"}]))])
    assert found == [
        EMPTY | {"gateway_message_id": "a", "raw_status": "DELIVRD", "status": "delivered", "tag": "shared"},
        EMPTY | {"position": 1, "gateway_message_id": "b", "tag": "own", "conflict": "stagname"},
        EMPTY | {"position": 4, "gateway_message_id": "c", "tag": "shared"},
    ]


@pytest.mark.parametrize("name", ["route_mobile", "simulator"])
def test_the_row_names_the_gateway_of_its_callback(name: str) -> None:
    """The name beside a row is that of the path the callback came in by."""
    (row,) = samples.dlrs([samples.callback("sMessageId=a", gateway=name)], name)
    assert row == EMPTY | {"gateway": name, "gateway_message_id": "a"}


JSON_IDS = {
    "19 digits": "1101000000000000001",
    "beyond 64 bits": "98765432109876543210",
    "40 digits": "1234567890" * 4,
}


@pytest.mark.parametrize("digits", JSON_IDS.values(), ids=JSON_IDS)
def test_json_numbers_stay_exact(digits: str) -> None:
    """An id that JSON gives as a number keeps every digit."""
    body = f'{{"sMessageId": {digits}, "sUdf1": {digits}, "iErrCode": 0, "sStatus": null, "sTagName": true}}'
    expected = {"gateway_message_id": digits, "udf1": digits, "tag": "true"}
    assert samples.dlrs([samples.callback(body=body)]) == [EMPTY | expected]


ZONES = {
    "UTC": datetime(2025, 1, 15, 10, 20, 30, tzinfo=UTC),
    "Asia/Dubai": datetime(2025, 1, 15, 6, 20, 30, tzinfo=UTC),
    "America/New_York": datetime(2025, 1, 15, 15, 20, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("zone, expected", ZONES.items(), ids=ZONES)
def test_zone(zone: str, expected: datetime) -> None:
    """Naive times are of the zone in the settings, whatever the zone of the session."""
    (row,) = samples.dlrs([samples.callback(query(FORM))], route_mobile_timezone=zone)
    assert row == ROW | {"submitted_at": expected, "done_at": expected + timedelta(seconds=6)}


def test_every_spelling_of_every_field() -> None:
    """Each spelling in the table fills its own column, and no other."""
    spelled = [(field, spelling) for field, spellings in FIELDS.items() for spelling in spellings]
    found = samples.dlrs(
        samples.callback(
            query({"sStatus": "ACKED", spelling: "2025" if field == "msisdn" else "2025-01-15 10:20:30"}),
            callback_id=f"{i:03}",
        )
        for i, (field, spelling) in enumerate(spelled)
        if spelling not in FIELDS["raw_status"]
    )
    fields = [field for field, spelling in spelled if spelling not in FIELDS["raw_status"]]
    blank = EMPTY | {"raw_status": "ACKED", "status": "queued"}
    changed = [
        sorted(name for name in row.keys() - {"callback_id"} if row[name] != blank[name]) for row in found
    ]
    assert changed == [[] if f in {"cost", "charge"} else [f] for f in fields]


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
forms = st.fixed_dictionaries({}, optional=dict.fromkeys(FORM, texts))


@examples(max_examples=10, deadline=None)
@given(st.lists(forms, min_size=1, max_size=20))
def test_the_two_ways_agree(given_forms: list[dict[str, str]]) -> None:
    """Documented spelling (read in one go), any other spelling and JSON give the same rows."""
    ways = {
        "documented": [samples.callback(query(pairs)) for pairs in given_forms],
        "other case": [samples.callback(query({n.upper(): v for n, v in p.items()})) for p in given_forms],
        "beside a secret": [samples.callback(body="token=x&" + form(pairs)) for pairs in given_forms],
        "JSON": [samples.callback(body=json.dumps(pairs)) for pairs in given_forms],
    }
    found = rows_by_id(
        {f"{way} {i}": fields for way, given_ in ways.items() for i, fields in enumerate(given_)}
    )
    for name, rows in found.items():
        assert rows == found[f"documented {name.rpartition(' ')[2]}"], name


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FORM, "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)
names = st.sampled_from([*FORM, "status", "msgid", "%", "sMobile+No", ""])
odd_texts = st.text("%=+&[]{}\"'\\,:0aF\u0000ü ", max_size=8)
bodies = st.one_of(
    st.text(max_size=60),
    st.text(string.printable, max_size=60),
    json_values.map(json.dumps),
    st.lists(st.tuples(names, odd_texts).map("=".join), max_size=6).map("&".join),
)


@examples(max_examples=15, deadline=None)
@given(st.lists(st.tuples(bodies, bodies), max_size=20))
def test_nothing_raises(given_texts: list[tuple[str, str]]) -> None:
    """Whatever arrives, each callback gives rows or none; the good one among them is read as ever."""
    texts = [tuple(part.encode("utf-8", "replace").decode() for part in pair) for pair in given_texts]
    found = samples.dlrs(
        numbered([*(samples.callback(*pair) for pair in texts), samples.callback(query(FORM))])
    )
    assert found[-1] == ROW | {"callback_id": f"{len(texts):04}"}
    assert {row["status"] for row in found} <= {"delivered", "failed", "queued", "unknown"}


HOSTILE = {
    "a million ampersands": "&" * 1_000_000,
    "a million equals signs": "=" * 1_000_000,
    "many pairs": "sStatus=x&" * 100_000,
    "many broken percent codes": "sStatus=" + "%FF" * 300_000,
    "deep arrays": "[" * 500_000 + "]" * 500_000,
    "deep objects": '{"sStatus":' * 90_000 + "1" + "}" * 90_000,
    "many elements": "[" + "{}," * 300_000 + "{}]",
    "many members": json.dumps({f"k{i}": i for i in range(60_000)}),
    "a long value": "sMessageId=" + "9" * 1_000_000,
}


def test_hostile_bodies() -> None:
    """Bodies of a megabyte made to be slow or deep are read beside a good callback, which keeps its row."""
    callbacks = [samples.callback(body=body) for body in HOSTILE.values()]
    found = samples.dlrs(numbered([*callbacks, samples.callback(query(FORM))]))
    assert found[-1] == ROW | {"callback_id": f"{len(HOSTILE):04}"}
    assert [row["callback_id"] for row in found[:-1]] == ["0002", "0003", "0008"]


def numbered(callbacks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [given_callback | {"callback_id": f"{i:04}"} for i, given_callback in enumerate(callbacks)]
