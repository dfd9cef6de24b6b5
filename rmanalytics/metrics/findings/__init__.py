"""What changed for the worse, against the 28 days before: counted once in the engine, tested on a small frame.

All tests of a page share one error rate: where nothing changed, at most one page in twenty has any finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rmanalytics.metrics.findings import kinds
from rmanalytics.metrics.findings.cube import Cube, Days
from rmanalytics.metrics.findings.kinds import Meaning, Search
from rmanalytics.metrics.findings.model import N_SHOWN, Findings, Worsening, WorseningKind
from rmanalytics.metrics.findings.scan import ALPHA, n_tests
from rmanalytics.stats.baseline import LEAST_DAYS

__all__ = ["N_SHOWN", "Cube", "Days", "Findings", "Worsening", "WorseningKind", "findings"]


def findings(cube: Cube, meaning: Meaning, template_codes: Iterable[str]) -> Findings:
    """Return what changed on the days of the cube, worst first: by messages lost, then by how sure it is."""
    codes = frozenset(template_codes)
    is_judged = cube.n_before >= LEAST_DAYS and cube.total("n") > 0
    tests = sum(n_tests(cube, watch) for watch in kinds.watches(cube, codes)) if is_judged else 0
    search = Search(cube=cube, alpha=ALPHA / max(tests, 1), meaning=meaning, template_codes=codes)
    found = sorted(_all(search), key=lambda one: (-one.n_lost, one.p)) if is_judged else []
    return Findings(
        first=cube.days.first,
        last=cube.days.last,
        n_before=cube.n_before,
        n_messages=cube.total("n"),
        n_young=cube.total("n_young"),
        n_tests=tests,
        found=found,
        is_judged=is_judged,
    )


def _all(search: Search) -> Iterator[Worsening]:
    """Yield the findings of all kinds; what one explains is not told again by a broader one."""
    yield from kinds.refusals(search)
    yield from kinds.lost_dlrs(search)
    broken = list(kinds.mismatches(search))
    yield from broken
    rest = replace(search, cube=search.cube.without(*(one.where for one in broken)))
    yield from _failing(rest)
    yield from kinds.queues(search)
    yield from kinds.slower(search)
    yield from kinds.costs(search)


def _failing(search: Search) -> Iterator[Worsening]:
    """Yield where fewer are delivered, and the codes that rose elsewhere.

    A drop whose code rose elsewhere too is a part of that: the code is told of as a whole, in place of the drop.
    """
    fallen = list(kinds.drops(search))
    risen = list(kinds.codes(_beside(search, fallen)))
    wider = {one.code for one in risen}
    if any(one.code in wider for one in fallen):
        fallen = [one for one in fallen if one.code not in wider]
        risen = list(kinds.codes(_beside(search, fallen)))
    yield from (*fallen, *risen)


def _beside(search: Search, told: Iterable[Worsening]) -> Search:
    """Return the search without the groups that are told of."""
    return replace(search, cube=search.cube.without(*(one.where for one in told)))
