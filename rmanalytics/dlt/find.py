"""Which of many templates a text fits, and which it comes nearest to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from rmanalytics.dlt.engine.explain import Explanation, mismatch
from rmanalytics.dlt.engine.folding import fold
from rmanalytics.dlt.engine.matcher import Matcher, matcher
from rmanalytics.dlt.policy import Policy, Spaces
from rmanalytics.dlt.prefilter import keys
from rmanalytics.dlt.template import Template

MOST_COMMON = 0.25
"""Words in more than this share of the templates tell none of them apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The templates that fit a text; when none does, the nearest, with what keeps the text from fitting."""

    fits: tuple[Template, ...]
    nearest: tuple[Explanation, ...] = ()


class Index:
    """Templates by what few of them and every text that fits them have.

    >>> index = Index([Template(template_id="1", content="Your OTP is {#numeric#}. Keep it secret")], Policy())
    >>> [template.template_id for template in index.fits("Your OTP is 4821. Keep it secret")]
    ['1']
    """

    def __init__(self, templates: Iterable[Template], policy: Policy) -> None:
        self.policy = policy
        self._is_literal = policy.is_literal
        self.templates = tuple(templates)
        self.matchers = [matcher(template, policy) for template in self.templates]
        self._keys = keys([_sure_text(rules) for rules in self.matchers])
        self._tests: dict[int, Callable[[str], object]] = {}
        self._postings, self._weights, self._totals = _postings(self.matchers)

    def fits(self, text: str) -> tuple[Template, ...]:
        """Return every template that the text fits, in the order given."""
        return tuple([self.templates[number] for number in self._fitting(text)])

    def first(self, text: str, other_than: str | None = None) -> str | None:
        """Return the id of a template that the text fits, None of none."""
        ids = (self.templates[number].template_id for number in self._fitting(text))
        return next((template_id for template_id in ids if template_id != other_than), None)

    def nearest(self, text: str, n: int = 3) -> tuple[Explanation, ...]:
        """Return the explanations against up to n templates that share most with the text, least edit first."""
        numbers = self._likely(text, n)
        found = [mismatch(text, self.matchers[number]) for number in numbers]
        return tuple(sorted(found, key=lambda explanation: explanation.cost))

    def find(self, text: str, n: int = 3) -> Found:
        """Return the templates that fit, or else the nearest n."""
        fits = self.fits(text)
        return Found(fits=fits, nearest=() if fits else self.nearest(text, n))

    def _fitting(self, text: str) -> list[int]:
        likely = self._keys.likely(text if self._is_literal else _seen(text, self.policy))
        return [number for number in likely if (self._tests.get(number) or self._test(number))(text)]

    def _test(self, number: int) -> Callable[[str], object]:
        """Return the quickest exact test of a template, made when it is first needed."""
        rules = self.matchers[number]
        self._tests[number] = rules.patterns.accept if rules.patterns.is_exact else rules.fits
        return self._tests[number]

    def _likely(self, text: str, n: int) -> list[int]:
        """Return the numbers of the templates that share the most telling words with the text."""
        words = [word for word in set(_seen(text, self.policy).split(" ")) if word in self._postings]
        if not words:
            return list(range(min(n, len(self.matchers))))
        numbers = np.concatenate([self._postings[word] for word in words])
        weights = np.repeat(
            [self._weights[word] for word in words], [len(self._postings[word]) for word in words]
        )
        shared = np.bincount(numbers, weights, len(self.matchers))
        score = shared * shared / self._totals
        best = np.argpartition(-score, min(n, len(score) - 1))[:n]
        return [int(number) for number in best if score[number] >= score.max() / 2]


def _seen(text: str, policy: Policy) -> str:
    """Return the text as the policy sees it; where it sees no spaces, there is one word."""
    if policy.is_literal:
        return text
    seen = fold(text, policy)[0]
    # What is ignored may have been between two spaces, which then are one.
    return re.sub(" {2,}", " ", seen) if policy.spaces is Spaces.COLLAPSE else seen


def _sure_text(rules: Matcher) -> list[str] | None:
    """Return the fixed texts as the policy sees them, None where it leaves their words or edges open."""
    if rules.policy.unicode_forms or rules.policy.trim:
        return None
    return [_seen(literal.text, rules.policy) for literal in rules.literals]


def _postings(
    matchers: Sequence[Matcher],
) -> tuple[dict[str, NDArray[np.int64]], dict[str, float], NDArray[np.float64]]:
    """Return the templates of each telling word, its weight, and the weight of all words of each template."""
    found: dict[str, list[int]] = {}
    for number, rules in enumerate(matchers):
        seen = (_seen(literal.text, rules.policy) for literal in rules.literals)
        for word in {word for text in seen for word in text.split(" ") if word}:
            found.setdefault(word, []).append(number)
    most = max(1.0, MOST_COMMON * len(matchers))
    postings = {word: np.array(numbers) for word, numbers in found.items() if len(numbers) <= most}
    weights = {word: log(1 + len(matchers) / len(numbers)) for word, numbers in postings.items()}
    totals = np.full(len(matchers), 1e-9)
    for word, numbers in postings.items():
        totals[numbers] += weights[word]
    return postings, weights, totals
