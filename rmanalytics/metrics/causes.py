"""What a code of a refusal or a failure means, whether it would happen again, and who can do something about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd

from rmanalytics.dlt import codes as dlt_codes
from rmanalytics.gateways.route_mobile.codes import CODES
from rmanalytics.models import Lasting, Party, State

PARTIES: dict[Party, str] = {
    Party.CONTENT: "whoever writes the texts: text, template, link or hour of sending",
    Party.NUMBER: "whoever keeps the list: wrong number, do not disturb, no consent",
    Party.HANDSET: "nobody: the phone was off, full or out of reach; later it may work",
    Party.OPERATOR: "gateway and operator: ask them, with the gateway's ids",
    Party.ACCOUNT: "whoever keeps account and DLT registration: credit, password, header, entity, chain",
    Party.UNTOLD: "nobody knows yet: ask the gateway what the code means",
}
"""Who is meant by each party to act."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMeaning:
    """What a code means; `is_sure` where the gateway itself documents it."""

    meaning: str
    party: Party
    lasting: Lasting
    is_sure: bool


UNKNOWN = CodeMeaning(
    meaning="not documented: ask the gateway", party=Party.UNTOLD, lasting=Lasting.UNTOLD, is_sure=False
)
NONE_TOLD = CodeMeaning(meaning="no code was told", party=Party.UNTOLD, lasting=Lasting.UNTOLD, is_sure=False)


def cause(state: str, code: object) -> CodeMeaning:
    """Return what a code of a refused or failed message means.

    A submit code is the gateway's own. A DLR's code is the operator's: read as the DLT platforms' (600 to 670),
    else as what all other code lists that have it agree on, else as the network's.

    >>> cause("failed", "633").party.value, cause("refused", "1706").meaning, cause("failed", "20b").party.value
    ('content', 'invalid destination', 'not known')
    """
    if code is None or code != code:
        return NONE_TOLD
    return _refused(str(code)) if state == State.REFUSED else _failed(str(code))


def caused(codes: pd.DataFrame) -> pd.DataFrame:
    """Return the frame of `failures.failure_codes` with meaning, party, lasting, is_sure and running_share.

    running_share is the share (0 to 1) of all that were refused or failed down to this row: Pareto's line.
    """
    found = [cause(*key) for key in zip(codes["state"], codes["code"], strict=True)]
    told = {name: [getattr(one, name) for one in found] for name in ("meaning", "party", "lasting")}
    running = codes["n_messages"].cumsum() / max(int(codes["n_messages"].sum()), 1)
    return codes.assign(**told, is_sure=[one.is_sure for one in found], running_share=running)


def parties(causes: pd.DataFrame) -> pd.DataFrame:
    """Return who has to act on how much: party, lasting, n_messages, n_codes, share (0 to 1), the most first."""
    grouped = causes.assign(n_codes=1).groupby(["party", "lasting"], as_index=False, sort=True)
    rows: pd.DataFrame = grouped[["n_messages", "n_codes"]].sum()
    rows = rows.assign(share=rows["n_messages"] / max(int(rows["n_messages"].sum()), 1))
    return rows.sort_values(["n_messages", "party"], ascending=[False, True], ignore_index=True)


def _refused(code: str) -> CodeMeaning:
    if code not in CODES:
        return UNKNOWN
    known = CODES[code]
    return CodeMeaning(meaning=known.meaning, party=known.party, lasting=known.lasting, is_sure=True)


@cache
def _failed(code: str) -> CodeMeaning:
    usual = dlt_codes.meaning(code)
    readings = (usual,) if usual else dlt_codes.table().readings(code)
    categories = {reading.category for reading in readings}
    if len(categories) == 1:
        party, lasting = CATEGORIES.get(categories.pop(), (Party.UNTOLD, Lasting.UNTOLD))
        return CodeMeaning(
            meaning=f"DLT, usually: {readings[0].meaning}", party=party, lasting=lasting, is_sure=False
        )
    if code in NETWORK and not readings:
        told, party, lasting = NETWORK[code]
        return CodeMeaning(meaning=f"network, probably: {told}", party=party, lasting=lasting, is_sure=False)
    return UNKNOWN
