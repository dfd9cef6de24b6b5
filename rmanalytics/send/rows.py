"""Rows of a batch: which can be sent, as what, and what is wrong with the others; whole chunks, in Arrow."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from rmanalytics.errors import BadInput
from rmanalytics.models import Encoding, Route
from rmanalytics.send import bad_values, row_ids
from rmanalytics.sms import msisdn, row_values, segments
from rmanalytics.support import ids

_LIST = pa.list_(pa.string())
SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("message_id", pa.string()),
        ("campaign_id", pa.string()),
        ("route", pa.string()),
        ("msisdn", pa.string()),
        ("header", pa.string()),
        ("entity_id", pa.string()),
        ("template_id", pa.string()),
        ("template_variables", _LIST),
        ("body", pa.string()),
        ("encoding", pa.string()),
        ("n_segments", pa.int32()),
    ]
)
"""A row that can be sent: `models.Message` without what the whole batch shares, and its line in the file."""


def _class(characters: str, negated: str = "") -> str:
    escaped = re.sub(r"([\\\[\]^-])", r"\\\1", characters)
    return f"[{negated}{escaped}]"


_INDIAN = f"^{msisdn.INDIAN}$"
_BASIC = f"^{_class(segments.BASIC)}*$"
_BEYOND = _class(segments.BASIC + segments.EXTENSION, "^")
_ASTRAL = "[\U00010000-\U0010ffff]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a row takes when the file does not say; `entity_id` is for domestic messages only.

    `registered` are the template ids of the registry, if there is one; `is_real` keeps sample numbers from going.
    `header_variable` is where the gateway's settings have the header, for who must fix a row.
    """

    header: str | None = None
    entity_id: str | None = None
    registered: frozenset[str] = frozenset()
    is_real: bool = False
    header_variable: str = "the header in the gateway's settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """What is wrong with one field of one row; `value` is masked where it is a number."""

    line: int
    field: str
    value: str
    reason: str

    def describe(self) -> str:
        """Return it as text.

        >>> BadRow(line=3, field="msisdn", value="***00", reason="is too short").describe()
        'line 3: msisdn ***00 is too short'
        """
        return f"line {self.line}: {self.field}{self.value and ' '}{self.value} {self.reason}"


class NoGoodRow(BadInput):
    """Nothing of a batch can be sent; `first` is the first bad row."""

    def __init__(self, text: str, first: BadRow) -> None:
        super().__init__(text)
        self.first = first


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRows:
    """The rows of a chunk that can be sent (columns of `SCHEMA`), and the faults of the others, by line.

    `is_made` says which of the good ones have an id that the file did not give.
    """

    good: pa.RecordBatch
    is_made: pa.BooleanArray
    faults: list[BadRow]


def check(chunk: pa.RecordBatch, defaults: Defaults) -> CheckedRows:
    """Return what of a chunk (columns of `batch_file.SCHEMA`) can be sent, and why the rest cannot."""
    given = {name: chunk[name] if name in _AS_IS else _trimmed(chunk[name]) for name in chunk.schema.names}
    row = _completed(given, defaults)
    masks = {field: pc.fill_null(mask, False) for field, mask in _masks(given, row, defaults).items()}
    is_bad = reduce(pc.or_, masks.values())
    good = pa.record_batch([row[name] for name in SCHEMA.names], schema=SCHEMA)
    is_made = pc.is_null(given["message_id"])
    if not pc.any(is_bad).as_py():
        return CheckedRows(good=good, is_made=is_made, faults=[])
    marks = {f"bad {field}": mask for field, mask in masks.items()}
    bad = pa.table({**given, "its_route": row["route"], **marks}).filter(is_bad)
    is_good = pc.invert(is_bad)
    faults = _faults(bad.to_pylist(), defaults)
    return CheckedRows(good=good.filter(is_good), is_made=is_made.filter(is_good), faults=faults)


def _trimmed(values: Any) -> Any:
    """Return the values without what nobody sees around them, null where nothing is left."""
    trimmed = pc.utf8_trim(values, characters=ids.AROUND)
    return pc.if_else(pc.equal(pc.binary_length(trimmed), 0), None, trimmed)


def _completed(given: dict[str, Any], defaults: Defaults) -> dict[str, Any]:
    number = _numbers(given["msisdn"])
    is_domestic = pc.starts_with(number, "91")
    entity_id = pc.if_else(is_domestic, _text(defaults.entity_id), None)
    body = pc.fill_null(given["body"], "")
    encoding, n_segments = _measured(body)
    return given | {
        "message_id": _message_ids(given, number, body),
        "msisdn": number,
        "route": pc.if_else(is_domestic, Route.DOMESTIC.value, Route.INTERNATIONAL.value),
        "header": pc.coalesce(given["header"], _text(defaults.header)),
        "entity_id": pc.coalesce(given["entity_id"], entity_id),
        "template_variables": _lists(given["template_variables"]),
        "body": body,
        "encoding": encoding,
        "n_segments": n_segments,
    }


def _message_ids(given: dict[str, Any], numbers: Any, bodies: Any) -> Any:
    """Return the file's ids; where it has none, those made from the row."""
    if not given["message_id"].null_count:
        return given["message_id"]
    return pc.coalesce(given["message_id"], row_ids.made(numbers, given["campaign_id"], bodies))


