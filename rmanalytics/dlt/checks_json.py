"""The JSON of `dlt check`, written in pieces: a row that matches has but two values of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from rmanalytics.dlt.checker import SCHEMA

ROWS = 1 << 13
_OWN = ("message_id", "template_id")
_MATCHING = {**dict.fromkeys(SCHEMA.names), "ok": True}


def pieces(summary: Mapping[str, Any], checks: pa.Table, shown: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the summary, the `checks` and the `details`, as `json.dumps` with an indent of 2 writes them."""
    before, after = _text({**summary, "checks": None, "details": list(shown)}).split('\n  "checks": null')
    yield f'{before}\n  "checks": ['
    separator = "\n"
    for batch in checks.to_batches(max_chunksize=ROWS):
        if batch.num_rows:
            yield separator + ",\n".join(_rows(batch))
            separator = ",\n"
    yield ("]" if separator == "\n" else "\n  ]") + f"{after}\n"


def _rows(batch: pa.RecordBatch) -> Iterator[str]:
    bad = iter(batch.filter(pc.invert(batch.column("ok"))).to_pylist())
    own = (map(_value, batch.column(name).to_pylist()) for name in _OWN)
    for is_ok, *values in zip(batch.column("ok").to_pylist(), *own, strict=True):
        yield _MATCHED % tuple(values) if is_ok else _indented(next(bad))


def _value(text: str | None) -> str:
    return "null" if text is None else orjson.dumps(text).decode()


def _indented(row: Mapping[str, Any]) -> str:
    return "    " + _text(row).replace("\n", "\n    ")


def _text(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False, indent=2)


_MATCHED = _indented({**_MATCHING, **dict.fromkeys(_OWN, "%s")}).replace('"%s"', "%s")
