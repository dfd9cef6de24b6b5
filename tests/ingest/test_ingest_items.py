"""Each item of a callback is a DLR, or is counted with its reason, whatever its form and its gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support.database import rows
from support.records import raw_callback

from rmanalytics import config, gateways, journal
from rmanalytics.ingest.run import ingest
from rmanalytics.status import status

NUMBER = "919800000001"


class Words(NamedTuple):
    """How a gateway spells a DLR's id, number, status and a status that is delivered; other spellings of the first."""

    id: str
    number: str
    status: str
    delivered: str
    alias: str
    number_alias: str


SPELT = {
    "route_mobile": Words("sMessageId", "sMobileNo", "sStatus", "DELIVRD", "message_id", "mobile"),
    "gupshup": Words("externalId", "phoneNo", "status", "SUCCESS", "EXTERNALID", "destAddr"),
    "kannel": Words("id", "to", "status", "1", "msgid", "mobile"),
}
"""Of the readers that read pairs; the simulator's is Route Mobile's, CleverTap's shape has tests of its own."""


def dlr(words: Words, name: str, **more: str) -> str:
    """A DLR as JSON; `more` are values as they stand there."""
    told = {words.id: f'"{name}"', words.number: f'"{NUMBER}"', words.status: f'"{words.delivered}"'} | more
    return "{" + ", ".join(f'"{key}": {value}' for key, value in told.items()) + "}"


def bare(words: Words, name: str) -> str:
    """A DLR as JSON that has no status."""
    return f'{{"{words.id}": "{name}", "{words.number}": "{NUMBER}"}}'


def without(words: Words, **told: str) -> str:
    """A DLR as JSON that has a number only."""
    return "{" + f'"{words.number}": {told["number"]}, "{words.status}": "{words.delivered}"' + "}"


Form = Callable[[Words], str]
_NOTHING, _NO_OBJECT, _NO_JSON = (
    "no field of a DLR found",
    "an item that is no object",
    "a line that is no JSON",
)
_NOBODYS = "a status without an id or a number"
_LOST = "a number that lost digits in {number}"
_NO_NUMBER, _NESTED = "a text that is no phone number in {number}", "a list or an object in {number}"
NO_NUMBERS = {
    "an address": (f'"tel:+{NUMBER}"', _NO_NUMBER),
    "negative": (f'"-{NUMBER}"', _NO_NUMBER),
    "negative, no text": (f"-{NUMBER}", _NO_NUMBER),
    "masked": ('"9198XXXX0102"', _NO_NUMBER),
    "two": (f'"{NUMBER},919800000002"', _NO_NUMBER),
    "with a zero byte": ('"9198000003\\u00005"', _NO_NUMBER),
    "a list": (f'["{NUMBER}", "919800000002"]', _NESTED),
    "an object": (f'{{"value": "{NUMBER}"}}', _NESTED),
}
"""Numbers as JSON has them, that a callback gives and nobody can read."""
_ONE, _TWO = ["a"], ["a", "b"]
FOREIGN = '{"phoneNumber": "919800000051", "state": "sent"}'