def _masks(given: dict[str, Any], row: dict[str, Any], defaults: Defaults) -> dict[str, Any]:
    """Return, per field, where it keeps a row from being sent; an unreadable row has no other fault."""
    is_read = pc.is_null(given["broken"])
    no_list = pc.and_(pc.is_valid(given["template_variables"]), pc.is_null(row["template_variables"]))
    no_template = pc.and_(pc.equal(row["route"], Route.DOMESTIC.value), pc.is_null(given["template_id"]))
    word = pc.utf8_lower(given["route"])
    no_route = pc.and_(pc.is_valid(word), pc.invert(pc.is_in(word, pa.array([*Route], pa.string()))))
    number, header = row["msisdn"], row["header"]
    template_id, entity_id = given["template_id"], given["entity_id"]
    no_template_id = pc.or_(
        bad_values.spoilt(template_id), bad_values.rounded(template_id, defaults.registered)
    )
    masks = {
        "msisdn": pc.or_(pc.is_null(number), bad_values.samples(number) if defaults.is_real else False),
        "body": pc.or_(
            pc.equal(pc.binary_length(pc.utf8_trim_whitespace(row["body"])), 0),
            pc.match_substring_regex(row["body"], f"^(?:{ids.NO_TEXT})$|{row_values.CONTROL_IN_TEXT}"),
        ),
        "message_id": bad_values.spoilt(given["message_id"]),
        "campaign_id": pc.or_(pc.is_null(given["campaign_id"]), bad_values.spoilt(given["campaign_id"])),
        "template_id": pc.or_(pc.fill_null(no_template, False), no_template_id),
        "entity_id": pc.or_(bad_values.spoilt(entity_id), bad_values.rounded(entity_id, frozenset())),
        "header": reduce(
            pc.or_, (is_unfit(header) for is_unfit in (pc.is_null, bad_values.no_value, bad_values.unfit))
        ),
        "template_variables": no_list,
        "route": pc.or_kleene(no_route, pc.not_equal(word, row["route"])),
    }
    masks = {field: pc.and_kleene(is_read, mask) for field, mask in masks.items()}
    return {"row": pc.invert(is_read), **masks}


def _numbers(texts: Any) -> Any:
    """Return the numbers as E.164 digits, null where they are none; India's common spellings at once."""
    is_indian = pc.fill_null(pc.match_substring_regex(texts, _INDIAN), False)
    indian = pc.binary_join_element_wise("91", pc.utf8_slice_codeunits(texts, -10), "")
    if pc.all(is_indian).as_py():
        return indian
    others = [msisdn.normalised(text) for text in texts.filter(pc.invert(is_indian)).to_pylist()]
    return pc.replace_with_mask(indian, pc.invert(is_indian), pa.array(others, pa.string()))


def _measured(bodies: Any) -> tuple[Any, Any]:
    """Return encoding and number of segments of each body."""
    is_basic = pc.match_substring_regex(bodies, _BASIC)
    encodings = pc.if_else(is_basic, Encoding.GSM7.value, Encoding.UCS2.value)
    counts = _parts(pc.utf8_length(bodies), 160, 153)
    if pc.all(is_basic).as_py():
        return encodings, counts
    is_other = pc.invert(is_basic)
    encoding, count = _measured_beyond_basic(bodies.filter(is_other))
    return pc.replace_with_mask(encodings, is_other, encoding), pc.replace_with_mask(counts, is_other, count)


