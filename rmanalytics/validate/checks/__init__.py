"""The registry of checks. Adding one: its function, its line here, its rows in
`tests/validate/test_validate_checks.py`.

Causes stand before their consequences: the verdict names the first check that failed.
"""

from __future__ import annotations

from rmanalytics.checks import Check
from rmanalytics.validate.checks import callback_url, callbacks, clevertap, delivery, submissions, templates
from rmanalytics.validate.model import Criterion

_A, _B, _C = Criterion.DELIVERED, Criterion.CALLBACK, Criterion.ERRORS

REGISTRY = (
    Check(name="recent", group=_A, title="The test is recent", look=delivery.recent),
    Check(name="reached", group=_C, title="Requests reach the gateway", look=submissions.reached),
    Check(name="credentials", group=_C, title="Credentials are accepted", look=submissions.credentials),
    Check(name="payload", group=_C, title="The payload is accepted", look=submissions.payload),
    Check(name="header", group=_C, title="The header is accepted", look=submissions.header),
    Check(name="credit", group=_C, title="The account has credit", look=submissions.credit),
    Check(name="callback_url", group=_B, title="The callback URL is called", look=callback_url.url),
    Check(name="template", group=_C, title="DLT accepts header and template", look=templates.template),
    Check(name="id", group=_B, title="The same id is returned", look=callbacks.same_id),
    Check(name="dlr", group=_B, title="DLRs arrive within the horizon", look=callbacks.seen),
    Check(name="codes", group=_C, title="Each submit code is explained", look=submissions.codes),
    Check(name="provider_file", group=_C, title="The provider file is sound", look=clevertap.provider_file),
    Check(name="clevertap_log", group=_C, title="CleverTap's log is clean", look=clevertap.log),
    Check(name="status", group=_B, title="Status words are understood", look=callbacks.status),
    Check(name="error_codes", group=_B, title="Error codes are known", look=callbacks.error_codes),
    Check(name="time_zone", group=_B, title="The time zone is correct", look=callbacks.time_zone),
    Check(name="relay", group=_B, title="CleverTap accepts the relayed DLRs", look=clevertap.relay),
    Check(name="number", group=_A, title="DLRs name the intended number", look=delivery.number),
    Check(name="delivered", group=_A, title="A message is delivered", look=delivery.delivered),
)
