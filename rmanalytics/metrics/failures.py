"""Why messages were not delivered: the codes of refusals and failed DLRs, their meaning, and who can act on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from rmanalytics import dlt, gateways
from rmanalytics.models import ACCEPTED, Lasting, Party, State
from rmanalytics.stats.intervals import wilson

UNREACHED = (State.REFUSED, State.FAILED)

PARTIES: dict[Party, str] = {
    Party.CONTENT: "whoever writes the texts: text, template, link or time of sending",
    Party.NUMBER: "whoever manages the list: wrong number, do not disturb, no consent",
    Party.HANDSET: "no one: the phone was off, full or out of reach; it may work later",
    Party.OPERATOR: "the gateway and the operator: ask them, quoting the gateway's ids",
    Party.ACCOUNT: "whoever manages the account and the DLT registration: credit, password, header, entity, chain",
    Party.UNTOLD: "not known yet: ask the gateway what the code means",
}
"""Description of each party who can act."""


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
NONE_TOLD = CodeMeaning(
    meaning="no code was given", party=Party.UNTOLD, lasting=Lasting.UNTOLD, is_sure=False
)


def failure_codes(outcomes: ir.Table) -> pd.DataFrame:
    """Return one row per code that refused or failed a message, the most frequent first.

    Columns: state (`refused`: by the submit response; `failed`: by DLR), code (null: none was given),
    n_messages, n_base (submitted, or accepted), share (0 to 1), low, high (95 % Wilson interval),
    first_at, last_at (final_at of the first and last of them), gateways (the names of those that gave it).
    """
    bases = outcomes.aggregate(
        refused=outcomes.count(),
        failed=outcomes.state.isin(ACCEPTED).sum(),
    ).execute()
    t = outcomes.filter(outcomes.state.isin(UNREACHED))
    code = (t.state == State.REFUSED).ifelse(t.submit_code, t.error_code)
    counts = t.group_by(state=t.state, code=code).agg(
        n_messages=t.count(),
        first_at=t.final_at.min(),
        last_at=t.final_at.max(),
        gateways=t.gateway.collect(distinct=True),
    )
    frame: pd.DataFrame = counts.execute()
    n_base = frame["state"].map(bases.iloc[0].fillna(0)).astype("int64")
    low, high = wilson(frame["n_messages"], n_base)
    frame = frame.assign(n_base=n_base, share=frame["n_messages"] / n_base, low=low, high=high)
    frame = frame.sort_values(
        ["n_messages", "state", "code"], ascending=[False, True, True], ignore_index=True
    )
    named = [
        "state",
        "code",
        "n_messages",
        "n_base",
        "share",
        "low",
        "high",
        "first_at",
        "last_at",
        "gateways",
    ]
    return frame[named]


def cause(
    state: str, code: object, names: Iterable[str] = (), reading: dlt.Reading | None = None
) -> CodeMeaning:
    """Return what a code of a refused or failed message means to the gateways of these names (none: all).

    A submit code is the gateway's own. A DLR's code is the operator's, read as the settings say (`reading`; None:
    as without any), else the gateway's own, else as all other lists that have it agree on, else as the network's.

    >>> cause("failed", "633").party.value, cause("refused", "1706").meaning, cause("failed", "20b").party.value
    ('content', 'invalid destination', 'not known')
    """
    if code is None or code != code:
        return NONE_TOLD
    if state == State.REFUSED:
        return _refused(str(code), names)
    return _failed(str(code), names, reading or dlt.usual())


def caused(codes: pd.DataFrame, reading: dlt.Reading | None = None) -> pd.DataFrame:
    """Return the frame of `failure_codes` with meaning, party, lasting, is_sure and running_share.

    running_share is the share (0 to 1) of all that were refused or failed down to this row: Pareto's line.
    `reading` is how the settings read operators' codes: `notebook.Selection` has it.
    """
    found = causes(codes, reading)
    told = {name: [getattr(one, name) for one in found] for name in ("meaning", "party", "lasting")}
    running = codes["n_messages"].cumsum() / max(int(codes["n_messages"].sum()), 1)
    return codes.assign(**told, is_sure=[one.is_sure for one in found], running_share=running)


def causes(codes: pd.DataFrame, reading: dlt.Reading | None = None) -> list[CodeMeaning]:
    """Return what each row of a frame of `failure_codes` means, in its order."""
    given = codes["gateways"] if "gateways" in codes else [()] * len(codes)
    keys = zip(codes["state"], codes["code"], map(tuple, given), strict=True)
    return [cause(state, code, names, reading) for state, code, names in keys]


def parties(causes: pd.DataFrame) -> pd.DataFrame:
    """Return who has to act on how much: party, lasting, n_messages, n_codes, share (0 to 1), the most first."""
    grouped = causes.assign(n_codes=1).groupby(["party", "lasting"], as_index=False, sort=True)
    rows: pd.DataFrame = grouped[["n_messages", "n_codes"]].sum()
    rows = rows.assign(share=rows["n_messages"] / max(int(rows["n_messages"].sum()), 1))
    return rows.sort_values(["n_messages", "party"], ascending=[False, True], ignore_index=True)


def _refused(code: str, names: Iterable[str]) -> CodeMeaning:
    known = gateways.submit_code(code, names)
    if known is None:
        return UNKNOWN
    return CodeMeaning(meaning=known.meaning, party=known.party, lasting=known.lasting, is_sure=True)


def _failed(code: str, names: Iterable[str], reading: dlt.Reading) -> CodeMeaning:
    own = None if reading.meaning(code) else gateways.dlr_code(code, names)
    if own:
        return CodeMeaning(meaning=own.meaning, party=own.party, lasting=own.lasting, is_sure=own.is_sure)
    if found := dlt.likely(code, reading):
        return CodeMeaning(meaning=found.meaning, party=found.party, lasting=found.lasting, is_sure=False)
    return UNKNOWN
