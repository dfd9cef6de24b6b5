"""Results of a run of send: counts while it runs, a summary and an exit code at its end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rmanalytics.models import Result, SubmitResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCount:
    """How many messages ended with a result and the gateway's code; `meaning` is for people."""

    result: Result
    code: str | None
    meaning: str | None
    n_messages: int


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of a run in progress; a message counts once, with its latest result."""

    n_to_send: int
    watch: Callable[[Tally], None] = lambda tally: None
    n_requests: int = 0
    n_under_way: int = 0
    is_stopping: bool = False
    started_s: float = field(default_factory=time.monotonic)
    by_result: Counter[Result] = field(default_factory=Counter)
    by_code: Counter[tuple[Result, str | None]] = field(default_factory=Counter)
    meanings: dict[tuple[Result, str | None], str | None] = field(default_factory=dict)

    def add(self, responses: Iterable[SubmitResponse]) -> None:
        """Count messages about which nothing more will be tried."""
        for response in responses:
            kind = (response.result, response.code)
            self.by_result[response.result] += 1
            self.by_code[kind] += 1
            if kind not in self.meanings:
                self.meanings[kind] = response.detail and response.detail.split("; ")[0]
        self.watch(self)

    @property
    def n_done(self) -> int:
        """Messages that were handed over, refused or are unclear."""
        return self.by_result.total() - self.by_result[Result.UNSENT]

    @property
    def rate(self) -> float:
        """Messages per second so far."""
        return self.n_done / max(time.monotonic() - self.started_s, 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The result of a run; `n_unsent` should have been sent and never left us, `stopped` says why.

    `n_bad` rows were left out, which fails the run unless `is_bad_skipped`.
    """

    batch_id: str
    gateway: str
    is_simulated: bool
    n_to_send: int
    n_accepted: int
    n_refused: int
    n_unclear: int
    n_unsent: int
    n_requests: int
    duration_s: float
    rate: float
    codes: tuple[CodeCount, ...]
    stopped: str | None = None
    n_refused_before: int = 0
    n_unclear_before: int = 0
    n_bad: int = 0
    is_bad_skipped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the summary for JSON."""
        return asdict(self) | {"exit_code": self.exit_code}

    @property
    def exit_code(self) -> int:
        """4 messages are left unsent, else 3 some are unclear, else 1 some were refused or left out, else 0.

        Of the whole batch: what an earlier run left unclear is not fine because this one had nothing to do.
        """
        if self.n_unsent:
            return 4
        if self.n_unclear or self.n_unclear_before:
            return 3
        n_left_out = 0 if self.is_bad_skipped else self.n_bad
        return 1 if self.n_refused or self.n_refused_before or n_left_out else 0


def summarise(
    tally: Tally, *, batch_id: str, gateway: str, stopped: str | None, before: Mapping[Result, int]
) -> Summary:
    """Return the summary; requests in flight when the run was aborted are unclear.

    `before` counts the messages of the batch that earlier runs attempted and this one left alone.
    """
    duration_s = time.monotonic() - tally.started_s
    n_unclear = tally.by_result[Result.UNCLEAR] + tally.n_under_way
    return Summary(
        batch_id=batch_id,
        gateway=gateway,
        is_simulated=gateway == "simulator",
        n_to_send=tally.n_to_send,
        n_accepted=tally.by_result[Result.ACCEPTED],
        n_refused=tally.by_result[Result.REFUSED],
        n_unclear=n_unclear,
        n_unsent=tally.n_to_send - tally.n_done - tally.n_under_way,
        n_requests=tally.n_requests,
        duration_s=duration_s,
        rate=tally.rate,
        codes=_codes(tally.by_code, tally.meanings),
        stopped=stopped,
        n_refused_before=before.get(Result.REFUSED, 0),
        n_unclear_before=before.get(Result.UNCLEAR, 0),
    )


def _codes(
    by_code: Counter[tuple[Result, str | None]], meanings: Mapping[Any, str | None]
) -> tuple[CodeCount, ...]:
    return tuple(
        CodeCount(result=kind[0], code=kind[1], meaning=meanings[kind], n_messages=n)
        for kind, n in by_code.most_common()
    )
