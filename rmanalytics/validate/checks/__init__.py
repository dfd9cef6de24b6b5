"""The registry of checks. Adding one: its function, its line here, its rows in `tests/validate/test_checks.py`.

Causes stand before their consequences: the verdict names the first check that failed.
"""

from __future__ import annotations

from rmanalytics.validate.checks import callbacks, clevertap, delivery, submissions
from rmanalytics.validate.model import Check, Criterion

_A, _B, _C = Criterion.DELIVERED, Criterion.CALLBACK, Criterion.ERRORS

REGISTRY = (
    Check(name="reached", criterion=_C, title="Requests get through", judge=submissions.reached),
    Check(name="credentials", criterion=_C, title="Credentials are accepted", judge=submissions.credentials),
    Check(name="payload", criterion=_C, title="The payload is accepted", judge=submissions.payload),
    Check(name="header", criterion=_C, title="The header is accepted", judge=submissions.header),
    Check(name="credit", criterion=_C, title="The account has credit", judge=submissions.credit),
    Check(name="template", criterion=_C, title="DLT accepts header and template", judge=submissions.template),
    Check(name="codes", criterion=_C, title="Each submit code is explained", judge=submissions.codes),
    Check(name="clevertap_log", criterion=_C, title="CleverTap's log is clean", judge=clevertap.log),
    Check(name="callback_url", criterion=_B, title="The callback URL is called", judge=callbacks.url),
    Check(name="id", criterion=_B, title="The same id comes back", judge=callbacks.same_id),
    Check(name="dlr", criterion=_B, title="DLRs come within the horizon", judge=callbacks.seen),
    Check(name="status", criterion=_B, title="Status words are understood", judge=callbacks.status),
    Check(name="error_codes", criterion=_B, title="Error codes are known", judge=callbacks.error_codes),
    Check(name="time_zone", criterion=_B, title="The time zone is right", judge=callbacks.time_zone),
    Check(name="relay", criterion=_B, title="CleverTap takes the relayed DLRs", judge=clevertap.relay),
    Check(name="number", criterion=_A, title="It is the intended number", judge=delivery.number),
    Check(name="delivered", criterion=_A, title="A message is delivered", judge=delivery.delivered),
)
