"""Magic numbers: the last three digits of some msisdns choose the outcome of the message."""

from __future__ import annotations

from dataclasses import dataclass

from rmanalytics.simulator.fate import GARBAGE, NO_DLR, Fate, PlannedDlr
from rmanalytics.simulator.faults import Hit, SimulatedFault
from rmanalytics.sms.msisdn import SIMULATED

PREFIX = SIMULATED
"""Numbers are magic only when they begin like this, unless set otherwise: real batches hardly have any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Magic:
    """What three digits bring: a fate and faults for the message, or a hit for the request it is in.

    `n_times`: so many tries meet the hit, the next one is served.
    """

    what: str
    fate: Fate = NO_DLR
    faults: frozenset[SimulatedFault] = frozenset()
    hit: Hit | None = None
    n_times: int = 1 << 30


def _report(status: str, code: str = "0", after_s: float = 0.0, done_text: str | None = None) -> PlannedDlr:
    return PlannedDlr(status=status, code=code, delay_s=after_s, done_s=after_s, done_text=done_text)


def _ends(*reports: PlannedDlr) -> Fate:
    return Fate(reports=reports)


_DELIVERED = _ends(_report("DELIVRD", "0", 2))
_QUEUED_THEN_DELIVERED = _ends(
    _report("ACCEPTED", "0", 1), _report("ENROUTE", "0", 2), _report("DELIVRD", "0", 4)
)

DLT_CODES = (
    *(
        "600",
        "601",
        "602",
        "603",
        "604",
        "605",
        "610",
        "611",
        "612",
        "613",
        "614",
        "615",
        "616",
        "617",
        "618",
    ),
    *(
        "620",
        "621",
        "622",
        "623",
        "624",
        "625",
        "630",
        "631",
        "632",
        "633",
        "634",
        "635",
        "636",
        "637",
        "642",
    ),
    *("650", "651", "652", "660", "670", "700", "701"),
)
"""Scrubbing codes of the Indian operators: three digits that are one of them are rejected with it."""

TABLE = {
    "001": Magic(what="DELIVRD at once", fate=_ends(_report("DELIVRD"))),
    "002": Magic(what="UNDELIV 205 after 5 s", fate=_ends(_report("UNDELIV", "205", 5))),
    "003": Magic(what="EXPIRED 32 after an hour", fate=_ends(_report("EXPIRED", "32", 3600))),
    "004": Magic(what="REJECTD 633 after 1 s", fate=_ends(_report("REJECTD", "633", 1))),
    "005": Magic(what="ENROUTE forever", fate=_ends(_report("ACCEPTED"), _report("ENROUTE", "0", 2))),
    "006": Magic(what="no DLR ever"),
    "007": Magic(what="unknown status word: DEFERRED", fate=_ends(_report("DEFERRED", "0", 2))),
    "008": Magic(what="UNKNOWN forever", fate=_ends(_report("UNKNOWN", "0", 2))),
    "009": Magic(what="DELETED 36 after 10 s", fate=_ends(_report("DELETED", "36", 10))),
    "010": Magic(what="ACCEPTED, ENROUTE, then DELIVRD after 4 s", fate=_QUEUED_THEN_DELIVERED),
    "011": Magic(what="DELIVRD after 5 minutes", fate=_ends(_report("DELIVRD", "0", 300))),
    "012": Magic(
        what="UNDELIV, then DELIVRD", fate=_ends(_report("UNDELIV", "205", 2), _report("DELIVRD", "0", 6))
    ),
    "013": Magic(
        what="DELIVRD, then UNDELIV", fate=_ends(_report("DELIVRD", "0", 2), _report("UNDELIV", "205", 6))
    ),
    "014": Magic(what="DELIVRD with an error code, 002", fate=_ends(_report("DELIVRD", "002", 2))),
    "015": Magic(what="UNDELIV with letters in the code, 20b", fate=_ends(_report("UNDELIV", "20b", 5))),
    "016": Magic(what="DELIVRD with code NULL", fate=_ends(_report("DELIVRD", "NULL", 2))),
    "017": Magic(
        what="DELIVRD, dtDone before dtSubmit",
        fate=_ends(PlannedDlr(status="DELIVRD", delay_s=2, done_s=-90)),
    ),
    "018": Magic(
        what="DELIVRD, impossible dtDone", fate=_ends(_report("DELIVRD", "0", 2, "0000-00-00 00:00:00"))
    ),
    "020": Magic(what="duplicates", fate=_DELIVERED, faults=frozenset({SimulatedFault.DUPLICATES})),
    "021": Magic(
        what="reordering", fate=_QUEUED_THEN_DELIVERED, faults=frozenset({SimulatedFault.REORDERING})
    ),
    "022": Magic(what="dlr_first", fate=_DELIVERED, faults=frozenset({SimulatedFault.DLR_FIRST})),
    "023": Magic(what="wrong_id", fate=_DELIVERED, faults=frozenset({SimulatedFault.WRONG_ID})),
    "024": Magic(what="id_case", fate=_DELIVERED, faults=frozenset({SimulatedFault.ID_CASE})),
    "025": Magic(
        what="garbage instead of a DLR", fate=_ends(PlannedDlr(status="", delay_s=2, garbage=GARBAGE[0]))
    ),
    "026": Magic(
        what="garbage, then DELIVRD after 4 s",
        fate=_ends(PlannedDlr(status="", delay_s=1, garbage=GARBAGE[0]), _report("DELIVRD", "0", 4)),
    ),
    "030": Magic(what="answer 1706, bad destination", fate=Fate(refused="1706")),
    "031": Magic(what="answer 1032, DND", fate=Fate(refused="1032")),
    "032": Magic(what="answer 1028, spam", fate=Fate(refused="1028")),
    "033": Magic(what="answer 1033, source and template differ", fate=Fate(refused="1033")),
    "034": Magic(what="answer 1035, opted out", fate=Fate(refused="1035")),
    "035": Magic(what="answer 1799, an unknown code", fate=Fate(refused="1799")),
    "040": Magic(what="answer 1025, credit runs out here", fate=Fate(refused="1025")),
    "041": Magic(
        what="answer 1709 twice, then DELIVRD",
        fate=_DELIVERED,
        hit=Hit(fault=SimulatedFault.USER_VALIDATION),
        n_times=2,
    ),
    "042": Magic(what="answer 1709 always", hit=Hit(fault=SimulatedFault.USER_VALIDATION)),
    "043": Magic(what="answer 1715, not sent", hit=Hit(fault=SimulatedFault.TIMEOUT)),
    "044": Magic(
        what="answer 1715, DELIVRD anyway",
        fate=_DELIVERED,
        hit=Hit(fault=SimulatedFault.TIMEOUT, is_taken=True),
    ),
    "045": Magic(what="hang, not sent", hit=Hit(fault=SimulatedFault.HANG)),
    "046": Magic(
        what="hang, DELIVRD anyway", fate=_DELIVERED, hit=Hit(fault=SimulatedFault.HANG, is_taken=True)
    ),
    "047": Magic(what="drop, not sent", hit=Hit(fault=SimulatedFault.DROP)),
    "048": Magic(
        what="drop, DELIVRD anyway", fate=_DELIVERED, hit=Hit(fault=SimulatedFault.DROP, is_taken=True)
    ),
    "049": Magic(what="http_500, not sent", hit=Hit(fault=SimulatedFault.HTTP_500)),
    "050": Magic(what="html, not sent", hit=Hit(fault=SimulatedFault.HTML)),
    **{
        code: Magic(what=f"REJECTD {code} after 1 s", fate=_ends(_report("REJECTD", code, 1)))
        for code in DLT_CODES
    },
}


def of_number(msisdn: str, prefix: str | None) -> Magic | None:
    """Return the row of a number that begins with the prefix; "" makes all numbers magic, None none.

    >>> of_number("919999900002", PREFIX).what, of_number("919800000002", PREFIX)
    ('UNDELIV 205 after 5 s', None)
    """
    if prefix is None or not msisdn.startswith(prefix):
        return None
    return TABLE.get(msisdn[-3:])
