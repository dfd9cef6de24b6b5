"""The sandbox itself: what it answers, which DLRs follow, what is counted. Without I/O, without a clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from rmanalytics.simulator import draws, fate, faults, magic, operators, pages, protocol, requests
from rmanalytics.simulator.callback import AcceptedMessage
from rmanalytics.simulator.fate import Fate, PlannedDlr
from rmanalytics.simulator.faults import Hit, SimulatedFault
from rmanalytics.simulator.profile import Chooser, Profile
from rmanalytics.simulator.protocol import Account, Ask, Received, Reply, SandboxEndpoint, SandboxEntry

Scrub = Callable[[Received], str | None]
"""A DLT scrubber: returns the error code it stops a message with, or None."""

PLENTY = 1_000_000
"""Credits shown when none are counted."""

_PAGES = {
    SimulatedFault.HTTP_500: Reply(body=b"simulated: internal server error", status=500),
    SimulatedFault.HTML: Reply(
        body=b"<html><body><h1>Simulated: under maintenance</h1></body></html>", content_type="text/html"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a sandbox behaves: the same manners and the same messages give the same outcomes."""

    profile: Profile
    account: Account = protocol.ANYBODY
    seed: int = 1
    shares: Mapping[SimulatedFault, float] = field(default_factory=dict)
    magic_prefix: str | None = magic.PREFIX
    post_share: float = 0.0
    credits: int | None = None
    scrub: Scrub | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What a request brings about: an answer (None: the connection closes) and DLRs, some before it."""

    answer: Reply | None
    delay_s: float = 0.0
    hangs: bool = False
    first: tuple[tuple[AcceptedMessage, PlannedDlr], ...] = ()
    later: tuple[tuple[AcceptedMessage, PlannedDlr], ...] = ()


class _Taken:
    """What happened to the entries of one request."""

    def __init__(self) -> None:
        self.entries: list[SandboxEntry] = []
        self.first: list[tuple[AcceptedMessage, PlannedDlr]] = []
        self.later: list[tuple[AcceptedMessage, PlannedDlr]] = []

    def reaction(self, answer: Reply | None, delay_s: float = 0.0, hangs: bool = False) -> Reaction:
        return Reaction(
            answer=answer, delay_s=delay_s, hangs=hangs, first=tuple(self.first), later=tuple(self.later)
        )


class Sandbox:
    """One account on the simulated gateway."""

    def __init__(self, manners: Manners) -> None:
        self.manners = manners
        self.codes: Counter[str] = Counter()
        self.faults: Counter[SimulatedFault] = Counter()
        self.n_requests = 0
        self._chooser = Chooser(manners.profile)
        self._credits = manners.credits
        self._n_taken: Counter[bytes] = Counter()
        self._n_tries: Counter[bytes] = Counter()

    @property
    def credits_left(self) -> int:
        """Credits left; a fixed number when they are not counted."""
        return PLENTY if self._credits is None else self._credits

    def credit(self, query: str, body: bytes) -> Reply:
        """Return the answer of the credit check."""
        return requests.credit(query, body, self.manners.account, self.credits_left)

    def react(
        self, endpoint: SandboxEndpoint, query: str, content_type: str, body: bytes, now: float
    ) -> Reaction:
        """Return what a request brings about; `now` is the Unix time of submission."""
        self.n_requests += 1
        blows = self._on_arrival(query, body)
        if SimulatedFault.HTTPS_ONLY in blows:
            return Reaction(answer=pages.to_https(endpoint))
        is_exact = SimulatedFault.CONTENT_TYPE in blows
        ask = requests.read(endpoint, query, content_type, body, self.manners.account, is_exact=is_exact)
        hit = self._hit(ask)
        if hit is not None:
            self.faults[hit.fault] += 1
            return self._befall(ask, hit, now)
        taken = self._take(ask, now)
        return taken.reaction(protocol.answer(ask, taken.entries), self._answer_delay(ask))

    def _on_arrival(self, query: str, body: bytes) -> frozenset[SimulatedFault]:
        """Return the faults of this request that need its bytes only; without any, it is not hashed."""
        if not self.manners.shares.keys() & set(faults.ON_ARRIVAL):
            return frozenset()
        blows = faults.on_arrival(self.manners.shares, draws.key(self.manners.seed, query, body.hex()))
        self.faults.update(blows)
        return blows

    def _hit(self, ask: Ask) -> Hit | None:
        """Return the fault of this request, chosen by a magic number in it or by chance."""
        shares, prefix = self.manners.shares, self.manners.magic_prefix
        all_received = [entry.received for entry in ask.entries if entry.received]
        if not all_received:
            return None
        rows = (
            [magic.of_number(received.msisdn, prefix) for received in all_received]
            if prefix is not None
            else []
        )
        row = next((row for row in rows if row and row.hit), None)
        if row is None and not shares.keys() & set(faults.OF_REQUESTS):
            return None
        key = self._key(all_received[0])
        n_before = self._n_tries[key]
        self._n_tries[key] += 1
        if row is not None:
            return row.hit if n_before < row.n_times else None
        return faults.of_request(shares, key, n_before)

    def _befall(self, ask: Ask, hit: Hit, now: float) -> Reaction:
        if hit.fault is SimulatedFault.CREDIT:
            taken = self._take(ask, now, int(hit.u * len(ask.entries)))
            return taken.reaction(protocol.answer(ask, taken.entries))
        taken = self._take(ask, now) if hit.is_taken else _Taken()
        if hit.fault is SimulatedFault.DROP:
            return taken.reaction(None)
        if hit.fault in _PAGES:
            return taken.reaction(_PAGES[hit.fault])
        if hit.fault is SimulatedFault.HANG and hit.is_taken:
            return taken.reaction(protocol.answer(ask, taken.entries), hangs=True)
        code = protocol.USER_VALIDATION if hit.fault is SimulatedFault.USER_VALIDATION else protocol.TIMEOUT
        self.codes[code] += 1
        answer = protocol.answer(replace(ask, code=code), ())
        return taken.reaction(answer, hangs=hit.fault is SimulatedFault.HANG)

    def _take(self, ask: Ask, now: float, credit_until: int | None = None) -> _Taken:
        """Take the entries in until one stops the request; `credit_until` is where credit runs out."""
        taken = _Taken()
        if ask.code:
            self.codes[ask.code] += 1
        for n, entry in enumerate(ask.entries):
            done = self._enter(entry, now, taken, has_credit=n != credit_until)
            self.codes[done.code] += 1
            taken.entries.append(done)
            if done.code == protocol.CREDIT:
                break
        return taken

    def _enter(self, entry: SandboxEntry, now: float, taken: _Taken, *, has_credit: bool) -> SandboxEntry:
        """Return the entry as answered, its DLRs put to those of the request."""
        received = entry.received
        if received is None:
            return entry
        plain_key = self._key(received)
        key = _nth(plain_key, self._n_taken[plain_key])
        row = magic.of_number(received.msisdn, self.manners.magic_prefix)
        operator, mcc_mnc = operators.of_number(received.msisdn, self.manners.seed)
        doom = row.fate if row else self._fate(received, key, operator.name)
        code = doom.refused or (None if has_credit and self._pay(received) else protocol.CREDIT)
        if code:
            return replace(entry, code=code)
        self._n_taken[plain_key] += 1
        blows = faults.of_message(self.manners.shares, key)
        blows = blows - faults.OUTCOMES | row.faults if row else blows
        self.faults.update(blows)
        message_id = draws.uuid(key, "message id")
        if received.wants_dlr and SimulatedFault.UNREGISTERED not in blows:
            sent = AcceptedMessage(
                received=received,
                message_id=fate.reported_id(message_id, blows, key),
                mcc_mnc=mcc_mnc,
                submitted_at=now,
                is_post=draws.chance(key, "method") < self.manners.post_share,
                faults=blows,
            )
            doom = fate.spoil(doom, blows, key)
            (taken.first if doom.is_first else taken.later).extend((sent, report) for report in doom.reports)
        return replace(entry, gateway_message_id=message_id)

    def _fate(self, received: Received, key: bytes, operator: str) -> Fate:
        code = self.manners.scrub(received) if self.manners.scrub else None
        if code:
            return fate.scrubbed(code)
        u = draws.uniforms(key, "fate")
        outcome = self._chooser.pick(u[0], operator)
        return fate.by_outcome(outcome, u, self.manners.profile.queued_first)

    def _pay(self, received: Received) -> bool:
        if self._credits is None:
            return True
        if self._credits < received.n_segments:
            return False
        self._credits -= received.n_segments
        return True

    def _key(self, received: Received) -> bytes:
        return draws.key(self.manners.seed, received.msisdn, received.text, received.client_message_id)

    def _answer_delay(self, ask: Ask) -> float:
        median = self.manners.profile.answer_median_s
        received = ask.entries[0].received if median and ask.entries else None
        if received is None:
            return 0.0
        return draws.lognormal(draws.chance(self._key(received), "answer"), median, 0.5)


def _nth(key: bytes, n_before: int) -> bytes:
    """Return the key of a message when `n_before` equal ones were accepted before it."""
    return draws.key(n_before, key.hex()) if n_before else key