def _measured_beyond_basic(bodies: Any) -> tuple[Any, Any]:
    """The same where there is more than GSM-7's basic set; UCS-2 without surrogates is counted at once."""
    is_odd = pc.or_(
        pc.invert(pc.match_substring_regex(bodies, _BEYOND)), pc.match_substring_regex(bodies, _ASTRAL)
    )
    encodings = pc.if_else(is_odd, None, Encoding.UCS2.value)
    odd = bodies.filter(is_odd).to_pylist()
    encoding = pa.array([segments.encoding(body).value for body in odd], pa.string())
    count = pa.array([segments.count(body) for body in odd], pa.int32())
    counts = _parts(pc.utf8_length(bodies), 70, 67)
    return pc.replace_with_mask(encodings, is_odd, encoding), pc.replace_with_mask(counts, is_odd, count)


def _parts(length: Any, single: int, part: int) -> Any:
    several = pc.divide(pc.add(length, part - 1), part)
    return pc.if_else(pc.less_equal(length, single), 1, several).cast(pa.int32())


def _lists(texts: Any) -> Any:
    """Return the JSON lists as lists of text: empty where there is no text, null where it is no list."""
    if texts.null_count == len(texts):
        return pa.array([[]], _LIST).take(pa.array([0] * len(texts)))
    return pa.array(map(_list, texts.to_pylist()), _LIST)


def _list(text: str | None) -> list[str] | None:
    return [] if text is None else row_values.variables(text)


def _text(value: str | None) -> Any:
    return pa.scalar(value or None, pa.string())


def _faults(rows: list[dict[str, Any]], defaults: Defaults) -> list[BadRow]:
    known = {"header_variable": defaults.header_variable, "registered": defaults.registered}
    rows = [row | known for row in rows]
    return [
        BadRow(line=row["line"], field=field, value=shown(field, row.get(field)), reason=reason(row))
        for row in rows
        for field, reason in _REASONS.items()
        if row[f"bad {field}"]
    ]


def shown(field: str, value: str | None) -> str:
    """Return what people may see of a value: its beginning, phone numbers masked."""
    if field == "msisdn":
        return msisdn.mask(value or "")
    text = _PHONE.sub(lambda number: msisdn.mask(number[0]), " ".join((value or "").split()))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _why_no_number(row: dict[str, Any]) -> str:
    if why := ids.why_no_value(row["msisdn"] or ""):
        return why
    try:
        msisdn.normalise(row["msisdn"] or "")
    except ValueError as reason:
        return str(reason)
    return bad_values.SAMPLE_NUMBER


def _why_no_text(row: dict[str, Any]) -> str:
    text = (row["body"] or "").strip()
    if not text:
        return "is empty"
    return ids.WHY_NO_VALUE if ids.is_no_text(text) else ids.WHY_CONTROL


def _why_id(field: str, empty: str = "is empty") -> Callable[[dict[str, Any]], str]:
    return lambda row: bad_values.why_spoilt(row[field], row["registered"]) if row[field] else empty


def _why_route(row: dict[str, Any]) -> str:
    if row["route"].lower() not in {*Route}:
        return row_values.NO_ROUTE
    return row_values.OTHER_ROUTE + str(row["its_route"])


def _why_header(row: dict[str, Any]) -> str:
    if not row["header"]:
        return f"is empty: name it in the row or set {row['header_variable']}"
    return ids.why_unfit(row["header"]) or ids.why_no_value(row["header"]) or ids.WHY_NO_VALUE


_REASONS: dict[str, Callable[[dict[str, Any]], str]] = {
    "row": lambda row: row["broken"],
    "msisdn": _why_no_number,
    "body": _why_no_text,
    "message_id": _why_id("message_id"),
    "campaign_id": _why_id("campaign_id"),
    "template_id": _why_id("template_id", "is empty: a domestic message needs its DLT template"),
    "entity_id": _why_id("entity_id"),
    "header": _why_header,
    "template_variables": lambda row: row_values.NO_LIST,
    "route": _why_route,
}
_AS_IS = frozenset({"line", "body", "broken"})
_PHONE = re.compile(r"(?<![0-9])[0-9]{10,13}(?![0-9])")
_SHOWN = 40
