"""Why a text does not fit a template: the least edit, whatever slot assignment it takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from rmanalytics.dlt.engine import edits, forms, mistakes, positions, single_edits
from rmanalytics.dlt.engine.align import Aligner
from rmanalytics.dlt.engine.edits import Edit
from rmanalytics.dlt.engine.folding import Folded, folded
from rmanalytics.dlt.engine.matcher import Matcher, backward, forward, matcher
from rmanalytics.dlt.engine.mistakes import Mistake
from rmanalytics.dlt.engine.skeleton import MOST_CHARACTERS, Skeleton
from rmanalytics.dlt.engine.text import Text
from rmanalytics.dlt.policy import PRESETS, Policy
from rmanalytics.dlt.reasons import Reason

SHORTEST = 8
MOST_LOST = 0.6
"""When more than this share of the fixed text is lost, it is another text."""
MOST_WORK = 1_500_000
"""`Aligner.work` beyond which two texts are not aligned: some 20 ms, and no message of three parts comes near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A text against a template under a policy: what is wrong, in the order of the text."""

    template: Skeleton
    policy: Policy
    text: str
    faults: tuple[Mistake, ...]
    edits: tuple[Edit, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether there is nothing wrong."""
        return not self.faults

    @property
    def first(self) -> Mistake | None:
        """The first fault, which the table of checks shows."""
        return self.faults[0] if self.faults else None

    def passes_under(self, policies: Iterable[Policy] = PRESETS.values()) -> tuple[str, ...]:
        """Return the names of the policies under which the text fits."""
        return tuple(policy.name for policy in policies if matcher(self.template, policy).fits(self.text))

    @property
    def cost(self) -> float:
        """How much has to change; infinite for a text that was not aligned."""
        is_unaligned = not self.edits and any(fault.reason is Reason.DIFFERENT_TEXT for fault in self.faults)
        return inf if is_unaligned else edits.cost(self.edits)

    @property
    def corrected_text(self) -> str | None:
        """The text with the least edit done; None when a value is wrong, which only its owner can fix."""
        if any(edit.gap is not None for edit in self.edits) or not self.edits:
            return None
        text = self.text
        for edit in reversed(self.edits):
            literal = self.template.literals[edit.literal].text
            text = text[: edit.p] + literal[edit.a : edit.b] + text[edit.q :]
        return text

    @property
    def corrected_template(self) -> str | None:
        """The content that would have to be registered instead; None when values are wrong."""
        if any(edit.gap is not None for edit in self.edits) or not self.edits:
            return None
        content = self.template.content
        for edit in reversed(self.edits):
            start = self.template.literals[edit.literal].position
            content = content[: start + edit.a] + self.text[edit.p : edit.q] + content[start + edit.b :]
        return content


def explain(text: str, template: Skeleton, policy: Policy) -> Explanation:
    """Return what keeps the text from fitting the template under the policy.

    >>> template = Skeleton(template_id="1", content="Dear {#var#}, your OTP is {#numeric#}.")
    >>> explain("Dear Ravi, your otp is 4821.", template, Policy()).first.reason
    <Reason.LETTER_CASE: 'letter_case'>
    """
    rules = matcher(template, policy)
    if rules.fits(text):
        return Explanation(template=template, policy=policy, text=text, faults=())
    return mismatch(text, rules)


def mismatch(text: str, rules: Matcher) -> Explanation:
    """Return the explanation of a text that is known not to fit."""
    if len(text) > MOST_CHARACTERS:
        fault = mistakes.beyond_all(rules.template, text, MOST_CHARACTERS)
        return Explanation(template=rules.template, policy=rules.policy, text=text, faults=(fault,))
    if forms_only := forms.edits(text, rules, lambda one: _departure(folded(one, rules))):
        faults = mistakes.of_edits(forms_only, rules, text)
        return Explanation(
            template=rules.template, policy=rules.policy, text=text, faults=faults, edits=forms_only
        )
    view = folded(text, rules)
    least = least_edits(view)
    if least is None:
        return _unaligned(view, text)
    placed = tuple(view.unfolded(edit) for edit in least)
    found = mistakes.of_edits(placed, rules, text) if placed else (mistakes.exceeded(rules, text),)
    if _little_in_common(least, view.fixed):
        found = (mistakes.different(found[0]),)
    return Explanation(template=rules.template, policy=rules.policy, text=text, faults=found, edits=placed)


