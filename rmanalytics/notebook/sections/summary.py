"""Sentences on what is striking: each is computed from the numbers it is given, none is canned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rmanalytics.charts.counts import code_name
from rmanalytics.charts.points import UNTOLD, points
from rmanalytics.charts.states import STATES
from rmanalytics.metrics.dlr_quality import NOBODY
from rmanalytics.metrics.rates import RATES
from rmanalytics.metrics.stats.comparison import N_MIN, Difference, striking
from rmanalytics.models import NOT_ACCEPTED, OPEN
from rmanalytics.support.wording import are, bold, count, duration, listed, nouns, percent, verb

N_NAMED = 3
Total = Mapping[str, Any]


def accounting(total: Total) -> str:
    """Return what became of the messages, from `numbers.total`."""
    n, delivered, failed = (int(total[f"n_{name}"]) for name in ("submitted", "delivered", "failed"))
    if n == 0:
        return "There are no messages in this selection."
    text = f"Of **{count(n, 'message')}**, **{delivered:,}** ({percent(delivered / n)}) {are(delivered)} reported"
    text += f" delivered and **{failed:,}** failed." if failed else " delivered and none failed."
    return " ".join(filter(None, (text, _in_flight(total), _not_accepted(total), _strangers(total))))


def _in_flight(total: Total) -> str:
    n, accepted, overdue = (int(total[f"n_{name}"]) for name in ("in_flight", "accepted", "no_dlr_overdue"))
    said = []
    if n:
        low, high = total["n_delivered"] / accepted, (total["n_delivered"] + n) / accepted
        said.append(
            f"**{n:,}** {are(n)} still in flight: once all have their final word, the delivery rate will be "
            f"between {percent(low)} and {percent(high)}."
        )
    if overdue:
        said.append(f"**{overdue:,}** got no DLR within the horizon and probably never will.")
    return " ".join(said)


def _not_accepted(total: Total) -> str:
    told = [f"{total[f'n_{state}']:,} {STATES[state].label}" for state in NOT_ACCEPTED if total[f"n_{state}"]]
    return f"Not accepted by the gateway: {listed(told)}." if told else "The gateway accepted every one."


def _strangers(total: Total) -> str:
    n = int(total["n_dlr_only"])
    return f"**{n:,}** {are(n)} known from DLRs only: we did not send {verb(n, 'it', 'them')}." if n else ""


def rates(frame: pd.DataFrame) -> str:
    """Return the delivery rate of one group in words, with what its interval means."""
    table = points(frame, [], "delivery")
    if table.empty:
        return "No message was accepted, so there is no delivery rate."
    row = table.to_dict("records")[0]
    text = (
        f"**{percent(row['rate'])}** of the accepted messages are reported delivered; with "
        f"{count(row['n'], 'message')} the true rate lies between **{percent(row['low'])}** and "
        f"**{percent(row['high'])}**."
    )
    return f"{text} That is wide: so few messages say little." if row["n"] < N_MIN else text


def groups(frame: pd.DataFrame, by: str | Sequence[str], name: str = "delivery", noun: str = "group") -> str:
    """Return which groups differ from all others by more than chance explains, or that none does."""
    table = points(frame, [by] if isinstance(by, str) else by, name)
    if table.empty:
        return "Nothing was accepted, so there is nothing to compare."
    if len(table) == 1:
        return f"There is only one {noun} here, {bold(table['group'].iloc[0])}: nothing to compare it with."
    found = striking(table)
    if not found:
        return (
            f"No evidence of a difference: the {len(table)} {noun}s lie as close together as chance would "
            f"have them{_small(table)}."
        )
    named = listed([_different(one, name) for one in found[:N_NAMED]])
    differ = verb(len(found), "differs", "differ")
    return (
        f"{named} {differ} from all others by more than chance explains.{_rest(len(found), len(table), noun)}"
    )


def _different(one: Difference, name: str) -> str:
    return f"{bold(one.group)} ({percent(one.rate)} {RATES[name].title}, all others {percent(one.rest)})"


def _rest(n_found: int, n: int, noun: str) -> str:
    more = f" So do {n_found - N_NAMED} more." if n_found > N_NAMED else ""
    return f"{more} The other {n - n_found} {noun}s do not stand out." if n - n_found > 1 else more


def _small(table: pd.DataFrame) -> str:
    n = int((table["n"] < N_MIN).sum())
    return f"; {n} of them {verb(n, 'has', 'have')} fewer than {N_MIN} messages" if n else ""


def over_time(frame: pd.DataFrame) -> str:
    """Return when most messages were planned, and how old what is still open is."""
    if frame.empty:
        return "There are no messages in this selection."
    steps = frame.groupby("started_at")["n_messages"].sum()
    peak, n_peak = steps.index[int(steps.argmax())], int(steps.max())
    text = f"The busiest step began at **{_clock(peak)}** with {count(n_peak, 'message')}."
    still_open = frame[frame["state"].isin(OPEN)]
    n = int(still_open["n_messages"].sum())
    if not n:
        return f"{text} Nothing accepted is still open."
    return f"{text} **{n:,}** {are(n)} still open, the oldest from {_clock(still_open['started_at'].min())}."


def times(frame: pd.DataFrame) -> str:
    """Return how long it took until messages were reported delivered, and whose slowest are slowest."""
    timed = frame[frame["n_delivered_timed"] > 0]
    if timed.empty:
        return "No message is reported delivered yet."
    largest = timed.nlargest(1, "n_delivered_timed").to_dict("records")[0]
    slowest = timed.nlargest(1, "delivered_p95_s").to_dict("records")[0]
    text = (
        f"In {_campaign(largest)}, half of the delivered messages took at most "
        f"**{duration(largest['delivered_p50_s'])}** and 19 of 20 at most "
        f"**{duration(largest['delivered_p95_s'])}**."
    )
    if slowest["delivered_p95_s"] > 1.5 * largest["delivered_p95_s"]:
        text += f" Slowest is {_campaign(slowest)}: 19 of 20 within {duration(slowest['delivered_p95_s'])}."
    negative = int(timed["n_delivered_negative"].sum())
    return (
        f"{text} {negative:,} are dated before they were submitted: some clock is wrong."
        if negative
        else text
    )


def _campaign(row: Mapping[Any, Any]) -> str:
    return bold(UNTOLD if pd.isna(row["campaign_id"]) else row["campaign_id"])


def failures(frame: pd.DataFrame) -> str:
    """Return which code is behind most of what did not arrive."""
    if frame.empty:
        return "No message was refused or failed."
    n, top = int(frame["n_messages"].sum()), frame.to_dict("records")[0]
    text = (
        f"Of the **{n:,}** that were refused or failed, {percent(top['n_messages'] / n)} did so with one "
        f"code: {bold(code_name(top['state'], top['code']))}"
    )
    few = int((frame["n_messages"].cumsum() < 0.8 * n).sum()) + 1
    text += f"; {few} of {len(frame)} codes make up four fifths." if 1 < few <= len(frame) / 2 else "."
    untold = int(frame.loc[frame["code"].isna(), "n_messages"].sum())
    return f"{text} For {untold:,} nobody told a reason." if untold else text


def trust(matches: pd.DataFrame, unreadable: tuple[int, int], total: Total) -> str:
    """Return what speaks against the DLRs, or that nothing does."""
    n, conflicts = int(matches["n_dlrs"].sum()), int(total["n_conflicts"])
    nobody = int(matches.loc[matches["matched_by"] == NOBODY, "n_dlrs"].sum())
    repeated = int(matches["n_repeated"].sum())
    doubts = {
        f"{nobody:,} could not be matched to a message": nobody,
        f"{repeated:,} only repeat what was said before": repeated,
        f"{count(conflicts, 'message')} got contradicting final words": conflicts,
        f"{unreadable[1]:,} of all {unreadable[0]:,} callbacks could not be read": unreadable[1],
    }
    told = [text for text, n_of in doubts.items() if n_of]
    if told:
        return f"**{n:,}** {nouns(n, 'DLR')} came: {listed(told)}."
    if not n:
        return "No DLR has come for these messages."
    return f"All **{n:,}** DLRs found their message, none repeats or contradicts another, all could be read."


def identity(total: Total) -> str:
    """Return whether every message is accounted for."""
    residuals = int(total["residual_submitted"]), int(total["residual_accepted"])
    if residuals == (0, 0):
        return "Both sums add up: the residual is **0**, every message is in exactly one state."
    left = f"{residuals[0]:,} and {residuals[1]:,}"
    return f"**The sums do not add up**, residuals {left}: a fault of ours, please report it."


def _clock(moment: pd.Timestamp) -> str:
    return f"{moment.day} {moment:%b %H:%M}" + (f":{moment:%S}" if moment.second else "")
