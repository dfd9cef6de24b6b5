"""Each check on its own: facts in, finding out, in the words that a user reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.verdicts import AT, DONE, MASKED, NOTHING, OVERDUE, SENT, answered, became, facts, off, refused

from rmanalytics import status_words
from rmanalytics.checks import Finding, Mark
from rmanalytics.provider.lint import LintFinding, Severity
from rmanalytics.validate import REGISTRY, Facts
from rmanalytics.validate.evidence import rows
from rmanalytics.validate.facts.model import (
    CollectorFacts,
    Logged,
    Mismatch,
    Refusals,
    RelayFacts,
    SimulatorFacts,
    Stray,
    Word,
)
from rmanalytics.warehouse.dlr_times import IS_IMPOSSIBLE

CHECKS = {check.name: check.look for check in REGISTRY}


URL = "http://127.0.0.1:8320"
PAGE = "an HTML page instead of a code ('Sign in')"
BEFORE = AT - timedelta(seconds=1)
RETRY = "then send again with --retry-refused"
FIX_URL = (
    "ask Route Mobile to register https://YOUR-HOST/dlr/route_mobile/****, with RMANALYTICS_COLLECT_TOKEN as the "
    "last part"
)
LOOPBACK = "; the collector listens on this machine only: put a proxy with TLS in front of it"

WAIT = "wait: `rmanalytics validate --wait 600`"
NEW_TEST = "send a new test: `rmanalytics prove --to NUMBER --template-id ID --body TEXT`"
SAME_TEST = "run the same `rmanalytics prove` again"
DUE = SimulatorFacts(n_pending=1, next_s=3.4)
"""A simulator that still has a DLR to push, which it has not tried yet."""

IS_DUE = "the simulator has 1 DLR to push, the next in 4 s: wait: `rmanalytics validate --wait 60`"
UNREAD = {"n_callbacks": 1, "n_unreadable": 1}
LAST = "ORDER BY received_at DESC LIMIT 3"
SHOW_UNREAD = "show them to Route Mobile: "
SHOW_UNREAD += rows(f"SELECT unread_reason, query, body FROM callbacks WHERE n_unread > 0 {LAST}", NOTHING)
OF_TIMES = "SELECT query, body FROM callbacks JOIN (SELECT DISTINCT callback_id FROM dlrs WHERE {which}) "
OF_TIMES += f"USING (callback_id) {LAST}"
SILENT = "no callback received yet although 1 message was accepted"
FIX_ID = "ask Route Mobile to send back the id of the submit response (sMessageId) or $$MessageID (`msgid`)"
FIX_ECHO = (
    "carry $$MessageID in `msgid` and `udf1` of CleverTap's provider, and "
    "ask Route Mobile to return one of them in the DLR"
)
FIX_TEXT = (
    "make the text match its template: `rmanalytics dlt check --templates TEMPLATES --messages BATCH` shows "
)
FIX_TEXT += "the first difference"
FIX_RELAY = (
    "correct RMANALYTICS_RELAY_URL (the callback URL that CleverTap shows), restart `rmanalytics collect`, "
)
FIX_RELAY += "then "
RELAY_AGAIN = "`rmanalytics relay retry --all` and `rmanalytics validate --wait 60`"
FIX_RELAY += RELAY_AGAIN
LINTED = LintFinding(
    severity=Severity.WARNING,
    code="type-missing",
    where="body",
    line=1,
    why="no type",
    fix='add type = "0"',
    source="Route Mobile",
)
AS_CLEVERTAP = "sent as CleverTap would, $$MessageID is in `msgid` and `udf1`"
WITH_FILE = f"{NEW_TEST[:-1]} --provider FILE`"


def _collector(reason: str, status: str, at: datetime = AT) -> CollectorFacts:
    """A collector that refused two requests, the last one then."""
    refused = Refusals(reason=reason, status=status, n=2, at=at)
    return CollectorFacts(url=URL, is_answering=True, refused=(refused,))


CASES: dict[str, tuple[str, Facts, Mark, str, str]] = {
    "reached": ("reached", DONE, Mark.PASS, "every request was answered", ""),
    "reached: two of six hundred without an answer": (
        "reached",
        facts(
            submitted=(answered(n=598), answered("unclear", None, http_status=None, n=2)),
            became=(became(n=598), became("unclear", n=2)),
        ),
        Mark.WARNING,
        "2 messages have no clear answer: no answer",
        "ask Route Mobile what happened to them before you send them again",
    ),
    "reached: a read timeout": (
        "reached",
        facts(
            submitted=(
                answered("unclear", None, http_status=None, detail="no complete answer from h: timed out"),
            ),
            became=(became("unclear"),),
        ),
        Mark.FAIL,
        "1 message has no clear answer: timed out after 15 s",
        "the timeout is RMANALYTICS_SEND_TIMEOUT_S, CleverTap's is 15 s: ask Route Mobile what happened to it before "
        "you send it again",
    ),
    "reached: a page": (
        "reached",
        facts(
            submitted=(answered("unclear", None, detail=f"HTTP 200 without a code; {PAGE}"),),
            became=(became("unclear"),),
        ),
        Mark.FAIL,
        f"1 message has no clear answer: {PAGE}",
        "usually a wrong path or a proxy; check RMANALYTICS_ROUTE_MOBILE_URL, then ask Route Mobile "
        "what happened to it before you send it again",
    ),
    "reached: a broken connection": (
        "reached",
        facts(
            submitted=(
                answered(
                    "unclear",
                    None,
                    http_status=None,
                    detail="no complete answer from h: the connection broke",
                ),
            ),
            became=(became("unclear"),),
        ),
        Mark.FAIL,
        "1 message has no clear answer: connection closed without an answer",
        "ask Route Mobile what happened to it before you send it again",
    ),
    "url: unclear whether one is expected": (
        "callback_url",
        facts(submitted=(answered("unclear", None),), became=(became("unclear"),)),
        Mark.INCONCLUSIVE,
        "it is unclear whether a message was accepted; no callback received yet",
        "",
    ),
    "delivered: rejected by DLT": (
        "delivered",
        facts(submitted=(answered(),), became=(became("failed", "633"),)),
        Mark.FAIL,
        "not delivered: TEMPLATE_NOT_MATCHED (633)",
        "fix what criterion C reports",
    ),
    "reached: 1715": (
        "reached",
        facts(submitted=(answered("unclear", "1715", n=3),), became=(became("unclear", n=3),)),
        Mark.FAIL,
        "3 messages have no clear answer: response timeout, never resend (1715)",
        "ask Route Mobile what happened to them before sending them again",
    ),
    "reached: no connection": (
        "reached",
        facts(submitted=(answered("unsent", None, http_status=None),), became=(became("unsent"),)),
        Mark.FAIL,
        "the gateway cannot be reached",
        "check RMANALYTICS_ROUTE_MOBILE_URL and the network, then send again",
    ),
    "reached: https where http is spoken": (
        "reached",
        facts(
            submitted=(
                answered(
                    "unsent",
                    None,
                    http_status=None,
                    detail="no connection to h: it answers, but not in TLS; if it is plain http, write http://",
                ),
            ),
            became=(became("unsent"),),
        ),
        Mark.FAIL,
        "the gateway cannot be reached: it answers, but not in TLS",
        "write http:// in RMANALYTICS_ROUTE_MOBILE_URL, or give the port that takes https, then send again",
    ),
    "payload: http where https is wanted": (
        "payload",
        refused(None, http_status=301, detail="a redirect to https://h/bulksms, the same URL in https"),
        Mark.FAIL,
        "HTTP 301 without a code, a redirect to https://h/bulksms, the same URL in https",
        "write https:// in RMANALYTICS_ROUTE_MOBILE_URL",
    ),
    "payload: http where https is wanted, a provider file rehearsed": (
        "payload",
        replace(
            refused(None, http_status=301, detail="a redirect to https://h/bulksms, the same URL in https"),
            is_as_clevertap=True,
            gateway="simulator",
        ),
        Mark.FAIL,
        "HTTP 301 without a code, a redirect to https://h/bulksms, the same URL in https",
        "restart `simulate` without `--fault https_only`, or as for a real gateway: write https:// in `endpoint` of "
        "the provider file if it names this machine, else in RMANALYTICS_ROUTE_MOBILE_URL",
    ),
    "reached: no connection, as CleverTap": (
        "reached",
        facts(
            submitted=(answered("unsent", None, http_status=None),),
            became=(became("unsent"),),
            is_as_clevertap=True,
        ),
        Mark.FAIL,
        "the gateway cannot be reached",
        "check `endpoint` in the provider file and the network, then send again",
    ),
    "credentials": ("credentials", DONE, Mark.PASS, "the gateway accepted user name and password", ""),
    "credentials: nothing sent": (
        "credentials",
        NOTHING,
        Mark.INCONCLUSIVE,
        "nothing was sent",
        "send a test: `rmanalytics send BATCH`",
    ),
    "credentials: wrong": (
        "credentials",
        refused("1703"),
        Mark.FAIL,
        "invalid username or password (1703)",
        "put the correct user name and password into RMANALYTICS_ROUTE_MOBILE_USERNAME and _PASSWORD (.env) and into "
        f"CleverTap's provider, {RETRY}",
    ),
    **{
        f"credentials: {name}, as CleverTap": (
            "credentials",
            replace(refused(code, http_status=status), is_as_clevertap=True),
            Mark.FAIL,
            says,
            "correct `username` and `password` in the provider file, or in .env the variables that they name, "
            f"{RETRY}",
        )
        for name, code, status, says in (
            ("wrong", "1703", 200, "invalid username or password (1703)"),
            ("HTTP 401", None, 401, "HTTP 401 without a code"),
        )
    },
    "credentials: 1709 to the end": (
        "credentials",
        refused("1709"),
        Mark.FAIL,
        "user validation failed, may be retried (1709)",
        f"ask Route Mobile whether the account is active and this address may use it, {RETRY}",
    ),
    "credentials: HTTP 401": (
        "credentials",
        refused(None, http_status=401),
        Mark.FAIL,
        "HTTP 401 without a code",
        "put the correct user name and password into RMANALYTICS_ROUTE_MOBILE_USERNAME and _PASSWORD (.env) and into "
        f"CleverTap's provider, {RETRY}",
    ),
    "credentials: only the header was refused": (
        "credentials",
        refused("1707"),
        Mark.PASS,
        "the gateway accepted user name and password",
        "",
    ),
    "payload": ("payload", DONE, Mark.PASS, "the gateway understood the request", ""),
    "payload: blank": (
        "payload",
        refused("1702"),
        Mark.FAIL,
        "a parameter is missing or blank (1702)",
        "fill in every parameter of the request: `rmanalytics provider lint` names the missing one",
    ),
    "payload: blank, as CleverTap": (
        "payload",
        replace(refused("1702"), is_as_clevertap=True),
        Mark.FAIL,
        "a parameter is missing or blank (1702)",
        "fill in every parameter, and let `Content-Type` name the format that the payload has: `rmanalytics provider "
        "lint FILE` names what is wrong",
    ),
    "payload: wrong path": (
        "payload",
        refused(None, http_status=404),
        Mark.FAIL,
        "HTTP 404 without a code",
        "check RMANALYTICS_ROUTE_MOBILE_URL and _FORMAT against what Route Mobile gave you",
    ),
    "payload: wrong path, as CleverTap": (
        "payload",
        replace(refused(None, http_status=404), is_as_clevertap=True),
        Mark.FAIL,
        "HTTP 404 without a code",
        "check `endpoint`, `request_type` and `parameters` in the provider file against what Route Mobile gave you: "
        "`rmanalytics provider lint FILE` names what is wrong",
    ),
    "payload: told nothing yet": (
        "payload",
        refused("1703"),
        Mark.INCONCLUSIVE,
        "no message has been accepted",
        "",
    ),
    "header": ("header", DONE, Mark.PASS, "the gateway accepted the header", ""),
    "header: wrong": (
        "header",
        refused("1707"),
        Mark.FAIL,
        "invalid source (header) (1707)",
        "set a header that Route Mobile registered for this account (RMANALYTICS_ROUTE_MOBILE_HEADER, the batch's "
        f"`header`, `source` in CleverTap), {RETRY}; used: TESTSM",
    ),
    "header: wrong, of a test": (
        "header",
        replace(refused("1707"), is_trial=True),
        Mark.FAIL,
        "invalid source (header) (1707)",
        "set a header that Route Mobile registered for this account (RMANALYTICS_ROUTE_MOBILE_HEADER, `--header`, "
        f"`source` in CleverTap), then {SAME_TEST}; used: TESTSM",
    ),
    "credit": ("credit", DONE, Mark.PASS, "the account has credit", ""),
    "credit: none": (
        "credit",
        refused("1025"),
        Mark.FAIL,
        "insufficient credit (1025)",
        f"top up the Route Mobile account, {RETRY}",
    ),
    "template": ("template", DONE, Mark.PASS, "no DLR and no submit code reports a DLT error", ""),
    "template: no DLR yet": (
        "template",
        facts(**SENT),
        Mark.INCONCLUSIVE,
        "no DLR reports the result of DLT scrubbing yet",
        "",
    ),
    "template: its header is unknown to DLT": (
        "template",
        facts(submitted=(answered(),), became=(became("failed", "620"),)),
        Mark.FAIL,
        "DLT rejects 1 message: HEADER_NOT_FOUND (620)",
        "correct the header where it is misspelt (RMANALYTICS_ROUTE_MOBILE_HEADER, the batch's `header`, `source` in "
        "CleverTap), else register it in the DLT portal and link it to the template",
    ),
    "template: unknown to DLT": (
        "template",
        facts(submitted=(answered(),), became=(became("failed", "630"),)),
        Mark.FAIL,
        "DLT rejects 1 message: TEMPLATE_NOT_FOUND (630)",
        "send the id of a registered template (the batch's `template_id`, `tempid` in CleverTap)",
    ),
    **{
        f"template: unknown to DLT, {name}": (
            "template",
            facts(submitted=(answered(),), became=(became("failed", "630"),), mismatches=ours, **given),
            Mark.FAIL,
            "DLT rejects 1 message: TEMPLATE_NOT_FOUND (630)",
            fix,
        )
        for name, given, ours, fix in (
            (
                "of a test",
                {"is_trial": True},
                (),
                "send the id of a registered template (`--template-id`, `tempid` in CleverTap)",
            ),
            (
                "of a test as CleverTap",
                {"is_trial": True, "is_as_clevertap": True},
                (),
                "send the id of a registered template (`--template-id`, or `tempid` in the provider file where that "
                "is not $$TemplateID)",
            ),
            (
                "whose text fits another one",
                {"is_trial": True},
                (Mismatch(template_id="1107", reason="unknown_template", expected="one", fits="1108"),),
                "the text matches template 1108: send that id (`--template-id`, `tempid` in CleverTap)",
            ),
        )
    },
    "template: one of two is rejected, the other's DLR is due": (
        "template",
        facts(submitted=(answered(n=2),), became=(became("failed", "633"), became("no_dlr")), simulator=DUE),
        Mark.INCONCLUSIVE,
        "DLT rejects 1 message: TEMPLATE_NOT_MATCHED (633)",
        f"{IS_DUE}; if it stays so, {FIX_TEXT}",
    ),
    "template: one of two is refused, the other's DLR is due": (
        "template",
        facts(
            submitted=(answered(), answered("refused", "1033")),
            became=(became("refused"), became("no_dlr")),
            simulator=DUE,
        ),
        Mark.INCONCLUSIVE,
        "source does not match the template (1033)",
        f"{IS_DUE}; if it stays so, link the header with the template in the DLT portal, {RETRY}",
    ),
    "template: one of two is rejected, another template's DLR is due": (
        "template",
        facts(
            submitted=(answered(n=2),),
            became=(became("failed", "633"), became("no_dlr", template_id="1108")),
            simulator=DUE,
        ),
        Mark.FAIL,
        "DLT rejects 1 message: TEMPLATE_NOT_MATCHED (633)",
        FIX_TEXT,
    ),
    "template: others of it are delivered": (
        "template",
        facts(submitted=(answered(n=9),), became=(became(n=8), became("failed", "633"))),
        Mark.WARNING,
        "DLT rejects 1 message: TEMPLATE_NOT_MATCHED (633)",
        FIX_TEXT,
    ),
    "template: several codes": (
        "template",
        facts(
            submitted=(answered(n=5),),
            became=(became("failed", "633", n=2), became("failed", "660", n=2), became("failed", "633")),
        ),
        Mark.FAIL,
        "DLT rejects 5 messages, 3 of them TEMPLATE_NOT_MATCHED (633)",
        FIX_TEXT,
    ),
    "template: others of another one are delivered": (
        "template",
        facts(submitted=(answered(n=2),), became=(became(template_id="1108"), became("failed", "633"))),
        Mark.FAIL,
        "DLT rejects 1 message: TEMPLATE_NOT_MATCHED (633)",
        FIX_TEXT,
    ),
    "template: a text that is known not to match": (
        "template",
        facts(
            submitted=(answered(),),
            became=(became("failed", "633"),),
            mismatches=(Mismatch(template_id="1107", reason="letter_case", expected="Acme", actual="ACME"),),
        ),
        Mark.FAIL,
        "DLT rejects 1 message: TEMPLATE_NOT_MATCHED (633)",
        "make the text match its template: expected 'Acme', found 'ACME'",
    ),
    "template: a text that fits another one, with its place": (
        "template",
        facts(
            submitted=(answered(),),
            became=(became("failed", "633"),),
            mismatches=(
                Mismatch(
                    template_id="1107",
                    reason="letter_case",
                    expected="t",
                    actual="f",
                    position=17,
                    before="482913 is the OTP ",
                    after="or Acme",
                    fits="1108",
                ),
            ),
        ),
        Mark.FAIL,
        "DLT rejects 1 message: TEMPLATE_NOT_MATCHED (633)",
        "the text matches template 1108: send that id (the batch's `template_id`, `tempid` in CleverTap), or make the "
        "text match its template: expected 't', found 'f' at character 18: “#### is the OTP [f]or Acme”",
    ),
    "template: a character too many, with its place": (
        "template",
        facts(
            submitted=(answered(),),
            became=(became("failed", "633"),),
            mismatches=(
                Mismatch(
                    template_id="1107",
                    reason="extra_text",
                    expected="",
                    actual="m",
                    position=9,
                    before="Dear custo",
                    after="mer, 482913",
                ),
            ),
        ),
        Mark.FAIL,
        "DLT rejects 1 message: TEMPLATE_NOT_MATCHED (633)",
        "make the text match its template: remove 'm' at character 10: “Dear custo[m]mer, ####”",
    ),
    "template: another entity's": (
        "template",
        facts(
            submitted=(answered(),),
            became=(became("failed", "600"),),
            mismatches=(
                Mismatch(template_id="1107", reason="entity_mismatch", expected="1101", actual="1109"),
            ),
        ),
        Mark.FAIL,
        "DLT rejects 1 message: ENTITY_NOT_FOUND (600)",
        "entity 1109 was sent; template 1107 belongs to 1101: correct the entity (RMANALYTICS_ROUTE_MOBILE_ENTITY_ID, "
        "the batch's `entity_id`, `entityid` in CleverTap)",
    ),
    "template: another header's": (
        "template",
        facts(
            submitted=(answered(),),
            became=(became("failed", "634"),),
            mismatches=(
                Mismatch(
                    template_id="1107", reason="header_not_registered", expected="ACMEBK", actual="TESTSM"
                ),
            ),
        ),
        Mark.FAIL,
        "DLT rejects 1 message: HEADER_NOT_REGISTERED_FOR_TEMPLATE (634)",
        "header TESTSM was sent; template 1107 belongs to ACMEBK: correct the header (RMANALYTICS_ROUTE_MOBILE_HEADER, "
        "the batch's `header`, `source` in CleverTap), or link TESTSM to the template in the DLT portal",
    ),
    "credit: none, to a test": (
        "credit",
        replace(refused("1025"), is_trial=True),
        Mark.FAIL,
        "insufficient credit (1025)",
        "top up the Route Mobile account, then run the same `rmanalytics prove` again",
    ),
    "template: refused at once": (
        "template",
        refused("1033"),
        Mark.FAIL,
        "source does not match the template (1033)",
        f"link the header with the template in the DLT portal, {RETRY}",
    ),
    "template: our own check": (
        "template",
        facts(
            submitted=(answered(n=2),),
            became=(became(n=2),),
            n_checked=2,
            mismatches=(Mismatch(template_id="1107", reason="text", expected="order", actual="oder"),),
        ),
        Mark.WARNING,
        "1 of 2 texts does not match the template",
        FIX_TEXT,
    ),
    **{
        f"template: our own check, {reason}": (
            "template",
            facts(
                submitted=(answered(),),
                became=(became(),),
                n_checked=1,
                mismatches=(Mismatch(template_id="1107", reason=reason, expected=expected, actual="TESTSM"),),
            ),
            Mark.WARNING,
            "1 of 1 message was not sent as the template is registered",
            fix,
        )
        for reason, expected, fix in (
            (
                "header_not_registered",
                "ACMEBK",
                "header TESTSM was sent; template 1107 belongs to ACMEBK: correct the header "
                "(RMANALYTICS_ROUTE_MOBILE_HEADER, the batch's `header`, `source` in CleverTap), or link TESTSM to the "
                "template in the DLT portal",
            ),
            (
                "entity_mismatch",
                "1101",
                "entity TESTSM was sent; template 1107 belongs to 1101: correct the entity "
                "(RMANALYTICS_ROUTE_MOBILE_ENTITY_ID, the batch's `entity_id`, `entityid` in CleverTap)",
            ),
            (
                "category_mismatch",
                "a header of letters (transactional)",
                "send from a header of letters (transactional) (RMANALYTICS_ROUTE_MOBILE_HEADER, the batch's "
                "`header`, `source` in CleverTap)",
            ),
            (
                "template_inactive",
                "active",
                "have the template activated in the DLT portal, or use another one",
            ),
            ("link_not_whitelisted", "https://acme.example", "whitelist the link in the DLT portal"),
            (
                "outside_hours",
                "10:00 to 21:00 Indian time",
                "send promotional messages from 10:00 to 21:00 Indian time",
            ),
            (
                "unknown_template",
                "a registered template id",
                "send the id of a registered template (the batch's `template_id`, `tempid` in CleverTap)",
            ),
        )
    },
    "codes": ("codes", DONE, Mark.PASS, "every code is in Route Mobile's list", ""),
    "codes: a number": (
        "codes",
        facts(submitted=(answered(), answered("refused", "1706")), became=(became(), became("refused"))),
        Mark.WARNING,
        "1 number refused: invalid destination (1706)",
        "check these numbers: other messages are not affected",
    ),
    "codes: never seen": (
        "codes",
        refused("1799"),
        Mark.WARNING,
        "an undocumented code (1799)",
        "ask Route Mobile what the code means; until then it counts as refused",
    ),
    "log: none": (
        "clevertap_log",
        DONE,
        Mark.NOT_APPLICABLE,
        "CleverTap's error log was not imported",
        "export it and run `rmanalytics import clevertap-errors FILE`",
    ),
    "log: clean": (
        "clevertap_log",
        facts(log=()),
        Mark.PASS,
        "the imported log has no error since the first submission",
        "",
    ),
    "log: timeout": (
        "clevertap_log",
        facts(
            log=(Logged(category="timeout", text="Error java.net.SocketTimeoutException: Read timed out"),)
        ),
        Mark.FAIL,
        "CleverTap logged 1 error of transmission: Error java.net.SocketTimeoutException: Read timed out",
        "ask the gateway why its endpoint does not answer CleverTap within 15 s",
    ),
    "log: authentication": (
        "clevertap_log",
        facts(log=(Logged(category=None, text="HTTP 401 Unauthorized", n=3),)),
        Mark.FAIL,
        "CleverTap logged 3 errors of authentication: HTTP 401 Unauthorized",
        "check user name, password and headers of CleverTap's provider",
    ),
    "log: payload": (
        "clevertap_log",
        facts(log=(Logged(category="payload", text="bad"),)),
        Mark.FAIL,
        "CleverTap logged 1 error of payload: bad",
        "check the payload of CleverTap's provider: `rmanalytics provider lint`",
    ),
    "log: of other kinds": (
        "clevertap_log",
        facts(log=(Logged(category="other", text="DND failure", n=2),)),
        Mark.WARNING,
        "CleverTap logged 2 errors of other kinds",
        "read them",
    ),
    "recent": (
        "recent",
        replace(DONE, last_at=BEFORE, max_age_s=60),
        Mark.PASS,
        "the batch was sent 1.0 s ago",
        "",
    ),
    "recent: nothing sent": ("recent", NOTHING, Mark.NOT_APPLICABLE, "nothing was sent yet", ""),
    "recent: too old": (
        "recent",
        replace(DONE, last_at=AT - timedelta(hours=25), max_age_s=86_400),
        Mark.INCONCLUSIVE,
        "the batch was sent 25 h ago, too long to say how things are now (RMANALYTICS_VALIDATE_MAX_AGE_H: 24)",
        f"{NEW_TEST}, or name this one: `rmanalytics validate --batch b1`",
    ),
    "url": ("callback_url", DONE, Mark.PASS, "1 callback received since the first submission", ""),
    "url: nothing accepted": (
        "callback_url",
        refused("1703"),
        Mark.INCONCLUSIVE,
        "no message was accepted, so no callback is expected",
        "",
    ),
    "url: silence": (
        "callback_url",
        facts(**SENT),
        Mark.INCONCLUSIVE,
        SILENT,
        f"{WAIT}; if none comes, {FIX_URL}{LOOPBACK}",
    ),
    "url: silence past the horizon": ("callback_url", OVERDUE, Mark.FAIL, SILENT, FIX_URL + LOOPBACK),
    "url: wrong token": (
        "callback_url",
        facts(**SENT, collector=_collector("token", "404")),
        Mark.FAIL,
        "callbacks go to a wrong URL: the collector answers 404 (wrong path or token)",
        f"{FIX_URL}, then {NEW_TEST}",
    ),
    "url: a wrong token before anything was sent": (
        "callback_url",
        facts(**SENT, collector=_collector("token", "404", at=BEFORE)),
        Mark.INCONCLUSIVE,
        SILENT,
        f"{WAIT}; if none comes, {FIX_URL}{LOOPBACK}",
    ),
    "url: blocked": (
        "callback_url",
        facts(**SENT, collector=_collector("network", "403")),
        Mark.FAIL,
        "the collector refuses the caller's address (403): RMANALYTICS_COLLECT_ALLOW does not list that address",
        "add the gateway's networks to RMANALYTICS_COLLECT_ALLOW, and a proxy's to "
        f"RMANALYTICS_COLLECT_TRUSTED_PROXIES, restart `rmanalytics collect`, then {NEW_TEST}",
    ),
    **{
        f"url: blocked, {name}": (
            "callback_url",
            facts(
                **SENT, collector=replace(_collector("network", "403"), caller="2001:db8::9", caller_at=at)
            ),
            Mark.FAIL,
            f"the collector refuses the caller's address (403): RMANALYTICS_COLLECT_ALLOW does not list {whom}",
            "add the gateway's networks to RMANALYTICS_COLLECT_ALLOW, and a proxy's to "
            f"RMANALYTICS_COLLECT_TRUSTED_PROXIES, restart `rmanalytics collect`, then {NEW_TEST}",
        )
        for name, at, whom in (
            ("with a right token", AT, "2001:db8::9"),
            ("with a right token before", BEFORE, "that address"),
        )
    },
    "url: blocked, by a collector that does not know the new networks": (
        "callback_url",
        facts(**SENT, collector=_collector("network", "403"), old_settings=("RMANALYTICS_COLLECT_ALLOW",)),
        Mark.FAIL,
        "the collector refuses the caller's address (403): RMANALYTICS_COLLECT_ALLOW does not list that address",
        "restart `rmanalytics collect`: it started before RMANALYTICS_COLLECT_ALLOW was changed, then "
        f"{NEW_TEST}",
    ),
    "url: a stranger was refused, and the DLR is due": (
        "callback_url",
        facts(**SENT, collector=_collector("token", "404"), simulator=DUE),
        Mark.INCONCLUSIVE,
        "callbacks go to a wrong URL: the collector answers 404 (wrong path or token)",
        f"{IS_DUE}; if it stays so, {FIX_URL}, then {NEW_TEST}",
    ),
    "url: somebody was refused, a minute after a real account's send": (
        "callback_url",
        facts(**SENT, last_at=AT - timedelta(minutes=1), collector=_collector("token", "404")),
        Mark.INCONCLUSIVE,
        "callbacks go to a wrong URL: the collector answers 404 (wrong path or token)",
        f"{WAIT}; if it stays so, {FIX_URL}, then {NEW_TEST}",
    ),
    "url: the simulator was refused": (
        "callback_url",
        facts(
            **SENT,
            collector=_collector("token", "404"),
            simulator=SimulatorFacts(n_pending=2, n_failing=1, failed_at=AT, failure="HTTP 404"),
        ),
        Mark.FAIL,
        "callbacks go to a wrong URL: the collector answers 404 (wrong path or token)",
        f"{FIX_URL}, then {NEW_TEST}",
    ),
    "url: the simulator calls where nothing listens, and tries again": (
        "callback_url",
        facts(
            **SENT,
            collector=CollectorFacts(url=URL, is_answering=True, started_at=BEFORE),
            simulator=SimulatorFacts(
                n_pending=1, n_failing=1, failed_at=AT, failure="connection refused", next_s=5.2
            ),
        ),
        Mark.INCONCLUSIVE,
        "callbacks do not arrive: the simulator's last one failed (connection refused), it tries again in 6 s",
        f"{FIX_URL}, then {NEW_TEST}",
    ),
    "url: no collector": (
        "callback_url",
        facts(**SENT, collector=CollectorFacts(url="http://127.0.0.1:8320", is_answering=False)),
        Mark.INCONCLUSIVE,
        "no callback was received, and no collector answers at http://127.0.0.1:8320",
        f"start `rmanalytics collect` there, then {NEW_TEST}",
    ),
    "url: no collector, and the simulator gave up": (
        "callback_url",
        facts(
            **SENT,
            collector=CollectorFacts(url="http://127.0.0.1:8320", is_answering=False),
            simulator=SimulatorFacts(lost_at=AT),
        ),
        Mark.FAIL,
        "no callback was received, and no collector answers at http://127.0.0.1:8320",
        f"start `rmanalytics collect` there, then {NEW_TEST}",
    ),
    "url: the collector came too late": (
        "callback_url",
        facts(
            **SENT,
            last_at=AT,
            collector=CollectorFacts(url=URL, is_answering=True, started_at=AT + timedelta(seconds=90)),
        ),
        Mark.INCONCLUSIVE,
        "no callback was received: the collector started 90 s after the batch was sent, and DLRs pushed before that "
        "are lost",
        NEW_TEST,
    ),
    "url: the collector came too late, the simulator still tries": (
        "callback_url",
        facts(
            **SENT,
            last_at=AT,
            collector=CollectorFacts(url=URL, is_answering=True, started_at=AT + timedelta(seconds=90)),
            simulator=SimulatorFacts(n_pending=2, next_s=3.4),
        ),
        Mark.INCONCLUSIVE,
        SILENT,
        "the simulator has 2 DLRs to push, the next in 4 s: wait: `rmanalytics validate --wait 60`",
    ),
    "url: no collector, and the simulator still tries": (
        "callback_url",
        facts(**SENT, collector=CollectorFacts(url=URL, is_answering=False), simulator=DUE),
        Mark.INCONCLUSIVE,
        f"no callback was received, and no collector answers at {URL}",
        "start `rmanalytics collect` there, then `rmanalytics validate --wait 60`: the simulator pushes what it still "
        "has",
    ),
    "url: the simulator calls another": (
        "callback_url",
        facts(**SENT, simulator=SimulatorFacts(lost_at=AT)),
        Mark.FAIL,
        "callbacks go to a wrong URL: the simulator gave up, nothing answers 200 there",
        f"{FIX_URL}, then {NEW_TEST}",
    ),
    "url: the simulator gave up before": (
        "callback_url",
        facts(**SENT, simulator=SimulatorFacts(lost_at=BEFORE)),
        Mark.INCONCLUSIVE,
        f"{SILENT}, and the simulator has none to push",
        "take a number whose DLRs it pushes, and `--profile clean` (`rmanalytics simulate --explain`); if it was "
        f"restarted since, its DLRs are lost, then {NEW_TEST}",
    ),
    "url: the simulator plays an account without one": (
        "callback_url",
        facts(**SENT, is_trial=True, simulator=SimulatorFacts(is_unregistered=True)),
        Mark.INCONCLUSIVE,
        f"{SILENT}, and the simulator plays an account without a callback URL (`--fault unregistered`)",
        "a real account needs its callback URL registered at Route Mobile; here, restart `rmanalytics simulate` "
        f"without `--fault unregistered`, then {SAME_TEST}",
    ),
    "url: the simulator calls nobody": (
        "callback_url",
        facts(**SENT, simulator=SimulatorFacts(callback=None)),
        Mark.INCONCLUSIVE,
        f"{SILENT}, and the simulator has no callback URL",
        f"{FIX_URL}, then {NEW_TEST}",
    ),
    "url: another gateway's path, and the DLR is due": (
        "callback_url",
        facts(**SENT, **UNREAD, elsewhere="gupshup", simulator=DUE),
        Mark.INCONCLUSIVE,
        "callbacks come to /dlr/gupshup/, expected /dlr/route_mobile/",
        f"{IS_DUE}; if it stays so, correct the callback URL: {FIX_URL}, then {NEW_TEST}",
    ),
    "id": ("id", DONE, Mark.PASS, "the id is returned", ""),
    "id: no DLR": ("id", facts(**SENT), Mark.INCONCLUSIVE, "no DLR yet", WAIT),
    "id: by number only": (
        "id",
        facts(matched_by={"msisdn_header_window": 2}),
        Mark.FAIL,
        "the id is not returned: 2 of 2 DLRs were matched by number, header and time only",
        f"{FIX_ID}; CleverTap cannot count such DLRs",
    ),
    "id: unmatched": (
        "id",
        facts(**SENT, n_unmatched=3),
        Mark.FAIL,
        "the id is not returned: 3 DLRs received for these numbers, none with an id that was given for them",
        FIX_ID,
    ),
    "id: one is a stranger's": (
        "id",
        replace(DONE, n_unmatched=1),
        Mark.WARNING,
        "1 DLR for these numbers has an id that we do not know",
        FIX_ID,
    ),
    "id: the gateway's alone, sent as CleverTap would": (
        "id",
        replace(DONE, is_as_clevertap=True),
        Mark.FAIL,
        "$$MessageID is not returned: the DLRs of 1 of 1 message lack it",
        "ask Route Mobile to return `msgid` or `udf1` in the DLR; the provider file has to carry $$MessageID in both",
    ),
    "id: the gateway's alone, of a simulator that plays it": (
        "id",
        replace(DONE, is_as_clevertap=True, is_echoless=True, is_trial=True),
        Mark.FAIL,
        "$$MessageID is not returned: the DLRs of 1 of 1 message lack it",
        "the simulator plays a gateway that does not return it (`--fault no_echo`): a real one has to return `msgid` "
        "or `udf1` in the DLR, ask Route Mobile; here, restart `rmanalytics simulate` without `--fault no_echo`, then "
        f"{SAME_TEST}",
    ),
    "id: the gateway's alone, and a relay waits for ours": (
        "id",
        replace(DONE, has_relay=True),
        Mark.FAIL,
        "$$MessageID is not returned: the DLRs of 1 of 1 message lack it",
        f"{WITH_FILE}: {AS_CLEVERTAP}",
    ),
    "id: the gateway's alone, of messages that CleverTap sent": (
        "id",
        facts(became=(became(),), has_relay=True),
        Mark.FAIL,
        "$$MessageID is not returned: the DLRs of 1 of 1 message lack it",
        FIX_ECHO,
    ),
    "id: the gateway's alone, in a test, and a relay waits for ours": (
        "id",
        replace(DONE, has_relay=True, is_trial=True),
        Mark.FAIL,
        "$$MessageID is not returned: the DLRs of 1 of 1 message lack it",
        f"{SAME_TEST} with `--provider FILE`: {AS_CLEVERTAP}",
    ),
    "id: a stranger's, and the DLR is due": (
        "id",
        facts(**SENT, n_unmatched=3, simulator=DUE),
        Mark.INCONCLUSIVE,
        "the id is not returned: 3 DLRs received for these numbers, none with an id that was given for them",
        f"{IS_DUE}; if it stays so, {FIX_ID}",
    ),
    "id: only a callback that cannot be read": (
        "id",
        facts(**SENT, **UNREAD),
        Mark.INCONCLUSIVE,
        "no DLR yet; 1 callback since then could not be read in full",
        "",
    ),
    "id: ours, sent as CleverTap would": (
        "id",
        replace(DONE, is_as_clevertap=True, n_echoed=1),
        Mark.PASS,
        "the $$MessageID is returned",
        "",
    ),
    "dlr": ("dlr", DONE, Mark.PASS, "1 of 1 accepted message has a DLR", ""),
    "dlr: none yet": (
        "dlr",
        facts(**SENT),
        Mark.INCONCLUSIVE,
        "no DLR yet",
        "wait: `rmanalytics validate --wait 600`",
    ),
    "dlr: overdue": (
        "dlr",
        OVERDUE,
        Mark.FAIL,
        "0 of 1 accepted message have a DLR, 1 has none within 72 h (RMANALYTICS_HORIZON_H)",
        "ask Route Mobile whether DLRs are switched on for this account (`dlr=1`)",
    ),
    "dlr: unreadable": (
        "dlr",
        facts(**SENT, **UNREAD),
        Mark.FAIL,
        "1 callback received that cannot be read",
        SHOW_UNREAD,
    ),
    "dlr: unreadable, and the DLR is due": (
        "dlr",
        facts(**SENT, **UNREAD, simulator=DUE),
        Mark.INCONCLUSIVE,
        "1 callback received that cannot be read",
        f"{IS_DUE}; if it stays so, {SHOW_UNREAD}",
    ),
    "status": (
        "status",
        facts(words=(Word(raw_status="DELIVRD", status="delivered"),)),
        Mark.PASS,
        "every status word maps to delivered, failed or queued",
        "",
    ),
    "status: only a word never seen": (
        "status",
        facts(words=(Word(raw_status="DEFERRED", status="unknown"),)),
        Mark.FAIL,
        "status words that are in no table: DEFERRED",
        f"{status_words.advice('Route Mobile')}, then `rmanalytics validate`",
    ),
    "status: only a word never seen, and a DLR is due": (
        "status",
        facts(
            became=(became("unknown"),),
            words=(Word(raw_status="DEFERRED", status="unknown"),),
            simulator=DUE,
        ),
        Mark.INCONCLUSIVE,
        "status words that are in no table: DEFERRED",
        f"{IS_DUE}; if it stays so, {status_words.advice('Route Mobile')}, then `rmanalytics validate`",
    ),
    "status: UNKNOWN is a word": (
        "status",
        facts(words=(Word(raw_status="UNKNOWN", status="unknown"),)),
        Mark.INCONCLUSIVE,
        "the DLRs only say UNKNOWN",
        "",
    ),
    "error codes": ("error_codes", DONE, Mark.PASS, "no DLR carries an error code", ""),
    "error codes: documented": (
        "error_codes",
        facts(became=(became("failed", "205"),)),
        Mark.PASS,
        "every code is known",
        "",
    ),
    "error codes: never seen": (
        "error_codes",
        facts(became=(became("failed", "20zz"),)),
        Mark.WARNING,
        "error codes that are in no table: 20zz",
        "ask Route Mobile for the operator's code list, and look them up with `rmanalytics dlt codes`",
    ),
    "time zone": ("time_zone", facts(offsets=off({0: 9})), Mark.PASS, "dtSubmit fits Asia/Kolkata", ""),
    "time zone: times that could not be read": (
        "time_zone",
        facts(offsets=off({0: 9}), n_times_unread=1),
        Mark.WARNING,
        "1 DLR gives a time that could not be read",
        "ask Route Mobile to write times as 2025-01-31 10:20:30; show them some: "
        + rows(OF_TIMES.format(which="is_time_unread"), NOTHING),
    ),
    "time zone: times that cannot be right": (
        "time_zone",
        facts(offsets=off({0: 9}), n_times_impossible=2),
        Mark.WARNING,
        "2 DLRs are done before submitted, or dated a day after it was received",
        "ask Route Mobile about their clocks; show them some: "
        + rows(OF_TIMES.format(which=IS_IMPOSSIBLE), NOTHING),
    ),
    "time zone: no DLR": ("time_zone", NOTHING, Mark.INCONCLUSIVE, "no DLR with a dtSubmit yet", ""),
    "time zone: theirs is UTC": (
        "time_zone",
        facts(offsets=off({-330: 9, 0: 1})),
        Mark.FAIL,
        "wrong time zone: dtSubmit read as Asia/Kolkata is off by -5:30 h",
        "set RMANALYTICS_ROUTE_MOBILE_TIMEZONE=UTC, delete data/rmanalytics.duckdb (the journal keeps "
        "everything), then `rmanalytics validate`",
    ),
    "time zone: ours is UTC": (
        "time_zone",
        facts(offsets=off({330: 1}), gateway_zone="UTC"),
        Mark.FAIL,
        "wrong time zone: dtSubmit read as UTC is off by +5:30 h",
        "set RMANALYTICS_ROUTE_MOBILE_TIMEZONE=Asia/Kolkata, delete data/rmanalytics.duckdb (the journal keeps "
        "everything), then `rmanalytics validate`",
    ),
    "time zone: changed since": (
        "time_zone",
        facts(
            offsets=off({-330: 9}),
            gateway_zone="UTC",
            outdated="DLRs were read by others: X: delete d.duckdb",
        ),
        Mark.FAIL,
        "dtSubmit is off by -5:30 h: DLRs were read by others: X",
        "delete d.duckdb, then `rmanalytics validate`",
    ),
    "time zone: changed since, and right as it was": (
        "time_zone",
        facts(
            offsets=off({330: 9}),
            gateway_zone="UTC",
            outdated="DLRs were read by others: X: delete d.duckdb",
            earlier={"RMANALYTICS_ROUTE_MOBILE_TIMEZONE": "Asia/Kolkata"},
        ),
        Mark.FAIL,
        "wrong time zone: dtSubmit read as UTC is off by +5:30 h",
        "set RMANALYTICS_ROUTE_MOBILE_TIMEZONE=Asia/Kolkata, delete data/rmanalytics.duckdb (the journal keeps "
        "everything), then `rmanalytics validate`",
    ),
    "time zone: changed since, and right": (
        "time_zone",
        facts(offsets=off({0: 9}), outdated="DLRs were read by others: X: delete d.duckdb"),
        Mark.PASS,
        "dtSubmit fits Asia/Kolkata",
        "",
    ),
    "time zone: theirs is Singapore's": (
        "time_zone",
        facts(offsets=off({480: 1}), gateway_zone="UTC"),
        Mark.FAIL,
        "wrong time zone: dtSubmit read as UTC is off by +8:00 h",
        "set RMANALYTICS_ROUTE_MOBILE_TIMEZONE=Etc/GMT-8, delete data/rmanalytics.duckdb (the journal keeps "
        "everything), then `rmanalytics validate`",
    ),
    "time zone: theirs is Nepal's": (
        "time_zone",
        facts(offsets=off({345: 1}, 344), gateway_zone="UTC"),
        Mark.FAIL,
        "wrong time zone: dtSubmit read as UTC is off by +5:44 h",
        "set RMANALYTICS_ROUTE_MOBILE_TIMEZONE=Asia/Kathmandu, delete data/rmanalytics.duckdb (the journal keeps "
        "everything), then `rmanalytics validate`",
    ),
    **{
        f"time zone: a clock {name}": (
            "time_zone",
            facts(offsets=off({quarter: 1}, minutes)),
            Mark.WARNING,
            f"dtSubmit is off by {words}, which no time zone explains",
            "synchronize this machine's clock with NTP; if it is right, ask Route Mobile about theirs",
        )
        for name, quarter, minutes, words in (
            ("near a quarter hour", 15, 15, "+15 min"),
            ("near half an hour", 30, 24, "+24 min"),
            ("behind by half an hour", -30, -26, "-26 min"),
            ("an hour and a quarter ahead, where no zone is", 75, 75, "+1:15 h"),
            ("a day ahead", 1440, 1440, "+24:00 h"),
            ("with UTC beside it", -315, -310, "-5:10 h"),
        )
    },
    "time zone: a clock": (
        "time_zone",
        facts(offsets=off({15: 1}, 20)),
        Mark.WARNING,
        "dtSubmit is off by +20 min, which no time zone explains",
        "synchronize this machine's clock with NTP; if it is right, ask Route Mobile about theirs",
    ),
    "relay: none": ("relay", DONE, Mark.NOT_APPLICABLE, "no relay to CleverTap is configured", ""),
    "relay: taken": ("relay", facts(relay=RelayFacts(n_relayed=3)), Mark.PASS, "CleverTap answered 2xx", ""),
    "relay: refused": (
        "relay",
        facts(relay=RelayFacts(n_parked=1, last_error="HTTP 400")),
        Mark.FAIL,
        "CleverTap did not accept relayed DLRs: HTTP 400",
        f"{FIX_RELAY}; `rmanalytics relay parked` lists what was refused",
    ),
    "relay: refused, by the URL of before": (
        "relay",
        facts(relay=RelayFacts(n_parked=1, last_error="HTTP 400"), old_settings=("RMANALYTICS_RELAY_URL",)),
        Mark.FAIL,
        "CleverTap did not accept relayed DLRs: HTTP 400",
        f"restart `rmanalytics collect`: it started before RMANALYTICS_RELAY_URL was changed, then {RELAY_AGAIN}; "
        "`rmanalytics relay parked` lists what was refused",
    ),
    "relay: no connection": (
        "relay",
        facts(relay=RelayFacts(n_waiting=1, last_error="no connection", retry_at=AT)),
        Mark.FAIL,
        "CleverTap did not accept relayed DLRs: no connection",
        f"{FIX_RELAY}; by itself it tries again 24 Nov 2026, 10:20:00 IST",
    ),
    **{
        f"relay: unavailable, {name}": (
            "relay",
            facts(relay=RelayFacts(n_waiting=1, last_error=error, retry_at=at)),
            Mark.INCONCLUSIVE,
            f"CleverTap is unavailable, relayed DLRs wait: {error}",
            "there is nothing to correct: keep `rmanalytics collect` (or `relay run`) running, it tries again"
            f"{when}, then `rmanalytics validate --wait 60`",
        )
        for name, error, at, when in (
            ("tried again later", "HTTP 503", AT, " 24 Nov 2026, 10:20:00 IST"),
            ("too many requests", "HTTP 429", AT, " 24 Nov 2026, 10:20:00 IST"),
            ("not tried", "waiting, not tried yet, since HTTP 500", None, ""),
        )
    },
    "relay: unavailable, rehearsed": (
        "relay",
        facts(relay=RelayFacts(n_waiting=1, last_error="HTTP 503", is_rehearsed=True)),
        Mark.INCONCLUSIVE,
        "CleverTap is unavailable, relayed DLRs wait: HTTP 503",
        "here the simulator plays that: set RMANALYTICS_RELAY_URL to its /clevertap/200, restart `rmanalytics "
        f"collect`, then {NEW_TEST}",
    ),
    "relay: unavailable, past the horizon": (
        "relay",
        facts(relay=RelayFacts(n_waiting=1, last_error="HTTP 503"), last_at=AT - timedelta(hours=80)),
        Mark.FAIL,
        "CleverTap is unavailable, relayed DLRs wait: HTTP 503, past the horizon of 72 h (RMANALYTICS_HORIZON_H)",
        "ask CleverTap about its callback URL; `rmanalytics relay retry --all` tries at once, then `rmanalytics "
        "validate --wait 60`",
    ),
    "relay: relayed, with ids that the DLRs lack": (
        "relay",
        facts(became=(became(),), relay=RelayFacts(n_relayed=1)),
        Mark.WARNING,
        "relayed with ids known from sending here, as the DLRs carry none: those of CleverTap's own messages would "
        "not be relayed",
        FIX_ECHO,
    ),
    "relay: nothing yet, and the collector knows no URL": (
        "relay",
        facts(relay=RelayFacts(n_waiting=1), old_settings=("RMANALYTICS_RELAY_URL",)),
        Mark.INCONCLUSIVE,
        "nothing was relayed yet",
        "restart `rmanalytics collect`: it started before RMANALYTICS_RELAY_URL was changed, then `rmanalytics "
        "validate --wait 60`",
    ),
    "relay: not let in": (
        "relay",
        facts(relay=RelayFacts(n_waiting=1, last_error="HTTP 401")),
        Mark.FAIL,
        "CleverTap did not accept relayed DLRs: HTTP 401",
        FIX_RELAY,
    ),
    "relay: unclear": (
        "relay",
        facts(relay=RelayFacts(n_relayed=5, n_unclear=1)),
        Mark.WARNING,
        "1 relayed DLR had no clear answer",
        "compare with CleverTap's campaign report: they are not retried automatically",
    ),
    "relay: a rehearsal": (
        "relay",
        facts(relay=RelayFacts(is_barred=True)),
        Mark.NOT_APPLICABLE,
        "simulated DLRs are not relayed to CleverTap",
        "",
    ),
    "relay: nothing yet": (
        "relay",
        facts(relay=RelayFacts(n_waiting=1)),
        Mark.INCONCLUSIVE,
        "nothing was relayed yet",
        "keep `rmanalytics collect` (or `relay run`) running",
    ),
    "relay: no DLR": (
        "relay",
        facts(**SENT, relay=RelayFacts()),
        Mark.INCONCLUSIVE,
        "no final DLR to relay yet",
        WAIT,
    ),
    "relay: no $$MessageID": (
        "relay",
        replace(DONE, relay=RelayFacts()),
        Mark.FAIL,
        "nothing is relayed: no DLR carries a $$MessageID",
        f"{WITH_FILE}: {AS_CLEVERTAP}",
    ),
    "provider file: none": (
        "provider_file",
        DONE,
        Mark.NOT_APPLICABLE,
        "no provider file at hand",
        "`rmanalytics provider lint FILE` checks one, and so does `rmanalytics prove --provider FILE`",
    ),
    "provider file: sound": (
        "provider_file",
        replace(DONE, warned_of=()),
        Mark.PASS,
        "lint finds no error and no warning",
        "",
    ),
    "provider file: two warnings": (
        "provider_file",
        replace(DONE, warned_of=(LINTED, LINTED)),
        Mark.WARNING,
        "lint warns of body in the provider file: no type",
        'add type = "0"; `rmanalytics provider lint FILE` shows 1 more warning',
    ),
    "relay: ids that are not CleverTap's": (
        "relay",
        replace(DONE, relay=RelayFacts(), n_echoed=1),
        Mark.WARNING,
        "nothing is relayed: the ids of these messages are not CleverTap's",
        "send a test from CleverTap, then run `rmanalytics validate --campaign ITS-CAMPAIGN`",
    ),
    "relay: ids that are not CleverTap's, in a rehearsal": (
        "relay",
        replace(DONE, relay=RelayFacts(), n_echoed=1, gateway="simulator"),
        Mark.WARNING,
        "nothing is relayed: the ids of these messages are not CleverTap's",
        f"{WITH_FILE}: in a rehearsal its id is of CleverTap's form",
    ),
    "number": ("number", DONE, Mark.PASS, "every DLR names the intended number", ""),
    "number: another": (
        "number",
        facts(strays=(Stray(intended=MASKED, told="9198****0002"),)),
        Mark.FAIL,
        "1 DLR names a different number than the message",
        "check that `destination` carries $$To, and ask Route Mobile about these ids",
    ),
    "number: no DLR": ("number", facts(**SENT), Mark.INCONCLUSIVE, "no DLR names a number yet", ""),
    "delivered": ("delivered", DONE, Mark.PASS, "1 of 1 message reported delivered", ""),
    "delivered: not all": (
        "delivered",
        facts(became=(became(n=8), became("failed", "205", n=2))),
        Mark.WARNING,
        "8 of 10 messages reported delivered, 2 failed",
        "see why in `rmanalytics report campaign_delivery`",
    ),
    "delivered: failed": (
        "delivered",
        facts(became=(became("failed", "205"),)),
        Mark.FAIL,
        "not delivered: code 205",
        "try a phone that is on and in coverage; if it is, ask Route Mobile what the code means",
    ),
    "delivered: queued": (
        "delivered",
        facts(became=(became("queued"),)),
        Mark.INCONCLUSIVE,
        "1 message not final yet",
        "wait: `rmanalytics validate --wait 600`",
    ),
    "delivered: lost": (
        "delivered",
        facts(**SENT, simulator=SimulatorFacts(lost_at=AT)),
        Mark.INCONCLUSIVE,
        "1 message not final yet",
        NEW_TEST,
    ),
    "delivered: queued for ever": (
        "delivered",
        facts(**SENT | {"became": (became("queued"),)}, simulator=SimulatorFacts()),
        Mark.INCONCLUSIVE,
        "1 message not final yet, and the simulator has no further DLR",
        f"take a number with a final one (`rmanalytics simulate --explain`), then {NEW_TEST}",
    ),
    "delivered: refused as spam": (
        "delivered",
        refused("1028"),
        Mark.FAIL,
        "the gateway refused: spam message (1028)",
        "change the text, which the gateway takes for spam: other messages are not affected, then send again with "
        "--retry-refused",
    ),
    "delivered: overdue": (
        "delivered",
        OVERDUE,
        Mark.FAIL,
        "1 message not final yet, past the horizon of 72 h (RMANALYTICS_HORIZON_H)",
        "ask Route Mobile what happened to these messages",
    ),
    "delivered: refused": (
        "delivered",
        refused("1703"),
        Mark.FAIL,
        "the gateway refused: invalid username or password (1703)",
        "fix what criterion C reports, then send again with --retry-refused",
    ),
    "delivered: nothing sent": (
        "delivered",
        NOTHING,
        Mark.INCONCLUSIVE,
        "nothing was sent",
        "send a test: `rmanalytics send BATCH`",
    ),
}


@pytest.mark.parametrize("name, known, mark, says, fix", CASES.values(), ids=CASES)
def test_check(name: str, known: Facts, mark: Mark, says: str, fix: str) -> None:
    """A check comes to its mark, and says what it found and what to fix."""
    found: Finding = CHECKS[name](known)
    assert (found.mark, found.says, found.fix) == (mark, says, fix)


def test_every_check_has_a_row() -> None:
    """No check is without a case, and none passes in all of them."""
    assert {name for name, *_ in CASES.values()} == set(CHECKS)
    assert {name for name, _, mark, *_ in CASES.values() if mark not in {Mark.PASS}} == set(CHECKS)


def test_evidence_tells_which_message_which_code_and_when() -> None:
    """The evidence names how many, the code, a masked number and the time in the display zone."""
    assert CHECKS["credentials"](refused("1703")).evidence == (
        "1 message refused: invalid username or password (1703); first to 9198****0001, 24 Nov 2026, 10:20:00 IST",
    )
    assert CHECKS["delivered"](DONE).evidence == (
        "1 message delivered; first to 9198****0001, 24 Nov 2026, 10:20:00 IST; header TESTSM, template 1107",
    )
