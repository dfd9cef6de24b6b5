"""What leaves: the documented body, CleverTap's codes, and the id byte for byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.relaying import callback, home, meta, relay_all, write
from support.standin import standing_in

from rmanalytics.errors import BadInput
from rmanalytics.relay.codes import table

TS = 1736916636


def relayed(path: Path, *callbacks: dict[str, Any], **other: Any) -> list[Any]:
    """The bodies that the callbacks make."""
    with standing_in() as there:
        settings = home(path, there.url, **other)
        write(settings, callbacks)
        relay_all(settings)
    return there.bodies


def test_the_documented_body(tmp_path: Path) -> None:
    """One array, an event per kind, whole seconds, code and description of what failed."""
    done = relayed(
        tmp_path,
        callback(1),
        callback(2, sStatus="UNDELIV", iErrCode="650"),
        callback(3, dtDone=""),
        callback(4, sStatus="EXPIRED"),
        relay_batch=4,
    )
    assert done == [
        [
            {
                "event": "delivered",
                "data": [
                    {"ts": TS, "meta": meta(1), "description": "Delivered"},
                    {"ts": TS + 1, "meta": meta(3), "description": "Delivered"},
                ],
            },
            {
                "event": "failed",
                "data": [
                    {"ts": TS, "meta": meta(2), "code": "913", "description": "NDNC Rejected"},
                    {"ts": TS, "meta": meta(4), "code": "916", "description": "Expired"},
                ],
            },
        ]
    ]


CODES = {
    "EXPIRED": ("EXPIRED", "0", ("916", "Expired")),
    "UNDELIV": ("UNDELIV", "", ("914", "Undelivered")),
    "DELETED": ("DELETED", "000", ("917", "Force Expired")),
    "REJECTD": ("REJECTD", "", ("904", "Failed system error")),
    "lower case": ("undeliv", "", ("914", "Undelivered")),
    "the error code before the word": ("REJECTD", "1032", ("901", "DND failure")),
    "spam": ("REJECTD", "1028", ("902", "Failed spam detected")),
    "opted out": ("REJECTD", "1035", ("903", "Failed rejected blacklist")),
    "invalid number": ("UNDELIV", "1706", ("910", "Invalid subscriber")),
    "entity": ("REJECTD", "603", ("907", "Entity blocked by DLT")),
    "header": ("REJECTD", "621", ("906", "Blocked by DLT")),
    "template": ("REJECTD", "632", ("908", "Template blocked by DLT")),
    "consent": ("REJECTD", "660", ("909", "Failed DLT consent error")),
    "URL": ("REJECTD", "5901", ("920", "URL not whitelisted")),
    "other DLT": ("REJECTD", "615", ("919", "DLT Failure")),
    "an error code nobody knows": ("UNDELIV", "69", ("914", "Undelivered")),
    "the user's own": ("DELETED", "4711", ("912", "Message Inbox Full")),
    "the user's before ours": ("REJECTD", "650", ("901", "DND")),
}
OWN = "field,value,code,description\nerror_code,4711,912,Message Inbox Full\nerror_code,650,901,DND\n"


def test_codes(tmp_path: Path) -> None:
    """Each status word and error code maps to one code; the user's lines go first."""
    own = tmp_path / "codes.csv"
    own.write_text(OWN)
    given = [callback(n, sStatus=word, iErrCode=code) for n, (word, code, _) in enumerate(CODES.values())]
    done = relayed(tmp_path, *given, relay_codes=own)
    found = {item["meta"]: (item["code"], item["description"]) for item in done[0][0]["data"]}
    assert found == {meta(n): expected for n, (_, _, expected) in enumerate(CODES.values())}


TABLES = {
    "no column": ("field,value,code\n", "line 1: no column description"),
    "a strange field": ("field,value,code,description\nstatus,X,900,y\n", "line 2: field 'status'"),
    "no code": ("field,value,code,description\nerror_code,1,DND,y\n", "line 2: code 'DND'"),
    "no description": ("field,value,code,description\nerror_code,1,900,\n", "line 2: value and description"),
}


@pytest.mark.parametrize("text, fault", TABLES.values(), ids=TABLES)
def test_a_wrong_table(tmp_path: Path, text: str, fault: str) -> None:
    """A wrong line of the user's table is named."""
    (tmp_path / "codes.csv").write_text(text)
    with pytest.raises(BadInput, match=rf"codes\.csv: {fault}"):
        table(tmp_path / "codes.csv")


METAS = {
    "the documented one": "919600000000.1656678144.1686137940.20230607.0.wzrk_default.-1092441.",
    "no trailing dot": "9999999999.1200000000.1691686363.20230810.0.wzrk_default.-4930006",
    "nine digits of time": "9999999999.1200000000.165263328.20220511.0.wzrk_default.-1.",
    "a variant with odd characters": 'x@y.1200000000.1691686363.20230810.0.A "b" \\ & = ₹ é + %41.-1.',
    "pipes, an e-mail address": "first.user@example.com|1568798080|1730714617|20241104|0|wzrk_default|-17005904|",
    "a plus and blanks inside": "+9199.1200000000.1691686363.20230810.0.a  b.-1.",
}


def test_byte_for_byte(tmp_path: Path) -> None:
    """The id leaves exactly as it came, whatever is in it."""
    given = [callback(n, msgid=text) for n, text in enumerate(METAS.values())]
    done = relayed(tmp_path, *given)
    expected = list(METAS.values())
    assert [item["meta"] for item in done[0][0]["data"]] == expected


FIELDS = {
    "msgid": {"msgid": meta(1)},
    "sUdf1": {"msgid": "", "sUdf1": meta(1)},
    "sUdf2": {"msgid": "x", "sUdf2": meta(1)},
    "sTagName": {"msgid": "", "sTagName": meta(1)},
    "sMessageId": {"msgid": "", "sMessageId": meta(1)},
    "the first in the order": {"msgid": meta(1), "sUdf1": meta(2), "sMessageId": meta(3)},
}


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
def test_where_the_id_may_stand(tmp_path: Path, fields: dict[str, str]) -> None:
    """The id is found in each field that may hold it, in the order that is set."""
    done = relayed(tmp_path, callback(1, **fields))
    assert [item["meta"] for item in done[0][0]["data"]] == [meta(1)]
    assert relayed(tmp_path / "none", callback(1, **fields), relay_meta_fields="header") == []
