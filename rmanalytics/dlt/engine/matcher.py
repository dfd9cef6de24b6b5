"""Whether a text fits a template: sets of positions, so that no text takes more than linear time per slot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rmanalytics.dlt.engine import fixed_text, positions, slots
from rmanalytics.dlt.engine.fixed_text import LiteralRule
from rmanalytics.dlt.engine.patterns import Patterns, patterns
from rmanalytics.dlt.engine.skeleton import LONGEST_TEXT, Skeleton
from rmanalytics.dlt.engine.slots import GapRule
from rmanalytics.dlt.engine.text import NEWLINE, SPACE, Text
from rmanalytics.dlt.policy import Counted, Policy, Pooling
from rmanalytics.dlt.tags import letters_and_digits

NO_LIMIT = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """A template under a policy, ready to be matched against many texts."""

    template: Skeleton
    policy: Policy
    literals: tuple[LiteralRule, ...]
    gaps: tuple[GapRule, ...]
    patterns: Patterns = field(compare=False)
    allowance: int | None = None
    longest: int = NO_LIMIT

    def fits(self, text: str) -> bool:
        """Return whether the text is the template with every slot filled as the policy allows.

        >>> matcher(Skeleton(template_id="1", content="OTP {#numeric#}."), Policy()).fits("OTP 4821.")
        True
        """
        if self.patterns.accept(text):
            return True
        if self.patterns.is_exact or len(text) > min(self.longest, LONGEST_TEXT):
            return False
        if not self.patterns.may_fit(text):
            return False
        return self.walk_fits(text)

    def walk_fits(self, text: str) -> bool:
        """Return the same as `fits`, by position sets alone."""
        spread = Text(text)
        reached = forward(self, spread)[-1]
        return bool(reached & self.final(spread)) and self._within_allowance(text)

    def initial(self, text: Text) -> int:
        """Return where the message may begin: at 0, or behind white space that the policy trims."""
        return 1 if not self.policy.trim else positions.ones(0, text.n - len(text.text.lstrip()) + 1)

    def final(self, text: Text) -> int:
        """Return where the message may end."""
        return 1 << text.n if not self.policy.trim else positions.ones(len(text.text.rstrip()), text.n + 1)

    def _within_allowance(self, text: str) -> bool:
        return self.allowance is None or counted(text, self.policy) <= self.allowance


@lru_cache(maxsize=20_000)
def matcher(template: Skeleton, policy: Policy) -> Matcher:
    """Return the matcher of a template under a policy."""
    rules = tuple(fixed_text.rule(literal.text, policy) for literal in template.literals)
    slot_rules = tuple(slots.rule(gap, policy) for gap in template.gaps)
    return Matcher(
        template=template,
        policy=policy,
        literals=rules,
        gaps=slot_rules,
        patterns=patterns(template, slot_rules, policy),
        allowance=_allowance(template, policy),
        longest=_longest(template, slot_rules, policy),
    )


def forward(rules: Matcher, text: Text) -> list[int]:
    """Return the positions reachable before literal 0, behind it, before literal 1, …, behind the last."""
    reached = [rules.initial(text)]
    for number, literal in enumerate(rules.literals):
        if number:
            reached.append(slots.ends(rules.gaps[number - 1], text, reached[-1]) if reached[-1] else 0)
        reached.append(fixed_text.ends(literal, text, reached[-1]) if reached[-1] else 0)
    return reached


def backward(rules: Matcher, text: Text) -> list[int]:
    """Return, in the order of `forward`, from where the rest of the text fits the rest."""
    reached = [rules.final(text)]
    for number in range(len(rules.literals) - 1, -1, -1):
        reached.append(fixed_text.starts(rules.literals[number], text, reached[-1]) if reached[-1] else 0)
        if number:
            reached.append(slots.starts(rules.gaps[number - 1], text, reached[-1]) if reached[-1] else 0)
    return reached[::-1]


def boundaries(rules: Matcher, text: Text, rest: Sequence[int]) -> list[int]:
    """Return the leftmost position of each boundary in a text that fits; `rest` is what `backward` gave."""
    at = [positions.first(rules.initial(text) & rest[0])]
    for number, literal in enumerate(rules.literals):
        if number:
            at.append(
                positions.first(slots.ends(rules.gaps[number - 1], text, 1 << at[-1]) & rest[2 * number])
            )
        at.append(positions.first(fixed_text.ends(literal, text, 1 << at[-1]) & rest[2 * number + 1]))
    return at


def values(rules: Matcher, text: str) -> tuple[str, ...] | None:
    """Return what fills each gap, the first values as short as they can be; None when the text does not fit.

    >>> greeting = Skeleton(template_id="1", content="Hi {#var#}, pay {#var#}")
    >>> values(matcher(greeting, Policy()), "Hi Ravi, pay 5")
    ('Ravi', '5')
    """
    if not rules.fits(text):
        return None
    spread = Text(text)
    at = boundaries(rules, spread, backward(rules, spread))
    return tuple(text[at[i] : at[i + 1]] for i in range(1, len(at) - 1, 2))


def counted(text: str, policy: Policy) -> int:
    """Return how many characters of the text count toward an allowance under the policy."""
    return sum(1 for _ in _counted(text, policy))


def _counted(text: str, policy: Policy) -> Iterator[str]:
    spread = Text(text)
    skipped = slots.ignored_class(policy)
    left_out = spread.inside(skipped) if skipped else 0
    if policy.trim:
        left_out |= spread.inside(SPACE + NEWLINE)
    if policy.counted is Counted.LETTERS_AND_DIGITS:
        left_out |= ~spread.inside(letters_and_digits())
    return (character for position, character in enumerate(text) if not left_out >> position & 1)


def _longest(template: Skeleton, gaps: Sequence[GapRule], policy: Policy) -> int:
    """Return how long a text that fits can be, where the policy makes that plain."""
    limits = [NO_LIMIT if slot.most is None or slot.counts_letters else slot.most for slot in gaps]
    return (
        sum(limits) + sum(len(literal.text) for literal in template.literals)
        if policy.is_literal
        else NO_LIMIT
    )


def _allowance(template: Skeleton, policy: Policy) -> int | None:
    limits = [policy.limit(gap.tag) for gap in template.gaps]
    if policy.pooling is not Pooling.TEMPLATE or None in limits:
        return None
    fixed = sum(counted(literal.text, policy) for literal in template.literals)
    return fixed + sum((limit or 0) * gap.n_slots for limit, gap in zip(limits, template.gaps, strict=True))
