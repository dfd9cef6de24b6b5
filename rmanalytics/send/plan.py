"""The plan of a batch: what would be sent where, in how many segments, at what price, and what would not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import httpx
import pyarrow as pa

from rmanalytics.config import Settings
from rmanalytics.models import Encoding, Message, Result, Route
from rmanalytics.send.attempts import EarlierAttempts
from rmanalytics.send.batch import MOST_FAULTS, Batch
from rmanalytics.send.rows import BadRow

COUNTED = 10_000
"""Requests of so many messages are counted one by one; of more, the count is scaled."""


class Grouping(Protocol):
    """What a plan needs of a gateway: who shares a request, and where it goes."""

    def batches(self, messages: Iterable[Message]) -> Iterable[Sequence[Message]]:
        """Yield the messages in groups that one request can carry."""

    def submit_request(self, batch: Sequence[Message]) -> httpx.Request:
        """Return the request that hands the batch over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlan:
    """What would be sent of one campaign."""

    campaign_id: str
    n_messages: int
    n_segments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What sending the batch would do now.

    `n_rows` = `n_bad` + `n_sent_before` + `n_to_send`. `attempted_before` counts messages by the result of
    them so far; those still `unsent` are to be sent. `n_requests` is scaled from the first messages where
    `is_estimate`. `cost` is None without a price. `faults` has the first ones, `fault_counts` counts all.
    `n_same` messages without an id of their own were sent by another batch: number, campaign and text are the same.
    `n_resolved` messages without a clear answer have a DLR by now: `attempted_before` does not count them.
    `unusual_template_ids` have their first lines: they are sent, but operators give others.
    `resend_begun_at` is set where an interrupted resend is continued; `is_first_real` where this home sent nothing yet.
    """

    path: Path
    batch_id: str
    gateway: str
    endpoints: tuple[str, ...]
    n_rows: int
    n_bad: int
    n_sent_before: int
    n_to_send: int
    n_requests: int
    is_estimate: bool
    n_segments: int
    cost: float | None
    currency: str
    attempted_before: Mapping[Result, int]
    by_route: Mapping[Route, int]
    by_encoding: Mapping[Encoding, int]
    campaigns: tuple[CampaignPlan, ...]
    faults: tuple[BadRow, ...]
    fault_counts: Mapping[str, int]
    unknown_columns: tuple[str, ...]
    n_same: int
    resend_begun_at: datetime | None = None
    is_first_real: bool = False
    n_resolved: int = 0
    unusual_template_ids: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the plan for JSON."""
        return asdict(self) | {"path": str(self.path)}


def plan(
    batch: Batch, earlier: EarlierAttempts, sample: Sequence[Message], gateway: Grouping, settings: Settings
) -> Plan:
    """Return the plan of a batch; `sample` are its first messages that are to be sent, at most `COUNTED`.

    Raises ConfigError when requests cannot be built with these settings.
    """
    groups = _groups(batch, earlier)
    n_to_send, n_segments = _total(groups.values())
    n_bad = batch.faults.n_rows + earlier.n_repeated
    n_requests = sum(1 for _ in gateway.batches(sample))
    price = settings.send_price_per_segment
    return Plan(
        path=batch.path,
        batch_id=batch.batch_id,
        gateway=settings.gateway,
        endpoints=_endpoints(sample, gateway),
        n_rows=batch.n_rows,
        n_bad=n_bad,
        n_sent_before=batch.n_rows - n_bad - n_to_send,
        n_to_send=n_to_send,
        n_requests=round(n_requests * n_to_send / max(1, len(sample))),
        is_estimate=n_to_send > len(sample) > n_requests,
        n_segments=n_segments,
        cost=None if price is None else round(price * n_segments, 2),
        currency=settings.send_currency,
        attempted_before=dict(sorted(earlier.attempted.items())),
        by_route={Route(route): n for route, (n, _) in _by(groups, 1).items()},
        by_encoding={Encoding(encoding): n for encoding, (n, _) in _by(groups, 2).items()},
        campaigns=tuple(
            CampaignPlan(campaign_id=campaign_id, n_messages=n, n_segments=n_parts)
            for campaign_id, (n, n_parts) in _by(groups, 0).items()
        ),
        faults=tuple(
            sorted((*batch.faults.listed, *earlier.repeated), key=lambda fault: fault.line)[:MOST_FAULTS]
        ),
        fault_counts=_fault_counts(batch, earlier),
        unknown_columns=batch.unknown,
        n_same=earlier.n_same,
        unusual_template_ids=batch.unusual_template_ids,
    )


_Sizes = tuple[int, int]
"""Messages and their segments."""

_Groups = dict[tuple[str, str, str], _Sizes]
"""Sizes by campaign, route and encoding."""


def _groups(batch: Batch, earlier: EarlierAttempts) -> _Groups:
    found: dict[tuple[str, str, str], list[_Sizes]] = defaultdict(list)
    names = ("campaign_id", "route", "encoding")
    for chunk in batch.chunks(earlier.done, (*names, "line", "n_segments")):
        sizes = pa.table(chunk).group_by(names).aggregate([("n_segments", "count"), ("n_segments", "sum")])
        for *key, n, n_parts in zip(*(column.to_pylist() for column in sizes.columns), strict=True):
            found[key[0], key[1], key[2]].append((n, n_parts))
    return {key: _total(sizes) for key, sizes in sorted(found.items())}


def _by(groups: _Groups, part: int) -> dict[str, _Sizes]:
    """Return the sizes by one part of the key."""
    found: dict[str, list[_Sizes]] = defaultdict(list)
    for key, sizes in groups.items():
        found[key[part]].append(sizes)
    return {value: _total(sizes) for value, sizes in found.items()}


def _total(sizes: Iterable[_Sizes]) -> _Sizes:
    pairs = list(sizes)
    return sum(n for n, _ in pairs), sum(n_parts for _, n_parts in pairs)


def _fault_counts(batch: Batch, earlier: EarlierAttempts) -> dict[str, int]:
    counts = Counter(batch.faults.counts)
    if earlier.n_repeated:
        counts["message_id is already on an earlier line"] = earlier.n_repeated
    return dict(counts.most_common())


def _endpoints(sample: Sequence[Message], gateway: Grouping) -> tuple[str, ...]:
    """Return where the messages go, per route: scheme, host and path, never the query with the password."""
    firsts = {message.route: message for message in reversed(sample)}
    urls = (gateway.submit_request([message]).url for message in firsts.values())
    return tuple(sorted({f"{url.scheme}://{_host(url)}{url.path}" for url in urls}))


def _host(url: httpx.URL) -> str:
    return url.netloc.decode("ascii", "replace").rpartition("@")[2]