FORMS: dict[str, tuple[Form, list[str], int, str | None]] = {
    "a text in a list": (lambda w: json.dumps([dlr(w, "a"), dlr(w, "b")]), _TWO, 0, None),
    "a text beside an object": (lambda w: f"[{dlr(w, 'a')}, {json.dumps(dlr(w, 'b'))}]", _TWO, 0, None),
    "lists in a list": (lambda w: f"[[{dlr(w, 'a')}], [{dlr(w, 'b')}]]", _TWO, 0, None),
    "a list in a text in a list": (lambda w: json.dumps([f"[{dlr(w, 'a')},{dlr(w, 'b')}]"]), _TWO, 0, None),
    "two keys with lists": (lambda w: f'{{"sent": [{dlr(w, "a")}], "lost": [{dlr(w, "b")}]}}', _TWO, 0, None),
    "a map keyed by id": (lambda w: f'{{"k1": {dlr(w, "a")}, "k2": {dlr(w, "b")}}}', _TWO, 0, None),
    "a map beside a count": (
        lambda w: f'{{"k1": {dlr(w, "a")}, "k2": {dlr(w, "b")}, "n": 2}}', _TWO, 0, None
    ),
    "a map, one without an id": (
        lambda w: f'{{"k1": {dlr(w, "a")}, "k2": {{"x": 1}}}}', _ONE, 1, "a report without an id"
    ),
    "a foreign object": (lambda w: f"[{dlr(w, 'a')}, {FOREIGN}]", _ONE, 1, _NOTHING),
    "a foreign object first": (lambda w: f"[{FOREIGN}, {dlr(w, 'a')}]", _ONE, 1, _NOTHING),
    "only foreign objects": (lambda w: f"[{FOREIGN}, {FOREIGN}]", [], 2, _NOTHING),
    "null, a number, a word": (lambda w: f'[null, {dlr(w, "a")}, 5, "hello"]', _ONE, 3, _NO_OBJECT),
    "an empty object": (lambda w: f"[{dlr(w, 'a')}, {{}}]", _ONE, 1, _NOTHING),
    "deep lists": (lambda w: f"[[[[[{dlr(w, 'b')}]]]], {dlr(w, 'a')}]", _ONE, 1, _NO_OBJECT),
    "a DLR with a list of DLRs": (
        lambda w: dlr(w, "c", parts=f"[{dlr(w, 'd')}, {dlr(w, 'e')}]"), [], 3, "two reports in one another"
    ),
    "a status around reports": (
        lambda w: f'{{"{w.status}": "{w.delivered}", "results": [{bare(w, "a")}, {bare(w, "b")}]}}', _TWO, 1, _NOBODYS
    ),
    "a status around one report": (
        lambda w: f'{{"{w.status}": "{w.delivered}", "result": {bare(w, "a")}}}', _ONE, 1, _NOBODYS
    ),
    "an id around reports": (
        lambda w: f'{{"{w.id}": "c", "recipients": [{without(w, number=NUMBER)}, {without(w, number=NUMBER)}]}}',
        ["", ""], 1, "an id outside of the reports",
    ),
    "an id and a status around numbers": (
        lambda w: f'{{"{w.id}": "a", "{w.status}": "{w.delivered}", "to_all": [{{"{w.number}": {NUMBER}}}]}}',
        _ONE, 1, "a number outside of the reports",
    ),
    "a number around reports": (
        lambda w: f'{{"{w.number}": {NUMBER}, "reports": [{{"{w.id}": "a", "{w.status}": "{w.delivered}"}}]}}',
        _ONE, 1, "a number outside of the reports",
    ),
    "a history of a status": (
        lambda w: dlr(w, "a", **{w.status: f'[{{"{w.status}": "x"}}, {{"{w.status}": "{w.delivered}"}}]'}),
        _ONE, 3, f"{_NOBODYS} (2 items); a list or an object in {{status}}",
    ),
    "blanks that nobody sees": (
        lambda w: dlr(w, "\u200ba\xa0", **{w.status: f'"\xa0{w.delivered}\u200b"'}), _ONE, 0, None
    ),
    "blanks that nobody sees, in a form": (
        lambda w: f"{w.id}=a\xa0&{w.status}=\u2007{w.delivered}\xa0", _ONE, 0, None
    ),
    "blanks that nobody sees, encoded": (
        lambda w: f"{w.id}=%E2%80%8Ba&{w.status}={w.delivered}%C2%A0", _ONE, 0, None
    ),
    "a name with what nobody sees": (
        lambda w: f'{{"\u200b{w.id}": "a", "{w.status}": "{w.delivered}"}}', _ONE, 0, None
    ),
    "a status only": (lambda w: f'{{"{w.status}": "{w.delivered}"}}', [], 1, _NOBODYS),
    "a status only, in a list": (
        lambda w: f'[{dlr(w, "a")}, {{"{w.status}": "{w.delivered}"}}]', _ONE, 1, _NOBODYS
    ),
    "a status only, in a form": (lambda w: f"{w.status}={w.delivered}", [], 1, _NOBODYS),
    "a DLR with a list of words": (lambda w: dlr(w, "a", tags='["x", "y"]'), _ONE, 0, None),
    "a list beside other things": (lambda w: f'{{"x": 2, "y": [{dlr(w, "a")}, 7]}}', _ONE, 1, _NO_OBJECT),
    "a line that is none": (lambda w: f"{dlr(w, 'a')}\nnot json\n{dlr(w, 'b')}\n", _TWO, 1, _NO_JSON),
    "a first line that is none": (lambda w: f"not json\n{dlr(w, 'a')}\n{dlr(w, 'b')}", _TWO, 1, _NO_JSON),
    "a first line that is cut": (lambda w: f"{dlr(w, 'c')[:20]}\n{dlr(w, 'a')}", _ONE, 1, _NO_JSON),
    "a last line that is cut": (lambda w: f"{dlr(w, 'a')}\r\n{dlr(w, 'c')[:20]}", _ONE, 1, _NO_JSON),
    "a line that is a word": (lambda w: f'{dlr(w, "a")}\n"x"\n{dlr(w, "b")}', _TWO, 1, _NO_OBJECT),
    "a line that is a text of JSON": (lambda w: f"{dlr(w, 'a')}\n{json.dumps(dlr(w, 'b'))}", _TWO, 0, None),
    "a list with an item on each line, cut": (
        lambda w: f"[\n{dlr(w, 'a')},\n{dlr(w, 'b')},\n{dlr(w, 'c')[:20]}", _TWO, 1, _NO_JSON
    ),
    "a form's field behind a blank": (lambda w: f"data= {dlr(w, 'a')}", _ONE, 0, None),
    "a pretty list": (lambda w: json.dumps(json.loads(f"[{dlr(w, 'a')},{dlr(w, 'b')}]"), indent=2), _TWO, 0, None),
    "an item that contradicts itself": (
        lambda w: f"[{dlr(w, 'a')}, {dlr(w, 'c', **{w.id.upper(): '1'})}, {dlr(w, 'b')}]",
        _TWO, 1, "two different values of {id}",
    ),
    "an item that contradicts itself, in lines": (
        lambda w: f"{dlr(w, 'c', **{w.id.upper(): '1'})}\n{dlr(w, 'a')}", _ONE, 1, "two different values of {id}"
    ),
    "a line of a form that contradicts itself": (
        lambda w: f"{w.id}=a&{w.status}={w.delivered}\n{w.id}=c&{w.status}=x&{w.status}=y",
        _ONE, 1, "two different values of {status}",
    ),
    "a number with an exponent": (lambda w: without(w, number="9.198E11"), [], 1, _LOST),
    "a number with an exponent, in a list": (
        lambda w: f"[{without(w, number='9.198E11')}, {dlr(w, 'a')}]", _ONE, 1, _LOST
    ),
    "a number with an exponent, in lines": (
        lambda w: f"{without(w, number='9.198e+11')}\n{dlr(w, 'a')}", _ONE, 1, _LOST
    ),
    "a number with an exponent, in a text": (
        lambda w: json.dumps([without(w, number="9.198E11")]), [], 1, _LOST
    ),
    "a number with an exponent, under a key": (
        lambda w: f'{{"d": [{without(w, number="9.198E11")}]}}', [], 1, _LOST
    ),
    "a number with an exponent, in a form's field": (
        lambda w: f"data={without(w, number='9.198E11')}", [], 1, _LOST
    ),
    "a number with an exponent and all digits": (
        lambda w: without(w, number="9.19800000001E11"), [], 1, _LOST
    ),
    "a number with an exponent of zero": (
        lambda w: without(w, number=f"{NUMBER}e0"), [], 1, _LOST
    ),
    "a number with more digits than a float": (
        lambda w: without(w, number=f"{NUMBER}.00000001"), [], 1, _LOST
    ),
    "a text with an exponent": (
        lambda w: without(w, number='"9.198E+11"'), [], 1, _LOST
    ),
    "a number with an exponent, beside an id": (
        lambda w: dlr(w, "a", **{w.number: "9.198E11"}), _ONE, 1, _LOST
    ),
    "an exponent in a text is a text": (lambda w: dlr(w, "a", text='"\\"x\\":1E5"'), _ONE, 0, None),
    **{
        f"a number that is {name}, beside an id": (
            lambda w, value=value: dlr(w, "a", **{w.number: value}), _ONE, 1, reason
        )
        for name, (value, reason) in NO_NUMBERS.items()
    },
    **{
        f"a number that is {name}": (lambda w, value=value: without(w, number=value), [], 1, reason)
        for name, (value, reason) in NO_NUMBERS.items()
    },
    **{
        f"a number that says nothing: {value}": (
            lambda w, value=value: dlr(w, "a", **{w.number: value}), _ONE, 0, None
        )
        for value in ('""', "null", '" "', '"-"', '"N/A"', "[]")
    },
    "a status that is a list": (
        lambda w: f"[{dlr(w, 'a', **{w.status: '[1]'})}]", _ONE, 1, "a list or an object in {status}"
    ),
    "an id that is a list": (lambda w: f"[{dlr(w, 'a', **{w.id: '[1]'})}]", [""], 1, "a list or an object in {id}"),
    "a plain number": (lambda w: dlr(w, "a", **{w.number: NUMBER}), _ONE, 0, None),
    "a whole number of pandas": (lambda w: dlr(w, "a", **{w.number: f"{NUMBER}.0"}), _ONE, 0, None),
}  # fmt: skip

