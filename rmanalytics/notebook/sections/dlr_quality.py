"""How far the DLRs can be trusted, in words and as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rmanalytics import status_words
from rmanalytics.metrics.dlr_quality import UNMATCHED
from rmanalytics.notebook.display import Column, Html, estimate, table
from rmanalytics.notebook.selection import Selection
from rmanalytics.support import moved
from rmanalytics.support.times import short
from rmanalytics.support.wording import bold, count, listed, nouns, percent, verb

N_ROWS = 40
NUMBER = "number"
MATCHED_BY = {
    "gateway_message_id": "the gateway's id, an exact match",
    "message_id": "our id, sent back by the gateway",
    "udf1": "our id, in udf1",
    "udf2": "our id, in udf2",
    "tag": "our id, in the tag",
    "gateway_message_id_normalised": "the gateway's id, written differently (case, leading zeros, hex)",
    "msisdn_header_window": "number, header and time only: low confidence",
    "unmatched": "no message matches: kept, and retried at every ingest",
}
"""How a DLR was matched to its message, most certain first."""

DOUBTS = {
    "repeated": ("DLRs", "the same report again; counted once"),
    "late": ("DLRs", "received more than a day after its own date"),
    "unreadable time": ("DLRs", "give a time that could not be read, and count without it"),
    "impossible time": (
        "DLRs",
        "are done before they were submitted, or dated a day after they were received",
    ),
    "another number": ("DLRs", "name another number than the message they are about"),
    "contradicting": ("messages", "messages with two different final states; delivered wins"),
    "negative time": (
        "messages",
        "messages reported before they were submitted: a clock or time zone is wrong",
    ),
    "from DLRs only": ("messages", "messages not sent from here; the tag of their DLRs is their campaign"),
    "unreadable": (
        "callbacks",
        "callbacks, of all campaigns, that could not be read in full; kept in the journal",
    ),
}
"""What casts doubt on DLRs, of what it is a share, and what it means."""


def trust(matches: pd.DataFrame, unreadable: tuple[int, int], total: Mapping[str, Any]) -> str:
    """Return what speaks against the DLRs, or that nothing does."""
    n, conflicts = int(matches["n_dlrs"].sum()), int(total["n_conflicts"])
    unmatched = int(matches.loc[matches["matched_by"] == UNMATCHED, "n_dlrs"].sum())
    repeated, unread = int(matches["n_repeated"].sum()), int(matches["n_times_unread"].sum())
    impossible, others = int(matches["n_times_impossible"].sum()), int(matches["n_other_numbers"].sum())
    doubts = {
        f"{unmatched:,} could not be matched to a message": unmatched,
        f"{repeated:,} only repeat an earlier DLR": repeated,
        f"{unread:,} give a time that could not be read": unread,
        f"{impossible:,} give a time that cannot be right": impossible,
        f"{others:,} {verb(others, 'names', 'name')} another number than the message": others,
        f"{count(conflicts, 'message')} got contradicting final states": conflicts,
        f"{unreadable[1]:,} of all {unreadable[0]:,} callbacks could not be read in full": unreadable[1],
    }
    parts = [text for text, n_of in doubts.items() if n_of]
    if parts:
        return f"**{n:,}** {nouns(n, 'DLR')} received: {listed(parts)}."
    if not n:
        return "No DLR was received for these messages."
    return f"All **{n:,}** DLRs were read and matched to a message. None repeats or contradicts another."


def trust_table(selection: Selection, total: Mapping[str, Any]) -> Html:
    """Return how DLRs were matched to messages, and what casts doubt on them."""
    matches = selection.matches
    n = int(matches["n_dlrs"].sum())
    found = dict(zip(matches["matched_by"], matches["n_dlrs"].tolist(), strict=True))
    rows: list[Sequence[object]] = [
        [kind.replace("_", " "), found[kind], percent(found[kind] / n), MATCHED_BY.get(kind, "")]
        for kind in (*(kind for kind in MATCHED_BY if kind in found), *(found.keys() - MATCHED_BY.keys()))
    ]
    of = {"DLRs": n, "messages": int(total["n_submitted"]), "callbacks": selection.unreadable_callbacks[0]}
    counts = {
        "repeated": int(matches["n_repeated"].sum()),
        "late": int(matches["n_after_days"].sum()),
        "unreadable time": int(matches["n_times_unread"].sum()),
        "impossible time": int(matches["n_times_impossible"].sum()),
        "another number": int(matches["n_other_numbers"].sum()),
        "contradicting": int(total["n_conflicts"]),
        "negative time": int(total["n_negative_latency"]),
        "from DLRs only": int(total["n_dlr_only"]),
        "unreadable": selection.unreadable_callbacks[1],
    }
    for name, (base, meaning) in DOUBTS.items():
        rows.append([name, counts[name], percent(counts[name] / of[base]) if of[base] else "–", meaning])
    columns = [Column(heading="DLRs"), Column(heading="count", kind="number")]
    columns += [Column(heading="share", kind="number"), Column(heading="meaning", kind="text")]
    return table(columns, rows)


def coverage(frame: pd.DataFrame) -> str:
    """Return what share of the accepted messages has any DLR."""
    n, reported, final = (int(frame[key].sum()) for key in ("n_accepted", "n_with_dlr", "n_final"))
    if not n:
        return "No message was accepted, so no DLR is expected."
    text = f"**{percent(reported / n)}** of {n:,} accepted messages have a DLR, {percent(final / n)} a final DLR."
    conflicts = int(frame["n_conflicts"].sum())
    return f"{text} {conflicts:,} got contradicting final states." if conflicts else text


def coverage_table(frame: pd.DataFrame) -> Html:
    """Return the coverage of each campaign, the lowest first."""
    headings = ("accepted", "with a DLR", "with a final DLR", "contradicting", "coverage (95 %)")
    columns = [Column(heading="campaign"), *(Column(heading=heading, kind=NUMBER) for heading in headings)]
    shown = frame[frame["n_accepted"] > 0].sort_values("coverage_rate", kind="stable").head(N_ROWS)
    rows = [
        [
            "not given" if pd.isna(row["campaign_id"]) else row["campaign_id"],
            *(int(row[key]) for key in ("n_accepted", "n_with_dlr", "n_final", "n_conflicts")),
            estimate(row["coverage_rate"], row["low"], row["high"]),
        ]
        for row in shown.to_dict("records")
    ]
    return table(columns, rows)


def lateness(frame: pd.DataFrame, *, is_simulated: bool = False) -> str:
    """Return how long after their own date DLRs were received."""
    n = int(frame["n_dlrs"].sum())
    if not n:
        return "No DLR carries a date."
    counts = dict(zip(frame["when"], frame["n_dlrs"].tolist(), strict=True))
    early, late = counts["before its own date"], counts["after more than a day"]
    text = f"**{percent(counts['within a minute'] / n)}** of {n:,} dated DLRs came within a minute of their date."
    text += f" {late:,} were received more than a day after it." if late else ""
    why = "a clock or the gateway's time zone setting is wrong"
    why = f"the simulator's clock may run faster than this one, or {why}" if is_simulated else why
    return f"{text} **{early:,}** were received before it: {why}." if early else text


def lateness_table(frame: pd.DataFrame) -> Html:
    """Return the lateness of DLRs, in steps."""
    n = int(frame["n_dlrs"].sum())
    columns = [
        Column(heading="received"),
        Column(heading="DLRs", kind=NUMBER),
        Column(heading="share", kind=NUMBER),
    ]
    counts = zip(frame["when"], frame["n_dlrs"].tolist(), strict=True)
    return table(columns, [[when, count, percent(count / n)] for when, count in counts] if n else [])


def unrecognised(words: pd.DataFrame, codes: pd.DataFrame) -> str:
    """Return the status words and error codes that are in no table."""
    parts = []
    if len(words):
        n = int(words["n_dlrs"].sum())
        parts.append(f"**{n:,}** DLRs use status words that are in no table: they count as unknown.")
        parts.append(f"To change that, {status_words.advice()}.")
    if len(codes):
        parts.append(
            f"**{int(codes['n_dlrs'].sum()):,}** carry an error code that is in no table: ask the gateway."
        )
    return " ".join(parts) or "Every status word and every error code is in a table."


def unrecognised_table(words: pd.DataFrame, codes: pd.DataFrame, selection: Selection) -> Html:
    """Return the unknown words and codes with when they were first and last seen."""
    columns = [Column(heading="word or code"), Column(heading="kind"), Column(heading="DLRs", kind=NUMBER)]
    columns += [Column(heading="first"), Column(heading="last")]
    zone = selection.parameters.zone
    rows = [
        [
            str(row[name])[:60],
            kind,
            int(row["n_dlrs"]),
            short(row["first_at"], zone),
            short(row["last_at"], zone),
        ]
        for kind, name, frame in (("status word", "raw_status", words), ("error code", "error_code", codes))
        for row in frame.head(N_ROWS).to_dict("records")
    ]
    return table(columns, rows)


def too_good(frame: pd.DataFrame) -> str:
    """Return which operators' reports look made up, or that none does."""
    if frame.empty:
        return "No operator's reports look made up."
    by = str(frame.columns[0])
    parts = [f"{bold(row[by])} ({row['reason']})" for row in frame.to_dict("records")]
    return f"Check {', '.join(parts)}: such reports may be made without a handset. Test with phones you have at hand."


def __getattr__(name: str) -> Any:
    """Return a function under its name of the release before, with a DeprecationWarning."""
    if name not in _BEFORE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return moved.found(f"{__name__}.{name}", f"{__name__}:{_BEFORE[name]}")


_BEFORE = {"strangers": "unrecognised", "strangers_table": "unrecognised_table"}
