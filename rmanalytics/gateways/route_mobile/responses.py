"""Submit responses: one per message of the request, whatever was answered."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Sequence

from rmanalytics.gateways.route_mobile.answers import Answer, Entry, read
from rmanalytics.gateways.route_mobile.codes import CREDIT_CODES, HTTP_GO_ON
from rmanalytics.models import Consequence, Message, Result, SubmitResponse

_NATIONAL_DIGITS = range(7, 11)
"""Lengths of a number echoed without its country code; longer ones are compared by their last 10 digits."""


def submit_responses(
    batch: Sequence[Message], content: bytes, http_status: int, clean: Callable[[str], str] = str
) -> list[SubmitResponse]:
    """Return one response per message, in order; `clean` takes secrets out of texts that are quoted.

    Accepted is only what an entry says so about; what an answer leaves open is unclear, never unsent.
    """
    answer = read(content, http_status)
    if not answer.entries:
        return [_unreadable(message, http_status, _note(answer, 0)) for message in batch]
    taken, n_foreign = _whole_request(batch, answer) or _assigned(batch, answer.entries)
    note = _note(answer, n_foreign)
    stop = next((i for i, entry in enumerate(taken) if entry and entry.meaning.aborts), len(batch))
    return [
        _said(message, entry, http_status, note, clean)
        if entry
        else _unsaid(message, taken[stop] if stop < i else None, http_status, note)
        for i, (message, entry) in enumerate(zip(batch, taken, strict=True))
    ]


def _whole_request(batch: Sequence[Message], answer: Answer) -> tuple[list[Entry | None], int] | None:
    """A bare error code alone is about every message; a bare credit code only about the first number."""
    only = answer.entries[0]
    if len(answer.entries) > 1 or only.number or only.is_accepted or only.code in CREDIT_CODES:
        return None
    return [only] * len(batch), 0


def _assigned(batch: Sequence[Message], entries: Sequence[Entry]) -> tuple[list[Entry | None], int]:
    """Each message's entry, by number; and how many entries are about no number of the request.

    Entries without a number, and errors about a number echoed beyond recognition, are taken in order.
    """
    claim = _claims(batch)
    places = [claim(entry.number) for entry in entries[: 2 * len(batch)]]
    taken: list[Entry | None] = [None] * len(batch)
    for entry, place in zip(entries, places, strict=False):
        if place is not None:
            taken[place] = entry
    after = 0
    for nth, (entry, place) in enumerate(zip(entries, places, strict=False)):
        if place is None and not (entry.number and entry.is_accepted):
            place = next((i for i in range(after, len(batch)) if taken[i] is None), None)
            if place is not None:
                taken[place], places[nth] = entry, place
        after = after if place is None else place + 1
    return taken, len(entries) - sum(place is not None for place in places)


def _claims(batch: Sequence[Message]) -> Callable[[str], int | None]:
    """A function that gives the place of a number's next message that no entry has claimed yet."""
    whole: dict[str, deque[int]] = defaultdict(deque)
    tails: dict[str, deque[int]] = defaultdict(deque)
    for i, message in enumerate(batch):
        whole[message.msisdn].append(i)
        for n_digits in _NATIONAL_DIGITS:
            tails[message.msisdn[-n_digits:]].append(i)
    claimed: set[int] = set()

    def claim(number: str) -> int | None:
        for queue in (whole.get(number), tails.get(number[-10:])):
            while queue:
                place = queue.popleft()
                if place not in claimed:
                    claimed.add(place)
                    return place
        return None

    return claim


def _said(
    message: Message, entry: Entry, http_status: int, note: str, clean: Callable[[str], str]
) -> SubmitResponse:
    meaning = entry.meaning
    quote = _masked(clean(entry.text))
    said = "" if entry.is_accepted else f"{meaning.meaning}: {quote}" if quote else meaning.meaning
    return SubmitResponse(
        message_id=message.message_id,
        result=meaning.result,
        code=entry.code,
        gateway_message_id=(entry.gateway_message_id or None) if entry.is_accepted else None,
        detail=_detail(said, note),
        http_status=http_status,
        consequence=meaning.then,
    )


def _unsaid(message: Message, stop: Entry | None, http_status: int, note: str) -> SubmitResponse:
    """A message without an entry: unsent behind a code that stops the request, else nobody can say."""
    result, consequence, said = Result.UNCLEAR, Consequence.GO_ON, "the answer has no entry for this message"
    if stop is not None:
        said = f"the gateway stopped before this message: {stop.code} {stop.meaning.meaning}"
        if stop.meaning.result is Result.REFUSED:
            result = Result.UNSENT
            consequence = Consequence.STOP if stop.meaning.then is Consequence.STOP else Consequence.RETRY
    return SubmitResponse(
        message_id=message.message_id,
        result=result,
        code=stop.code if stop else None,
        detail=_detail(said, note),
        http_status=http_status,
        consequence=consequence,
    )


def _unreadable(message: Message, http_status: int, note: str) -> SubmitResponse:
    result, consequence = _by_http_status(http_status)
    return SubmitResponse(
        message_id=message.message_id,
        result=result,
        detail=_detail(f"HTTP {http_status} without a code", note),
        http_status=http_status,
        consequence=consequence,
    )


def _by_http_status(http_status: int) -> tuple[Result, Consequence]:
    """What an answer without a code means; wherever the message may have gone on, it is unclear."""
    if http_status == 429:
        return Result.UNSENT, Consequence.RETRY
    if 300 <= http_status < 500 and http_status != 408:
        return Result.REFUSED, Consequence.GO_ON if http_status in HTTP_GO_ON else Consequence.STOP
    return Result.UNCLEAR, Consequence.GO_ON


def _note(answer: Answer, n_foreign: int) -> str:
    stray = f"{answer.n_stray} part(s) of the answer carry no code" if answer.n_stray else ""
    foreign = f"{n_foreign} part(s) of the answer name no number of this request" if n_foreign else ""
    return _detail(stray, foreign) or ""


def _detail(*parts: str) -> str | None:
    return "; ".join(part for part in parts if part) or None


def _masked(text: str) -> str:
    """Text of others, short and without whole numbers."""
    return re.sub(r"\d{3,}(?=\d{4})", "****", text[:200])