def _unaligned(view: Folded, text: str) -> Explanation:
    """Return the explanation of a text that takes too long to align: where it leaves the template."""
    template = view.rules.template
    place = view.unfolded(_departure(view))
    start = template.literals[place.literal].position + place.a
    fault = mistakes.beyond_alignment(template, text, start, place.p)
    return Explanation(template=template, policy=view.rules.policy, text=text, faults=(fault,))


def _departure(view: Folded) -> Edit:
    """Return the rest of the last literal that the text reaches, against the rest of the text."""
    reached = forward(view.rules, view.text)
    number = max(k for k in range(len(view.fixed)) if reached[2 * k])
    steps = single_edits.from_left(view.fixed[number], view.text, reached[2 * number])
    a = max(i for i, here in enumerate(steps) if here)
    return Edit(number, a, len(view.fixed[number]), positions.last(steps[a]), view.text.n)


def least_edits(view: Folded) -> list[Edit] | None:
    """Return the least edits that make the text fit; none when only an allowance is exceeded.

    None where that takes more than `MOST_WORK`.
    """
    rules, text = view.rules, view.text
    left, right = forward(rules, text), backward(rules, text)
    hosts = single_edits.hosts(view.fixed, text, left, right)
    single = min(single_edits.single_edits(hosts, text), key=_rank, default=None)
    bad_values = _bad_values(view)
    if bad_values is not None and not (single and _says_more(single, bad_values, view)):
        return bad_values
    if single is not None:
        return [single]
    block = single_edits.single_block(hosts, len(view.fixed) - 1)
    return [block] if block else _aligned(view, left, right)


def _aligned(view: Folded, left: Sequence[int], right: Sequence[int]) -> list[Edit] | None:
    """Return the least edits between what fits as it is on the left and on the right; None of too much work."""
    low, high = _damaged(left, right)
    begins, stops = left[2 * low], right[2 * high + 1]
    start = positions.first(begins)
    piece = Text(view.text.text[start : positions.last(stops)])
    aligner = Aligner(piece, view.fixed[low : high + 1], view.rules.gaps[low:high])
    if aligner.work > MOST_WORK:
        return None
    found = aligner.edits(begins >> start & piece.all, stops >> start) or []
    return list(edits.merged(edit.moved(low, start) for edit in found))


def _damaged(left: Sequence[int], right: Sequence[int]) -> tuple[int, int]:
    """Return the first and the last literal that edits may touch: outside of them the text fits."""
    final = len(left) // 2 - 1
    last = max(k for k in range(final + 1) if left[2 * k])
    first = min(k for k in range(final + 1) if right[2 * k + 1])
    low, high = min(first, last), max(first, last)
    while positions.first(left[2 * low]) > positions.first(right[2 * high + 1]):
        low, high = max(0, low - 1), min(final, high + 1)
    return low, high


def _bad_values(view: Folded) -> list[Edit] | None:
    """Return the values that are not allowed when all fixed text is there; None when some is not, or unknown."""
    aligner = Aligner(view.text, view.fixed, view.rules.gaps, exactly=True)
    if aligner.work > MOST_WORK or not view.rules.patterns.may_fit(view.text.text):
        return None
    return aligner.edits()


def _says_more(single: Edit, bad_values: list[Edit], view: Folded) -> bool:
    """Return whether a changed character explains more than bad values: not one letter more in a value."""
    if not bad_values:
        return False
    if len(bad_values) > 1:
        return True
    value, gap = bad_values[0], view.rules.gaps[bad_values[0].gap or 0]
    if value.q == value.p or (gap.inside is None and gap.shape is None):
        return False
    return single.a < single.b or not view.text.text[single.p].isalnum()


def _rank(edit: Edit) -> tuple[bool, int]:
    return edit.q == edit.p or edit.b == edit.a, edit.literal


def _little_in_common(least: Sequence[Edit], fixed: Sequence[str]) -> bool:
    total = sum(map(len, fixed))
    lost = sum(edit.b - edit.a for edit in least if edit.gap is None)
    return total >= SHORTEST and lost > MOST_LOST * total
