"""The checks of a whole table, in one process or in several that share out its batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from rmanalytics.dlt.checker import SCHEMA, Checker
from rmanalytics.dlt.policy import STRICT, Policy
from rmanalytics.dlt.registry import Registry
from rmanalytics.dlt.template import Template

if TYPE_CHECKING:
    import pandas as pd

ROWS = 1 << 16
"""Messages held as Python strings at once."""
USED = ("message_id", "template_id", "body", "header", "entity_id", "planned_at")
SHARED_ROWS = 1 << 14
"""Messages in a batch that is shared out: the last ones are waited for."""
AHEAD = 2
"""Batches that wait at each process, so that none runs dry."""

_checker: Checker | None = None


def check(
    messages: pa.Table | pd.DataFrame,
    templates: Registry | Iterable[Template],
    policy: Policy = STRICT,
    *,
    explain: bool = True,
    workers: int = 1,
) -> pa.Table:
    """Return one row per message: whether it matches its template, and if not, why (columns of SCHEMA).

    Needs the columns template_id and body; uses message_id, header, entity_id and planned_at where there are
    any. Positions count code points. With `explain` off, a text that does not fit has no reason. More than
    one of `workers` pays from some 100,000 messages on, and needs a script guarded by `__name__`.

    >>> template = Template(template_id="1107", content="OTP {#numeric#}.")
    >>> sent = pa.table({"message_id": ["m1"], "template_id": ["1107"], "body": ["OTP 4821!"]})
    >>> check(sent, [template]).select(["ok", "reason", "position"]).to_pylist()
    [{'ok': False, 'reason': 'punctuation', 'position': 8}]
    """
    table: Any = messages
    if not isinstance(messages, pa.Table):
        table = pa.Table.from_pandas(messages, preserve_index=False)
    table = table.select([name for name in USED if name in table.column_names])
    registry = templates if isinstance(templates, Registry) else Registry.of(templates)
    checker = Checker(registry=registry, policy=policy, explains=explain)
    batches = table.to_batches(max_chunksize=ROWS if workers == 1 else SHARED_ROWS)
    if workers > 1 and len(batches) > 1:
        return pa.Table.from_batches(_shared_out(batches, checker, workers), SCHEMA)
    return pa.Table.from_batches([checker.check(batch) for batch in batches], SCHEMA)


def _shared_out(batches: list[pa.RecordBatch], checker: Checker, workers: int) -> list[pa.RecordBatch]:
    """Return the checks of each batch, in order; this process works too."""
    left, checked = deque(enumerate(batches)), dict[int, pa.RecordBatch]()
    waiting: dict[Future[bytes], int] = {}
    start = (checker.registry, checker.policy, checker.explains)
    with ProcessPoolExecutor(
        workers - 1, mp_context=get_context("spawn"), initializer=_start, initargs=start
    ) as pool:
        ready = [pool.submit(_is_ready) for _ in range(workers - 1)]
        while left:
            busy = sum(not future.done() for future in waiting)
            for _ in range(min(len(left), AHEAD * sum(future.done() for future in ready) - busy)):
                number, batch = left.pop()
                waiting[pool.submit(_check, batch.schema, batch.serialize().to_pybytes())] = number
            if left:
                number, batch = left.popleft()
                checked[number] = checker.check(batch)
        for future, number in waiting.items():
            checked[number] = pa.ipc.read_record_batch(pa.py_buffer(future.result()), SCHEMA)
    return [checked[number] for number in sorted(checked)]


def _start(registry: Registry, policy: Policy, explains: bool) -> None:
    global _checker
    _checker = Checker(registry=registry, policy=policy, explains=explains)


def _is_ready() -> bool:
    """Return once the process has started, which takes as long as a hundred thousand verdicts."""
    return _checker is not None


def _check(schema: pa.Schema, batch: bytes) -> bytes:
    """Return the checks of a batch; both travel serialized, for a pickled slice drags the whole table along."""
    assert _checker is not None  # noqa: S101
    checks = _checker.check(pa.ipc.read_record_batch(pa.py_buffer(batch), schema))
    return bytes(checks.serialize())
