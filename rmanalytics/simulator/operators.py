"""Which operator a number belongs to: plausible, seeded, the same for every message to that number."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass

from rmanalytics.simulator import draws


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A network; `share` is its part of Indian numbers, `codes` are MCC + MNC."""

    name: str
    share: float
    codes: tuple[str, ...]


INDIAN = (
    Operator(
        name="Jio", share=0.41, codes=("405840", "405854", "405857", "405861", "405864", "405869", "405872")
    ),
    Operator(
        name="Airtel",
        share=0.34,
        codes=("40410", "40431", "40440", "40445", "40449", "40490", "40494", "40498"),
    ),
    Operator(
        name="Vi", share=0.17, codes=("40405", "40411", "40420", "40422", "40427", "40443", "40446", "40486")
    ),
    Operator(name="BSNL", share=0.08, codes=("40434", "40457", "40466", "40471", "40472", "40473", "40480")),
)
"""Rounded market shares and codes in common use; what the simulator says about a number is made up."""

ABROAD = {
    "1": "310260",
    "44": "23410",
    "49": "26201",
    "60": "50212",
    "61": "50501",
    "65": "52501",
    "94": "41302",
    "880": "47001",
    "966": "42001",
    "971": "42402",
    "974": "42702",
    "977": "42902",
}
"""One network per country code; an unlisted country has an empty iMCCMNC."""

NOWHERE = Operator(name="", share=0.0, codes=("",))
_ENDS = [sum(operator.share for operator in INDIAN[: n + 1]) for n in range(len(INDIAN) - 1)]


def of_number(msisdn: str, seed: int) -> tuple[Operator, str]:
    """Return the operator and its MCC + MNC for a number in digits.

    >>> of_number("919800000001", 1) == of_number("919800000001", 1)
    True
    >>> of_number("447700900123", 1)[1], of_number("99999999", 1)[1]
    ('23410', '')
    """
    if not msisdn.startswith("91"):
        code = next((ABROAD[msisdn[:n]] for n in (3, 2, 1) if msisdn[:n] in ABROAD), "")
        return NOWHERE, code
    lot, circle, *_ = draws.uniforms(draws.key(seed, msisdn), "operator")
    operator = INDIAN[bisect(_ENDS, lot)]
    return operator, operator.codes[int(circle * len(operator.codes))]