NUMBER_ALONE = ("an id and a status around numbers", "a number around reports")
"""Forms in which a number alone is a DLR: Kannel's `to` is a field of many other things too."""

_LOST_ID = "a number that lost digits in {id}"
IDS: dict[str, tuple[str, str | None]] = {
    "1E18": ("1E18", _LOST_ID),
    "1.10716E+18": ("1.10716E+18", _LOST_ID),
    "1e-5": ("1e-5", _LOST_ID),
    "1107160000000000128.0": ("1107160000000000128.0", _LOST_ID),
    "plain": ("1107160000000000128", None),
    "a text in hex": ('"219e0112"', None),
}
"""Ids as JSON has them, in a DLR that has a number too."""

QUERIES: dict[str, tuple[Callable[[Words], tuple[str, str]], str | None]] = {
    "an id": (lambda w: (f"{w.id}=a&{w.status}={w.delivered}", f"{w.alias}=b"), "two different values of {id}"),
    "an id, in JSON": (lambda w: (f"{w.id}=x", dlr(w, "a")), "two different values of {id}"),
    "a number": (lambda w: (f"{w.number}={NUMBER}", f"{w.number_alias}=919800000002&{w.id}=a"),
                 "two different values of {number}"),
    "a number, in JSON": (lambda w: (f"{w.number_alias}=919800000002", dlr(w, "a")),
                          "two different values of {number}"),
    "the same": (lambda w: (f"{w.id}=a&{w.number_alias}=%2B{NUMBER}", dlr(w, "a")), None),
}  # fmt: skip
"""A field in the query and, in another spelling, in the body."""


