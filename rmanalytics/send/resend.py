"""Sending rows again on purpose, in rounds: a round that is killed is continued, never begun anew.

Its mark is the end of its messages' ids, so the journal tells what of it was sent. A round is over once its result was
shown to somebody: a file in the home says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rmanalytics.errors import BadInput
from rmanalytics.send.attempt_index import AttemptIndex
from rmanalytics.send.attempts import rounds
from rmanalytics.send.batch import Batch

FOLDER = "resends"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round of resending; `is_continued` when an earlier run began it, `batches` it is over for at its end."""

    mark: str
    batches: frozenset[str]
    is_continued: bool

    @property
    def suffix(self) -> str:
        """What the ids of its messages end in."""
        return f"-r{self.mark}"

    @property
    def begun_at(self) -> datetime:
        """When it was begun."""
        return datetime.fromtimestamp(int(self.mark, 16) / 1000, UTC)


def begin(batch: Batch, index: AttemptIndex, home: Path, now: datetime, *, retry_refused: bool) -> Round:
    """Return the round to send: one that was interrupted, else a new one.

    With `retry_refused` it is the latest one, whose refused messages go again. Raises BadInput where several
    were interrupted.
    """
    known = rounds(batch, index)
    interrupted = {mark for mark, batch_id, _ in known if not _end(home, mark, batch_id).exists()}
    if len(interrupted) > 1:
        raise BadInput(
            f"{batch.path}: its rows are in {len(interrupted)} interrupted resends of other files: "
            "finish those first, with the files they began with"
        )
    latest = [mark for mark, _, _ in known[-1:]] if retry_refused else []
    found = next(iter([*interrupted, *latest]), None)
    mark = found or f"{int(now.timestamp() * 1000):011x}"
    batches = {batch_id for of, batch_id, is_whole in known if of == mark and is_whole}
    return Round(mark=mark, batches=frozenset(batches | {batch.batch_id}), is_continued=found is not None)


def finish(home: Path, resent: Round) -> None:
    """Remember that the result of the round was seen, so that the next one may begin."""
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    for batch_id in resent.batches:
        with _end(home, resent.mark, batch_id).open("w") as file:
            os.fsync(file.fileno())


def _end(home: Path, mark: str, batch_id: str) -> Path:
    return home / FOLDER / f"{mark}-{batch_id}"
