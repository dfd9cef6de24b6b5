"""What changed for the worse, against the 28 days before: counted once in the engine, tested on a small frame.

All tests of a page share one error rate: where nothing changed, at most one page in twenty has any finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rmanalytics.metrics.findings import kinds
from rmanalytics.metrics.findings.cube import Cube, Days
from rmanalytics.metrics.findings.kinds import Look, Meaning
from rmanalytics.metrics.findings.model import N_SHOWN, Finding, Findings, Kind
from rmanalytics.metrics.findings.scan import ALPHA, n_tests
from rmanalytics.stats.baseline import LEAST_DAYS

__all__ = ["N_SHOWN", "Cube", "Days", "Finding", "Findings", "Kind", "findings"]


def findings(cube: Cube, meaning: Meaning, template_codes: Iterable[str]) -> Findings:
    """Return what changed on the days of the cube, worst first: by messages lost, then by how sure it is."""
    codes = frozenset(template_codes)
    is_judged = cube.n_before >= LEAST_DAYS and cube.total("n") > 0
    tests = sum(n_tests(cube, watch) for watch in kinds.watches(cube, codes)) if is_judged else 0
    look = Look(cube=cube, alpha=ALPHA / max(tests, 1), meaning=meaning, template_codes=codes)
    found = sorted(_all(look), key=lambda one: (-one.n_lost, one.p)) if is_judged else []
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


def _all(look: Look) -> Iterator[Finding]:
    """Yield the findings of all kinds; what one explains is not told again by a broader one."""
    yield from kinds.refusals(look)
    yield from kinds.lost_dlrs(look)
    broken = list(kinds.mismatches(look))
    yield from broken
    rest = replace(look, cube=look.cube.without(*(one.where for one in broken)))
    fallen = list(kinds.drops(rest))
    yield from fallen
    rest = replace(rest, cube=rest.cube.without(*(one.where for one in fallen)))
    yield from kinds.codes(rest)
    yield from kinds.queues(look)
    yield from kinds.slower(look)
    yield from kinds.costs(look)
