"""What follows from an operator's error code: who can do something about it, and whether it would happen again."""

from __future__ import annotations

from typing import NamedTuple

from rmanalytics.dlt.settings import Reading
from rmanalytics.models import Lasting, Party

CATEGORIES: dict[str, tuple[Party, Lasting]] = {
    "template_mismatch": (Party.CONTENT, Lasting.PERMANENT),
    "template_variable": (Party.CONTENT, Lasting.PERMANENT),
    "template_id": (Party.CONTENT, Lasting.PERMANENT),
    "category": (Party.CONTENT, Lasting.PERMANENT),
    "cta": (Party.CONTENT, Lasting.PERMANENT),
    "time_window": (Party.CONTENT, Lasting.TEMPORARY),
    "header": (Party.ACCOUNT, Lasting.PERMANENT),
    "entity": (Party.ACCOUNT, Lasting.PERMANENT),
    "pe_tm": (Party.ACCOUNT, Lasting.PERMANENT),
    "tlv": (Party.ACCOUNT, Lasting.PERMANENT),
    "dnd": (Party.NUMBER, Lasting.PERMANENT),
    "consent": (Party.NUMBER, Lasting.PERMANENT),
    "subscriber_block": (Party.NUMBER, Lasting.PERMANENT),
    "subscriber_invalid": (Party.NUMBER, Lasting.PERMANENT),
    "subscriber_absent": (Party.HANDSET, Lasting.TEMPORARY),
    "multipart": (Party.OPERATOR, Lasting.TEMPORARY),
    "platform_error": (Party.OPERATOR, Lasting.TEMPORARY),
    "unknown_outcome": (Party.OPERATOR, Lasting.UNTOLD),
}
"""What follows from each category of a DLT code (inferred from its meaning)."""

NETWORK: dict[str, tuple[str, Party, Lasting]] = {
    "1": ("unknown subscriber", Party.NUMBER, Lasting.PERMANENT),
    "6": ("absent subscriber", Party.HANDSET, Lasting.TEMPORARY),
    "9": ("illegal subscriber", Party.NUMBER, Lasting.PERMANENT),
    "11": ("service not provisioned", Party.NUMBER, Lasting.PERMANENT),
    "13": ("call barred", Party.NUMBER, Lasting.PERMANENT),
    "27": ("absent subscriber", Party.HANDSET, Lasting.TEMPORARY),
    "31": ("busy subscriber", Party.HANDSET, Lasting.TEMPORARY),
    "33": ("message waiting list full", Party.HANDSET, Lasting.TEMPORARY),
    "34": ("system failure", Party.OPERATOR, Lasting.TEMPORARY),
    "44": ("number changed", Party.NUMBER, Lasting.PERMANENT),
    "45": ("busy subscriber", Party.HANDSET, Lasting.TEMPORARY),
    "51": ("resource limitation", Party.OPERATOR, Lasting.TEMPORARY),
    "256": ("memory capacity exceeded", Party.HANDSET, Lasting.TEMPORARY),
    "260": ("congestion of the service centre", Party.OPERATOR, Lasting.TEMPORARY),
    "2048": ("timeout", Party.OPERATOR, Lasting.TEMPORARY),
}
"""The network's own numbers (GSM MAP). A bare number is one of them only if the gateway passes them on as they are."""


class Likely(NamedTuple):
    """What an operator's code probably means."""

    meaning: str
    party: Party
    lasting: Lasting


def likely(code: str, reading: Reading) -> Likely | None:
    """Return what an operator's code probably means, None where it is unknown.

    The reading's own namespace goes first, then what all other lists that have the code agree on, then the network.
    """
    usual = reading.meaning(code)
    readings = (usual,) if usual else reading.codes.readings(code)
    categories = {found.category for found in readings}
    if len(categories) == 1:
        party, lasting = CATEGORIES.get(categories.pop(), (Party.UNTOLD, Lasting.UNTOLD))
        return Likely(f"DLT, usually: {readings[0].meaning}", party, lasting)
    if code in NETWORK and not readings:
        meaning, party, lasting = NETWORK[code]
        return Likely(f"network, probably: {meaning}", party, lasting)
    return None
