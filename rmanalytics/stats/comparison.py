"""Is a group different from those that are alike, or is it chance and wobble? For many groups at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from rmanalytics.stats.dispersion import Wobble, critical, p_value
from rmanalytics.stats.intervals import Floats
from rmanalytics.stats.significance import z_score

ALPHA = 0.05
N_MIN = 10
"""Smaller groups are not judged: a handful of messages looks different all the time."""

Places = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison: k of n, young ones that may yet become either, and the effect of wobble."""

    k: float
    n: float
    young: float
    effect: float

    @property
    def ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """k and n where no young one gets the word, and where all do."""
        return (self.k, self.n + self.young), (self.k + self.young, self.n + self.young)

    def joined(self, young: float) -> Side:
        """This side with so many more young ones."""
        return Side(k=self.k, n=self.n, young=self.young + young, effect=self.effect)


def reference(k: Floats, n: Floats, n_squares: Floats, found: Wobble) -> Places:
    """Return which groups are alike: those left when the most different one is set aside, again and again.

    One bad campaign of eight does not make the seven others good ones: it is compared with them, and they with each
    other. A group is set aside when it differs from all that are left, at 5 % for all of them together (Bonferroni);
    two always stay, as neither of two is the right one.
    """
    kept = n > 0
    while kept.sum() > 2:
        off, dof = _off(k, n, n_squares, kept, found)
        far = np.where(kept & (off > critical(ALPHA / int(kept.sum()), dof)), off, -1)
        if far.max() < 0:
            break
        kept[int(far.argmax())] = False
    return kept


def _off(k: Floats, n: Floats, n_squares: Floats, kept: Places, found: Wobble) -> tuple[Floats, Floats]:
    """Return how far each group is from the others that are kept, in standard errors, and the degrees of freedom."""
    own = np.where(kept, n, 0)
    rest = np.maximum(own.sum() - own, 1)
    k_rest, squares = (np.where(kept, one, 0).sum() - np.where(kept, one, 0) for one in (k, n_squares))
    n_1, share = np.maximum(n, 1), (k + k_rest) / np.maximum(n + rest, 1)
    chance = share * (1 - share) * (1 / n_1 + 1 / rest)
    effect = (found.effect(n_1, n_squares) / n_1 + found.effect(rest, squares) / rest) / (1 / n_1 + 1 / rest)
    off = np.abs(k / n_1 - k_rest / rest) / np.sqrt(np.maximum(chance * effect, 1e-300))
    return np.where(chance > 0, off, 0.0), found.freedom(effect)


def difference(own: Side, rest: Side, found: Wobble, unplaced: float = 0.0) -> tuple[float, float, float]:
    """Return low and high end (95 %) and p-value of the difference of two rates, the young ones counted both ways.

    `unplaced` young ones may belong to either side. The interval is Newcombe's (1998, method 10), of counts and
    with a quantile that allow for wobble. Where both ways do not even agree which rate is the higher one, nothing
    is known: the p-value is 1.
    """
    ways = [(own.joined(unplaced), rest), (own, rest.joined(unplaced))][: 2 if unplaced else 1]
    n_1, n_2 = max(own.n, 1), max(rest.n, 1)
    effect = (own.effect / n_1 + rest.effect / n_2) / (1 / n_1 + 1 / n_2)
    dof = float(found.freedom(np.array(effect)))
    z = [z_score(*a.ends[i], *b.ends[1 - i]) / sqrt(effect) for a, b in ways for i in (0, 1)]
    p = float(p_value(min(map(abs, z)), dof)) if min(z) * max(z) > 0 else 1.0
    wide = float(critical(ALPHA, dof))
    low = min(_end(a, b, wide, 0) for a, b in ways)
    high = max(_end(a, b, wide, 1) for a, b in ways)
    return low, high, p


def _end(own: Side, rest: Side, z: float, which: int) -> float:
    """Return one end of the interval, of counts divided by the effect of wobble."""
    (k_1, n_1), (k_2, n_2) = own.ends[which], rest.ends[1 - which]
    a, b = own.effect, rest.effect
    return newcombe(k_1 / a, n_1 / a, k_2 / b, n_2 / b, z)[which]


def newcombe(
    k_1: float, n_1: float, k_2: float, n_2: float, z: float = 1.959963984540054
) -> tuple[float, float]:
    """Return the interval of k_1 / n_1 - k_2 / n_2 (Newcombe 1998, method 10); -1 to 1 where an n is 0.

    >>> [round(end, 4) for end in newcombe(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    if not n_1 or not n_2:
        return -1.0, 1.0
    p_1, p_2 = k_1 / n_1, k_2 / n_2
    (low_1, high_1), (low_2, high_2) = _wilson(p_1, n_1, z), _wilson(p_2, n_2, z)
    gap = p_1 - p_2
    return (
        gap - sqrt((p_1 - low_1) ** 2 + (high_2 - p_2) ** 2),
        gap + sqrt((high_1 - p_1) ** 2 + (p_2 - low_2) ** 2),
    )


def _wilson(p: float, n: float, z: float) -> tuple[float, float]:
    """Return Wilson's interval for any z; `metrics.wilson` has the one of 95 %."""
    centre = p + z * z / (2 * n)
    half = z * sqrt(max(p * (1 - p), 0.0) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)
