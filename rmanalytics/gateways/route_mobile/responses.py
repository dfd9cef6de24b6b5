"""Submit responses: one per message of the request, whatever was answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rmanalytics.gateways.answers import claims, joined, quoted, said, unreadable
from rmanalytics.gateways.route_mobile.answers import Answer, Entry, read
from rmanalytics.gateways.route_mobile.codes import CREDIT_CODES
from rmanalytics.models import Consequence, Message, Result, SubmitResponse


def submit_responses(
    batch: Sequence[Message], content: bytes, http_status: int, clean: Callable[[str], str] = str
) -> list[SubmitResponse]:
    """Return one response per message, in order; `clean` takes secrets out of texts that are quoted.

    Accepted is only what an entry says so about; what an answer leaves open is unclear, never unsent.
    """
    answer = read(content, http_status)
    if not answer.entries:
        quote = quoted(content, clean)
        return [unreadable(message, http_status, quote) for message in batch]
    taken, n_foreign = _whole_request(batch, answer) or _assigned(batch, answer.entries)
    note = _note(answer, n_foreign)
    stop = next((i for i, entry in enumerate(taken) if entry and entry.meaning.aborts), len(batch))
    return [
        said(message, entry, http_status, clean, note)
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
    claim = claims(batch)
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


def _unsaid(message: Message, stop: Entry | None, http_status: int, note: str) -> SubmitResponse:
    """A message without an entry: unsent behind a code that stops the request, else unclear."""
    result, consequence, words = Result.UNCLEAR, Consequence.GO_ON, "the answer has no entry for this message"
    if stop is not None:
        words = f"the gateway stopped before this message: {stop.code} {stop.meaning.meaning}"
        if stop.meaning.result is Result.REFUSED:
            result = Result.UNSENT
            consequence = Consequence.STOP if stop.meaning.then is Consequence.STOP else Consequence.RETRY
    return SubmitResponse(
        message_id=message.message_id,
        result=result,
        code=stop.code if stop else None,
        detail=joined(words, note),
        http_status=http_status,
        consequence=consequence,
    )


def _note(answer: Answer, n_foreign: int) -> str:
    stray = f"{answer.n_stray} part(s) of the answer carry no code" if answer.n_stray else ""
    foreign = f"{n_foreign} part(s) of the answer name no number of this request" if n_foreign else ""
    return joined(stray, foreign) or ""
