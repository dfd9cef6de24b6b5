"""What answers of all gateways have in common: whose they are, and what one without a code means."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rmanalytics.gateways.contract import UNKNOWN_CODE, SubmitCode
from rmanalytics.models import Consequence, Message, Result, SubmitResponse

HTTP_GO_ON = frozenset({400, 413, 414, 422})
"""Statuses (without a code in the body) that may be about this request alone; other 4xx and 3xx hit all."""

_QUOTED_CHARS = 40
_READ_CHARS = 4096
_HTML = re.compile(r"<(!doctype|html|head|body|h1|!--)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")

_NATIONAL_DIGITS = range(7, 11)
"""Lengths of a number echoed without its country code; longer ones are compared by their last 10 digits."""


def claims(batch: Sequence[Message]) -> Callable[[str], int | None]:
    """Return a function that gives the place of a number's next message that no entry has claimed yet."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEntry:
    """One code of an answer; `number` (digits), `gateway_message_id` and `text` are empty when not given."""

    codes: ClassVar[Mapping[str, SubmitCode]] = {}

    code: str
    number: str = ""
    gateway_message_id: str = ""
    text: str = ""

    @property
    def meaning(self) -> SubmitCode:
        """What the code means; codes never seen are refusals."""
        return self.codes.get(self.code, UNKNOWN_CODE)

    @property
    def is_accepted(self) -> bool:
        """Whether the gateway took the message."""
        return self.meaning.result is Result.ACCEPTED


def said(
    message: Message, entry: AnswerEntry, http_status: int, clean: Callable[[str], str], note: str = ""
) -> SubmitResponse:
    """Return what an entry says of a message; `clean` takes secrets out of the text that is quoted."""
    meaning, quote = entry.meaning, masked(clean(entry.text))
    words = "" if entry.is_accepted else f"{meaning.meaning}: {quote}" if quote else meaning.meaning
    return SubmitResponse(
        message_id=message.message_id,
        result=meaning.result,
        code=entry.code,
        gateway_message_id=(entry.gateway_message_id or None) if entry.is_accepted else None,
        detail=joined(words, note),
        http_status=http_status,
        consequence=meaning.then,
    )


def unreadable(message: Message, http_status: int, note: str = "") -> SubmitResponse:
    """Return what an answer without a code means for a message: only its HTTP status counts."""
    result, consequence = _by_http_status(http_status)
    return SubmitResponse(
        message_id=message.message_id,
        result=result,
        detail=joined(f"HTTP {http_status} without a code", note),
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


def quoted(content: bytes, clean: Callable[[str], str]) -> str:
    """Return what came instead of a code: the title of a page, else its first words; empty for an empty answer.

    >>> quoted(b"<html><title>Sign in</title><body>Password", str), quoted(b"Bad Gateway", str)
    ("an HTML page instead of a code ('Sign in')", "instead of a code 'Bad Gateway'")
    """
    text = content[:_READ_CHARS].decode("utf-8-sig", "replace").strip()
    title = _TITLE.search(text)
    words = masked(clean(" ".join(_TAG.sub(" ", title[1] if title else text).split())))[
        :_QUOTED_CHARS
    ].strip()
    if _HTML.match(text):
        return "an HTML page instead of a code" + (f" ('{words}')" if words else "")
    return f"instead of a code '{words}'" if words else ""


def joined(*parts: str) -> str | None:
    """Return the parts that say something, None where none does."""
    return "; ".join(part for part in parts if part) or None


def masked(text: str) -> str:
    """Return a text of others, short and without whole numbers."""
    return re.sub(r"\d{3,}(?=\d{4})", "****", text[:200])
