"""The kinds of findings: what each watches, and what it may be confused with. One function for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import exp

import numpy as np
import pandas as pd

from rmanalytics.metrics.failures import CodeMeaning
from rmanalytics.metrics.findings.cube import NOW, Cube
from rmanalytics.metrics.findings.model import Worsening, WorseningKind
from rmanalytics.metrics.findings.scan import Grouped, MeanWatch, ShareWatch, Watch, Weights, scan, since
from rmanalytics.models import ACCEPTED, FINAL, NOT_ACCEPTED, Party, State
from rmanalytics.stats.intervals import Floats

_GROUPS = ("campaign_id", "template_id", "header", "route", "operator")
_OWN = ("campaign_id", "template_id", "header", "route")
"""What is known of a message before any DLR."""

_N_CODES = 30
_SLOWER, _DEARER = 1.5, 1.05

Meaning = Callable[[str, str], CodeMeaning]
"""What a state's code means, and who can act on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked at, how strict a single test is, and what the codes mean."""

    cube: Cube
    alpha: float
    meaning: Meaning
    template_codes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A code, how many messages have it, and what it means."""

    code: str
    n: int
    meant: CodeMeaning | None

    def party_or(self, other: Party) -> Party:
        """Return who can act on it, another where that is not known."""
        return self.meant.party if self.meant and self.meant.party is not Party.UNTOLD else other


NO_CODE = Told(code="", n=0, meant=None)


def _in(rows: pd.DataFrame, *states: State) -> Floats:
    found: Floats = rows["state"].isin([state.value for state in states]).to_numpy().astype("float64")
    return found


def _share(rows: pd.DataFrame, own: Floats, base: Floats) -> Weights:
    n = rows["n"].to_numpy("float64")
    return {"n": n * base, "k": n * own}


def _refused(rows: pd.DataFrame) -> Weights:
    n = (rows["n"] + rows["n_young"]).to_numpy("float64")
    return {"n": n, "k": n * _in(rows, *NOT_ACCEPTED)}


def _silent(rows: pd.DataFrame) -> Weights:
    return _share(rows, _in(rows, State.NO_DLR), _in(rows, *ACCEPTED))


def _stuck(rows: pd.DataFrame) -> Weights:
    return _share(
        rows, _in(rows, State.QUEUED, State.UNKNOWN), _in(rows, *ACCEPTED) - _in(rows, State.NO_DLR)
    )


def _failed(rows: pd.DataFrame) -> Weights:
    return _share(rows, _in(rows, State.FAILED), _in(rows, *FINAL))


def _coded(codes: Iterable[str]) -> Callable[[pd.DataFrame], Weights]:
    wanted = list(codes)

    def weigh(rows: pd.DataFrame) -> Weights:
        has_it = plain(rows["code"]).isin(wanted).to_numpy("float64")
        return _share(rows, _in(rows, State.FAILED) * has_it, _in(rows, *FINAL))

    return weigh


def plain(codes: pd.Series) -> pd.Series:
    """Return codes without leading zeros."""
    stripped = codes.astype("str").str.lstrip("0")
    return stripped.where((stripped != "") | (codes == ""), "0")


def _timed(rows: pd.DataFrame) -> Weights:
    return {
        name: rows[column].to_numpy("float64")
        for name, column in (("n", "n_timed"), ("sum", "log_s"), ("squares", "log_s2"))
    }


def _paid(rows: pd.DataFrame) -> Weights:
    return {
        name: rows[column].to_numpy("float64")
        for name, column in (("n", "n_priced"), ("sum", "spent"), ("squares", "spent2"))
    }


REFUSED = ShareWatch(weigh=_refused, gates=_OWN)
SILENT = ShareWatch(weigh=_silent, gates=_OWN)
STUCK = ShareWatch(weigh=_stuck, gates=_GROUPS)
FAILED = ShareWatch(weigh=_failed, gates=("route", "operator", "campaign_id", "template_id", "header"))
TIMED = MeanWatch(weigh=_timed, gates=("operator", "campaign_id", "route"), least=_SLOWER, is_log=True)
PAID = MeanWatch(weigh=_paid, gates=("campaign_id", "route"), least=_DEARER)


def mismatch_watch(template_codes: Iterable[str]) -> ShareWatch:
    """Return the share that operators reject for the template."""
    return ShareWatch(weigh=_coded(template_codes), gates=("template_id",))


def code_watches(cube: Cube) -> dict[str, ShareWatch]:
    """Return the share of each code that is frequent enough today."""
    rows = cube.rows[(cube.rows["place"] == NOW) & (cube.rows["state"] == State.FAILED.value)]
    sizes = rows["n"].groupby(plain(rows["code"])).sum().sort_values(ascending=False).head(_N_CODES)
    named = [str(code) for code, n in sizes.items() if str(code) and n >= 5]
    return {code: ShareWatch(weigh=_coded([code]), gates=("route",), least=0.003) for code in named}


def watches(cube: Cube, template_codes: Iterable[str]) -> list[Watch]:
    """Return all that is tested on a page."""
    kinds: list[Watch] = [REFUSED, SILENT, mismatch_watch(template_codes), FAILED, STUCK, TIMED, PAID]
    return [*kinds, *code_watches(cube).values()]


def refusals(search: Search) -> Iterator[Worsening]:
    """Yield where more messages were refused, or could not be handed over."""
    for found in scan(search.cube, REFUSED, search.alpha):
        told = _told(search, found, NOT_ACCEPTED)
        yield _finding(search, REFUSED, found, WorseningKind.REFUSED, told, told.party_or(Party.ACCOUNT))


def lost_dlrs(search: Search) -> Iterator[Worsening]:
    """Yield where more messages are without any DLR, though others of their age have theirs."""
    for found in scan(search.cube, SILENT, search.alpha):
        yield _finding(search, SILENT, found, WorseningKind.LOST_DLRS, NO_CODE, Party.ACCOUNT)


def mismatches(search: Search) -> Iterator[Worsening]:
    """Yield the templates of which operators reject more messages than before."""
    watch = mismatch_watch(search.template_codes)
    for found in scan(search.cube, watch, search.alpha):
        yield _finding(
            search, watch, found, WorseningKind.MISMATCH, _told(search, found, (State.FAILED,)), Party.CONTENT
        )


def drops(search: Search) -> Iterator[Worsening]:
    """Yield where fewer messages are delivered; a whole route or header is about the way they take."""
    for found in scan(search.cube, FAILED, search.alpha):
        told = _told(search, found, (State.FAILED,))
        is_route = _is_route(found)
        explains = told.n >= 0.5 * FAILED.n_lost(found) and not is_route
        party = told.party_or(Party.OPERATOR) if explains else Party.OPERATOR
        yield _finding(
            search, FAILED, found, WorseningKind.ROUTE if is_route else WorseningKind.DROP, told, party
        )


def codes(search: Search) -> Iterator[Worsening]:
    """Yield the codes that failed more messages than before, or that never did."""
    for code, watch in code_watches(search.cube).items():
        for found in scan(search.cube, watch, search.alpha):
            meant = search.meaning(State.FAILED, code)
            told = Told(code=code, n=round(float(found.sums["k"][NOW])), meant=meant)
            yield _finding(search, watch, found, WorseningKind.CODE, told, told.party_or(Party.OPERATOR))


def queues(search: Search) -> Iterator[Worsening]:
    """Yield where more messages stay queued long after others of their age have left."""
    for found in scan(search.cube, STUCK, search.alpha):
        yield _finding(search, STUCK, found, WorseningKind.QUEUE, NO_CODE, Party.OPERATOR)


def slower(search: Search) -> Iterator[Worsening]:
    """Yield where delivery takes longer."""
    for found in scan(search.cube, TIMED, search.alpha):
        yield _finding(search, TIMED, found, WorseningKind.SLOWER, NO_CODE, Party.OPERATOR)


def costs(search: Search) -> Iterator[Worsening]:
    """Yield where a message costs more."""
    for found in scan(search.cube, PAID, search.alpha):
        yield _finding(search, PAID, found, WorseningKind.COST, NO_CODE, Party.ACCOUNT)


PAGES = {
    WorseningKind.REFUSED: "failure_analysis",
    WorseningKind.LOST_DLRS: "data_quality",
    WorseningKind.MISMATCH: "dlt_mismatches",
    WorseningKind.DROP: "failure_analysis",
    WorseningKind.ROUTE: "route_comparison",
    WorseningKind.CODE: "failure_analysis",
    WorseningKind.QUEUE: "queue_health",
    WorseningKind.SLOWER: "campaign_delivery",
    WorseningKind.COST: "route_comparison",
}
"""The notebook that shows it."""


def _is_route(found: Grouped) -> bool:
    return bool(found.where) and found.where.keys() <= {"route", "header"}


def _finding(
    search: Search, watch: Watch, found: Grouped, kind: WorseningKind, told: Told, party: Party
) -> Worsening:
    cube = search.cube
    change = found.change
    first, hours = since(cube, watch, found)
    ends = (change.low, change.high)
    levels = (change.now, change.before)
    if isinstance(watch, MeanWatch):
        ends = (watch.ratio(change.low, change.before), watch.ratio(change.high, change.before))
        levels = (exp(change.now), exp(change.before)) if watch.is_log else levels
    return Worsening(
        kind=kind,
        where=found.where,
        n_messages=round(float(found.sums["n"][NOW])),
        now=levels[0],
        before=levels[1],
        low=ends[0],
        high=ends[1],
        p=change.p,
        n_days=change.n_days,
        since=first,
        hours=hours,
        n_lost=watch.n_lost(found),
        money=_money(cube, watch, found, kind),
        code=told.code,
        n_code=told.n,
        meaning=told.meant.meaning if told.meant else "",
        party=party,
        page=PAGES[kind],
    )


def _money(cube: Cube, watch: Watch, found: Grouped, kind: WorseningKind) -> float | None:
    """Return what the lost messages cost, or how much more was paid."""
    rows = cube.of(found.where).rows
    now = rows[rows["place"] == NOW]
    n, paid = float(now["n_priced"].sum()), float(now["spent"].sum())
    if kind is WorseningKind.COST:
        return found.change.difference * n
    if (
        kind in (WorseningKind.REFUSED, WorseningKind.LOST_DLRS, WorseningKind.QUEUE, WorseningKind.SLOWER)
        or not n
        or not paid
    ):
        return None
    return watch.n_lost(found) * paid / n


def _told(search: Search, found: Grouped, states: Iterable[State]) -> Told:
    """Return the code that rose the most."""
    rows = search.cube.of(found.where).rows
    rows = rows[rows["state"].isin([state.value for state in states]) & (rows["code"] != "")]
    keys = [plain(rows["code"]), rows["state"], rows["place"] == NOW]
    counts = (
        rows["n"].groupby(keys).sum().unstack(fill_value=0).reindex(columns=[False, True], fill_value=0.0)
    )
    n_before = float(found.sums["n"][:NOW].sum())
    share = float(found.sums["n"][NOW]) / n_before if n_before else 0.0
    rose = counts[True] - share * counts[False]
    if rose.empty or rose.max() <= 0:
        return NO_CODE
    code, state = (str(one) for one in rose.index[int(np.argmax(rose.to_numpy()))])
    return Told(
        code=code,
        n=round(float(counts[True].to_numpy()[int(np.argmax(rose.to_numpy()))])),
        meant=search.meaning(state, code),
    )
