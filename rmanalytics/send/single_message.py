"""One test message: sent like any other, then followed until its final DLR."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rmanalytics import warehouse
from rmanalytics.config import Settings
from rmanalytics.errors import BadInput, ConfigError, SendLocked, WarehouseLocked
from rmanalytics.ingest.run import ingest
from rmanalytics.models import Result, State
from rmanalytics.send import preview
from rmanalytics.send.rows import NoGoodRow

LOOK_S = 1.0
"""Seconds between two looks into the journal."""

_END = {State.DELIVERED: 0, State.FAILED: 1, State.REFUSED: 1, State.UNSENT: 4}
_OPEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A test message: its batch file, and the campaign by which it is found again."""

    batch: Path
    campaign_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of the test message now; `code` is the gateway's or the operator's."""

    state: State
    code: str | None
    raw_status: str | None
    n_dlrs: int
    latency_s: float | None

    @property
    def exit_code(self) -> int:
        """0 delivered, 1 failed or refused, 4 not sent, 3 still open."""
        return _END.get(self.state, _OPEN)

    def describe(self) -> str:
        """Return it as a short text."""
        parts = [self.state.value.replace("_", " ")]
        parts += [f"by word {self.raw_status}"] if self.raw_status else []
        parts += [f"code {self.code}"] if self.code else []
        parts += [f"after {self.latency_s:.1f} s"] if self.latency_s is not None else []
        return ", ".join(parts)


def prepare(
    settings: Settings,
    to: str,
    *,
    body: str | None = None,
    template_id: str | None = None,
    header: str | None = None,
    entity_id: str | None = None,
    message_id: str | None = None,
    now: datetime | None = None,
    option: str = "--test",
) -> Trial:
    """Write a batch of one message next to the journal and return it; raise BadInput for an invalid number."""
    row = preview.test_row(
        option,
        to,
        now or datetime.now(UTC),
        body=body,
        template_id=template_id,
        header=header,
        entity_id=entity_id,
        message_id=message_id,
    )
    campaign_id = row["campaign_id"]
    folder = settings.home / "tests"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{campaign_id}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    return Trial(batch=path, campaign_id=campaign_id)


@contextmanager
def one_row(trial: Trial, *, option: str = "--test") -> Iterator[None]:
    """Raise what is wrong with the one row as said of the option it comes from; leave no file of what is not sent."""
    try:
        yield
    except NoGoodRow as bad:
        discard(trial)
        names = {"msisdn": option, "campaign_id": option}
        where = names.get(bad.first.field, "--" + bad.first.field.replace("_", "-"))
        reason = bad.first.reason.replace("name it in the row", "give it")
        raise BadInput(f"{where}{bad.first.value and ' '}{bad.first.value} {reason}") from None
    except (BadInput, ConfigError, SendLocked):  # raised before anything is planned
        discard(trial)
        raise


def discard(trial: Trial) -> None:
    """Remove the file of a test that was not sent."""
    trial.batch.unlink(missing_ok=True)
    with suppress(OSError):  # others are kept there
        trial.batch.parent.rmdir()


def follow(
    settings: Settings,
    trial: Trial,
    *,
    wait_s: float,
    watch: Callable[[Standing], None],
    look_s: float = LOOK_S,
) -> Standing:
    """Read the journal until the message is final, time is up or Ctrl-C; call `watch` on each change."""
    deadline = time.monotonic() + wait_s
    known: Standing | None = None
    with suppress(KeyboardInterrupt):
        while known is None or known.exit_code == _OPEN:
            found = _look(settings, trial)
            if found and found != known:
                known = found
                watch(found)
            if time.monotonic() >= deadline:
                break
            if known is None or known.exit_code == _OPEN:
                time.sleep(min(look_s, max(0.0, deadline - time.monotonic())))
    return known or Standing(state=State.UNSENT, code=None, raw_status=None, n_dlrs=0, latency_s=None)


def _look(settings: Settings, trial: Trial) -> Standing | None:
    try:
        ingest(settings)
        with warehouse.connect(settings.home) as store:  # only the campaign's rows are folded
            found = store.outcomes(campaigns=[trial.campaign_id]).to_pyarrow().to_pylist()
    except WarehouseLocked:
        return None  # looked at again
    return _standing(found[0]) if found else None


def _standing(row: Mapping[str, Any]) -> Standing:
    is_refusal = row["submit_result"] != Result.ACCEPTED  # the code of an acceptance says nothing more
    return Standing(
        state=State(row["state"]),
        code=row["error_code"] or (row["submit_code"] if is_refusal else None),
        raw_status=row["raw_status"],
        n_dlrs=row["n_dlrs"],
        latency_s=row["latency_s"],
    )
