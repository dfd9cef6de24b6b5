"""Values of rows that look right and must not go: ids that a spreadsheet spoilt, numbers that are samples."""

from __future__ import annotations

import csv
from functools import cache, lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from rmanalytics.sms import msisdn, row_values
from rmanalytics.support import ids, resources

SAMPLE_NUMBER = "is a sample number, which may be somebody's phone: use your own number"
_UNSEEN = f"{ids.CONTROL}|{ids.INVISIBLE}"
_SAMPLES = ("batch.csv", "clevertap-batch.csv")


def spoilt(texts: Any) -> Any:
    """Return where an id was made a number or nothing, or marked as text, on its way, or is none at all."""
    forms = f"^(?:{ids.LOST_DIGITS}|{ids.QUOTED}|{ids.NO_VALUE}|{ids.FORMULA})$"
    return pc.or_(pc.fill_null(pc.match_substring_regex(texts, forms), False), unfit(texts))


def unfit(texts: Any) -> Any:
    """Return where a text is no id of anything: too long, or with what nobody sees."""
    is_long = pc.greater(pc.utf8_length(texts), ids.LONGEST)
    return pc.fill_null(pc.or_(is_long, pc.match_substring_regex(texts, _UNSEEN)), False)


def no_value(texts: Any) -> Any:
    """Return where a text says that there is none."""
    return pc.fill_null(pc.match_substring_regex(texts, f"^(?:{ids.NO_VALUE}|{ids.FORMULA})$"), False)


def rounded(texts: Any, registered: frozenset[str]) -> Any:
    """Return where a DLT id lost its last digits: by its zeros, or as a registered id is rounded."""
    looks = pc.fill_null(pc.match_substring_regex(texts, f"^{ids.ROUNDED}$"), False)
    if not registered:
        return looks
    distinct = [text for text in pc.unique(texts).to_pylist() if text]
    known = pa.array([text for text in distinct if text in registered], pa.string())
    near = pa.array([text for text in distinct if meant(text, registered)], pa.string())
    return pc.or_(pc.and_(looks, pc.invert(pc.is_in(texts, known))), pc.is_in(texts, near))


def unusual_template_ids(lines: Any, texts: Any, registered: frozenset[str]) -> dict[str, int]:
    """Return the ids that no operator is known to give, unless the registry has them, each with its first line."""
    distinct = pc.unique(texts.drop_null())
    odd = distinct.filter(pc.invert(pc.match_substring_regex(distinct, f"^{row_values.TEMPLATE_ID}$")))
    odd = [text for text in odd.to_pylist() if text not in registered]
    return {text: lines[pc.index(texts, text).as_py()].as_py() for text in odd}


def meant(text: str, registered: frozenset[str]) -> str | None:
    """Return the registered id that a text was rounded from, None where there is none."""
    return None if text in registered else _rounded_forms(registered).get(text)


@lru_cache(maxsize=2)
def _rounded_forms(registered: frozenset[str]) -> dict[str, str]:
    """Return what spreadsheets and data frames make of the registered ids, each with the first that it may be."""
    return {form: whole for whole in sorted(registered, reverse=True) for form in ids.rounded_forms(whole)}


def why_spoilt(text: str, registered: frozenset[str]) -> str:
    """Return the reason for people."""
    if reason := ids.why_unfit(text):
        return reason
    if reason := ids.why_no_value(text):
        return reason
    if text.startswith("'"):
        return ids.WHY_QUOTED
    if not text.isdecimal():
        return ids.REASON
    if whole := meant(text, registered):
        return f"is {whole} of the registry, rounded: format the column as text and export again"
    return (
        "ends in zeros as spreadsheets round long numbers: format the column as text and export again"
        " (or import the templates, if it is right)"
    )


def samples(numbers: Any) -> Any:
    """Return where a number is one of the samples' or of the simulator's."""
    is_simulated = pc.starts_with(numbers, msisdn.SIMULATED)
    return pc.fill_null(pc.or_(is_simulated, pc.is_in(numbers, pa.array(_shipped(), pa.string()))), False)


@cache
def _shipped() -> tuple[str, ...]:
    found = set()
    for name in _SAMPLES:
        with (resources.samples() / name).open(newline="", encoding="utf-8") as file:
            found |= {msisdn.normalise(row["msisdn"]) for row in csv.DictReader(file)}
    return tuple(sorted(found))
