"""Handing messages over: bounded concurrency, an exact rate, each attempt journaled before and after."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
import httpx

from rmanalytics import gateways, journal
from rmanalytics.config import Settings
from rmanalytics.errors import GatewayUnavailable, GatewayUnclear
from rmanalytics.models import Consequence, Message, Result, SubmitResponse
from rmanalytics.provider.gateway import CLEVERTAP_RULE
from rmanalytics.send.pace import Pace
from rmanalytics.send.tally import Tally
from rmanalytics.support import http as transport
from rmanalytics.support.escape import visible

ANSWER_CHARS = 64 << 10
"""Of a gateway's answer no more goes into the journal."""

UNCLEAR_IN_A_ROW = 50
"""Requests without a clear answer, one after the other, that stop the send: each makes messages unclear."""

_MOST_OF_PLACE = 200

INTERRUPTED = "interrupted: run the same command again to send the rest"


class SubmitTranslator(Protocol):
    """What submitting needs of a gateway; whoever builds requests another way fits in here."""

    def submit_request(self, batch: Sequence[Message]) -> httpx.Request:
        """Return the request that hands the batch over."""

    def submit_responses(self, batch: Sequence[Message], response: httpx.Response) -> list[SubmitResponse]:
        """Return one response per message of the batch, in its order, whatever the gateway answered."""

    def redact(self, text: str) -> str:
        """Return the text without secrets."""


Authorise = Callable[[aiohttp.ClientSession], Awaitable[None]]
"""Fetches what a request needs to log in, before it is built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    responses: list[SubmitResponse]
    http_status: int | None = None
    text: str | None = None


class Submission:
    """One run: workers draw from the same batches until there are none or something says stop."""

    def __init__(
        self,
        translator: SubmitTranslator,
        settings: Settings,
        commit: journal.GroupCommit,
        pace: Pace,
        tally: Tally,
        authorise: Authorise | None = None,
    ) -> None:
        self._authorise = authorise
        self._translator = translator
        self._settings = settings
        self._commit = commit
        self._pace = pace
        self._tally = tally
        self._sleepers: set[asyncio.Future[None]] = set()
        self._n_unclear_in_a_row = 0
        self.stopped: str | None = None

    async def run(self, batches: Iterator[Sequence[Message]], http: aiohttp.ClientSession) -> None:
        """Hand all batches over; whatever happens, requests in flight are waited for and journaled.

        Raises JournalError when the journal cannot be written, ConfigError when a request cannot be built.
        """
        n_workers = self._settings.send_concurrency
        workers = [asyncio.create_task(self._work(batches, http)) for _ in range(n_workers)]
        with _signals(self, workers):
            ended = await asyncio.gather(*workers, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    def stop(self, reason: str) -> None:
        """Begin no further request; the first reason is kept."""
        self.stopped = self.stopped or reason
        self._tally.is_stopping = True
        for sleeper in self._sleepers:
            _wake(sleeper)
        self._tally.watch(self._tally)

    async def _work(self, batches: Iterator[Sequence[Message]], http: aiohttp.ClientSession) -> None:
        try:
            while not self.stopped and (batch := next(batches, None)):
                await self._hand_over(batch, http)
        except Exception as error:
            self.stop(str(error))
            raise

    async def _hand_over(self, batch: Sequence[Message], http: aiohttp.ClientSession) -> None:
        """Try a batch until each message has its word, no further try is left, or the run stops."""
        n_tries, n_accepted = 0, self._tally.by_result[Result.ACCEPTED]
        while batch:
            await self._wait(self._pace.take(len(batch)))
            if self.stopped:
                return
            is_last = n_tries == self._settings.send_retries
            responses = await self._attempt(batch, http, is_last=is_last)
            again = [] if is_last else [m for m, said in zip(batch, responses, strict=True) if _is_open(said)]
            self._settle([said for said in responses if is_last or not _is_open(said)])
            if is_last and self._tally.by_result[Result.ACCEPTED] == n_accepted:
                self._give_up(responses)
            if len(again) == len(batch):
                await self._wait(self._settings.send_retry_s * 2**n_tries)
                n_tries += 1
            batch = again

    async def _attempt(
        self, batch: Sequence[Message], http: aiohttp.ClientSession, *, is_last: bool
    ) -> list[SubmitResponse]:
        """Return the result of one request; its lines are in the journal before it leaves and after it.

        Without its login there is no request, and nothing to journal.
        """
        try:
            if self._authorise:
                await self._authorise(http)
        except GatewayUnavailable as error:
            return _all(batch, Result.UNSENT, str(error), Consequence.RETRY)
        request = self._translator.submit_request(batch)
        attempt_id = secrets.token_hex(16)
        await self._commit.commit(journal.records.attempt(attempt_id, batch, attempted_at=datetime.now(UTC)))
        self._tally.n_requests += 1
        self._tally.n_under_way += len(batch)
        answer = await self._exchange(batch, request, http)
        await self._commit.commit(_line(attempt_id, answer, is_last=is_last))
        self._tally.n_under_way -= len(batch)
        return answer.responses

    async def _exchange(
        self, batch: Sequence[Message], request: httpx.Request, http: aiohttp.ClientSession
    ) -> _Answer:
        try:
            response = await transport.exchange(http, request, self._settings.send_timeout_s)
        except GatewayUnavailable as error:
            return _Answer(responses=_all(batch, Result.UNSENT, str(error), Consequence.RETRY))
        except GatewayUnclear as error:
            return _Answer(responses=_all(batch, Result.UNCLEAR, str(error), Consequence.GO_ON))
        text = self._translator.redact(response.content.decode(errors="replace"))
        responses = self._translator.submit_responses(batch, response)
        if response.has_redirect_location:
            place = self._translator.redact(_place(request, response))
            responses = [said if said.code else _redirected(said, place) for said in responses]
        return _Answer(responses=responses, http_status=response.status_code, text=text[:ANSWER_CHARS])

    def _settle(self, responses: Sequence[SubmitResponse]) -> None:
        """Count the last words about messages, and stop where one of them says so."""
        self._tally.add(responses)
        if stop := next((said for said in responses if said.consequence is Consequence.STOP), None):
            self.stop(f"the gateway answered {_said(stop)}: {self._fix(stop)}")
        if responses and all(said.result is Result.UNCLEAR for said in responses):
            self._n_unclear_in_a_row += 1
        elif responses:
            self._n_unclear_in_a_row = 0
        if self._n_unclear_in_a_row >= UNCLEAR_IN_A_ROW:
            self.stop(
                f"{UNCLEAR_IN_A_ROW} requests in a row got no clear answer; the last one: {_said(responses[-1])}"
            )

    def _give_up(self, responses: Sequence[SubmitResponse]) -> None:
        """Stop when the last attempt failed and no other request succeeded meanwhile."""
        if failed := next(filter(_is_open, responses), None):
            n_tries = self._settings.send_retries + 1
            self.stop(f"given up after {n_tries} tries: {_said(failed)}: {self._fix(failed)}")

    def _fix(self, failed: SubmitResponse) -> str:
        if failed.result is not Result.UNSENT:
            return f"{self._own_fix(failed)}, then {_AGAIN}"
        if failed.http_status is None and self._settings.gateway == "simulator":
            return "start `rmanalytics simulate`, then run the same command again"
        return "run the same command again later"

    def _own_fix(self, failed: SubmitResponse) -> str:
        """What the gateway's table of codes says to do."""
        spoken = gateways.profile(self._settings.gateway)
        cause = spoken.cause(failed.result, failed.code, failed.http_status)
        is_from_file = CLEVERTAP_RULE in (failed.detail or "")
        return (cause and spoken.fix(failed.code, cause, is_from_file=is_from_file)) or "fix that"

    async def _wait(self, delay_s: float) -> None:
        """Wait, but no longer once the run stops; a future costs a third of what `asyncio.wait_for` does."""
        if delay_s <= 0 or self.stopped:
            return
        loop = asyncio.get_running_loop()
        sleeper = loop.create_future()
        self._sleepers.add(sleeper)
        alarm = loop.call_later(delay_s, _wake, sleeper)
        try:
            await sleeper
        finally:
            alarm.cancel()
            self._sleepers.discard(sleeper)