def _cases() -> Iterator[tuple[str, str, str, str, list[str], int, str | None]]:
    """Yield gateway, name, query, body, ids that are read, how much is not, and why."""
    for gateway, words in SPELT.items():
        named = {name: value.lower() for name, value in words._asdict().items()}
        for name, (form, ids, n_unread, reason) in FORMS.items():
            if gateway == "kannel" and name in NUMBER_ALONE:
                continue
            said = reason and reason.format(**named)
            yield gateway, name, "", form(words), ids, n_unread, said
        for name, (text, reason) in IDS.items():
            read = [] if reason else [text.strip('"')]
            body = dlr(words, "", **{words.id: text})
            yield (
                gateway,
                f"id {name}",
                "",
                body,
                read or [""],
                bool(reason),
                reason and reason.format(**named),
            )
        for name, (query, reason) in QUERIES.items():
            pairs, body = query(words)
            yield (
                gateway,
                f"twice: {name}",
                pairs,
                body,
                [] if reason else _ONE,
                bool(reason),
                reason and reason.format(**named),
            )


CASES = {f"{gateway}: {name}": rest for gateway, name, *rest in _cases()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> config.Settings:
    """A home with a callback for each case, all ingested at once."""
    settings = config.load(home=tmp_path_factory.mktemp("items") / "data")
    with journal.Writer(settings.journal_dir, journal.CALLBACKS) as writer:
        for name, (query, body, *_) in CASES.items():
            told = raw_callback(
                callback_id=name, gateway=name.partition(":")[0], method="POST", query=query, body=body
            )
            writer.append([journal.line(told)])
    ingest(settings)
    return settings


@pytest.fixture(scope="module")
def found(home: config.Settings) -> dict[str, tuple[list[str], int, str | None]]:
    """The ids of the DLRs of each callback, how much of it is unread, and why."""
    query = """SELECT c.callback_id,
        list(coalesce(gateway_message_id, '') ORDER BY position) FILTER (d.position >= 0),
        any_value(n_unread), any_value(unread_reason)
    FROM callbacks c LEFT JOIN dlrs d USING (callback_id) GROUP BY ALL"""
    return {name: (ids or [], n, reason) for name, ids, n, reason in rows(home, query)}


@pytest.mark.parametrize("name", CASES)
def test_items(name: str, found: dict[str, tuple[list[str], int, str | None]]) -> None:
    """What is a DLR is read, whatever is beside it, and the rest is counted with its reason."""
    _, _, ids, n_unread, reason = CASES[name]
    read, n, said = found[name]
    assert (read, n) == (ids, n_unread)
    assert (said or "").startswith(reason or "") and bool(said) == bool(reason), said


def test_no_other_number(home: config.Settings) -> None:
    """No DLR has a number that its callback does not write digit by digit."""
    assert rows(home, "SELECT DISTINCT msisdn FROM dlrs WHERE msisdn IS NOT NULL") == [(NUMBER,)]


def test_blanks_are_no_status(home: config.Settings) -> None:
    """A status is the same word whatever nobody sees around it."""
    found = "SELECT DISTINCT status FROM dlrs WHERE contains(callback_id, 'nobody sees')"
    assert rows(home, found) == [("delivered",)]


def test_all_are_counted(home: config.Settings) -> None:
    """What is unread is counted in the callback and in status, and has a reason exactly there."""
    assert rows(home, "SELECT 1 FROM callbacks WHERE (n_unread > 0) <> (unread_reason IS NOT NULL)") == []
    assert rows(home, "SELECT 1 FROM callbacks WHERE n_dlrs + n_unread = 0") == []
    taken = status(home)
    assert taken.n_unparsed == sum(not case[2] for case in CASES.values())
    assert taken.n_items_unread == sum(case[3] for case in CASES.values() if case[2])


def test_every_reader_is_here() -> None:
    """A gateway that reads pairs has its words here."""
    assert gateways.READERS.keys() - SPELT.keys() == {"simulator", "clevertap_shaped"}


EVENT = '{"event": "delivered", "data": [{"ts": 1, "meta": "a"}, {"ts": 1, "meta": %s}]}'
SHAPED = {
    "an event in blanks": ('[{"event": "\xa0delivered ", "data": [{"meta": "a", "ts": "1"}]}]', 1, 0),
    "a number": (f"[{EVENT % '1.7E18'}]", 1, 1),
    "an item that is none": (f"[{EVENT % '1'}, 7]", 2, 1),
    "an event without items": (f'[{EVENT % "1"}, {{"event": "failed"}}]', 2, 1),
    "an item in an event that is none": ('[{"event": "failed", "data": [5, {"meta": "a"}]}]', 1, 1),
    "an event that contradicts itself": (
        f'[{EVENT % "1"}, {{"event": "failed", "event": "x", "data": [{{"meta": "b"}}]}}]', 2, 1
    ),
}  # fmt: skip


@pytest.mark.parametrize("body, n_dlrs, n_unread", SHAPED.values(), ids=SHAPED)
def test_events(
    settings: config.Settings, write: Callable[..., Path], body: str, n_dlrs: int, n_unread: int
) -> None:
    """In CleverTap's shape too, each item and each event without one is a DLR or counted."""
    write(journal.CALLBACKS, raw_callback(gateway="clevertap_shaped", method="POST", body=body))
    ingest(settings)
    assert rows(settings, "SELECT n_dlrs, n_unread FROM callbacks") == [(n_dlrs, n_unread)]
