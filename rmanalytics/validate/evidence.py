"""How checks put their evidence: counts, times, masked numbers, codes with their meaning."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rmanalytics.dlt import codes as dlt_codes
from rmanalytics.gateways.route_mobile.codes import CODES
from rmanalytics.support.times import readable
from rmanalytics.support.wording import count
from rmanalytics.validate.facts.model import Became, Facts, Submitted

N_SHOWN = 5


def clock(at: datetime | None, facts: Facts) -> str:
    """Return the time as people in the display zone read it."""
    return readable(at, facts.zone) if at else "an unknown time"


def code_words(code: str | None, http_status: int | None = None) -> str:
    """Return a submit code with its meaning.

    >>> code_words("1703"), code_words("1799"), code_words(None, 404)
    ('invalid username or password (1703)', 'a code nobody documents (1799)', 'HTTP 404 without a code')
    """
    if code is None:
        return f"HTTP {http_status} without a code" if http_status else "no answer"
    return f"{CODES[code].meaning} ({code})" if code in CODES else f"a code nobody documents ({code})"


def dlr_code_words(code: str | None) -> str:
    """Return an operator's code with its usual meaning.

    >>> dlr_code_words("633"), dlr_code_words("999"), dlr_code_words(None)
    ('TEMPLATE_NOT_MATCHED (633)', 'code 999', 'no code')
    """
    known = dlt_codes.meaning(code) if code else None
    if known:
        return f"{known.symbol} ({code})"
    return f"code {code}" if code else "no code"


def submissions(rows: Iterable[Submitted], facts: Facts) -> tuple[str, ...]:
    """Return a line per row: how many, which code, which number, when."""
    return tuple(
        f"{count(one.n, 'message')} {one.result}: {code_words(one.code, one.http_status)}"
        f"{_detail(one)}; first to {one.msisdn or 'an unknown number'}, {clock(one.at, facts)}"
        for one in list(rows)[:N_SHOWN]
    )


def outcomes(rows: Iterable[Became], facts: Facts) -> tuple[str, ...]:
    """Return a line per row: how many, which state and code, which number, header and template, when."""
    return tuple(
        f"{count(one.n, 'message')} {one.state.replace('_', ' ')}"
        f"{f', {dlr_code_words(one.error_code)}' if one.error_code else ''}"
        f"; first to {one.msisdn or 'an unknown number'}"
        f"{f', {clock(one.at, facts)}' if one.at else ''}"
        f"; header {one.header or 'none'}, template {one.template_id or 'none'}"
        for one in list(rows)[:N_SHOWN]
    )


def _detail(one: Submitted) -> str:
    known = one.code in CODES and CODES[one.code].meaning == one.detail
    return f" ({one.detail})" if one.detail and not known and not one.detail.startswith("HTTP") else ""