_AGAIN = "run the same command again (refused messages need --retry-refused)"


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)


def _line(attempt_id: str, answer: _Answer, *, is_last: bool) -> bytes:
    """Return the answer's line; a message that is tried again is unsent until then."""
    said = answer.responses
    return journal.records.answer(
        attempt_id,
        said if is_last else [replace(one, result=Result.UNSENT) if _is_open(one) else one for one in said],
        answered_at=datetime.now(UTC),
        http_status=answer.http_status,
        text=answer.text,
    )


def _place(request: httpx.Request, response: httpx.Response) -> str:
    """Return scheme, host and path that a redirect names; no more, for its query may hold the account."""
    try:
        to = urlsplit(urljoin(str(request.url), response.headers["location"]))
        place = visible(f"{to.scheme}://{to.hostname or ''}{to.path}")[:_MOST_OF_PLACE]
        asked = request.url.scheme, request.url.host, request.url.path
        return place + transport.IN_HTTPS * (asked == ("http", to.hostname, to.path) and to.scheme == "https")
    except ValueError:
        return "an invalid URL"


def _redirected(said: SubmitResponse, place: str) -> SubmitResponse:
    return replace(said, detail=", ".join(filter(None, (said.detail, f"{transport.REDIRECT}{place}"))))


def _is_open(said: SubmitResponse) -> bool:
    return said.consequence is Consequence.RETRY


def _all(batch: Sequence[Message], result: Result, detail: str, then: Consequence) -> list[SubmitResponse]:
    return [
        SubmitResponse(message_id=message.message_id, result=result, detail=detail, consequence=then)
        for message in batch
    ]


def _said(response: SubmitResponse) -> str:
    return " ".join(filter(None, (response.code, response.detail)))


@contextmanager
def _signals(submission: Submission, workers: Sequence[asyncio.Task[None]]) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM stop the run and a second one abort the requests in flight."""
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if submission.stopped:
            for worker in workers:
                worker.cancel()
        submission.stop(INTERRUPTED)

    handled = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
            loop.add_signal_handler(number, on_signal)
            handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
