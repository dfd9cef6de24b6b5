"""Each way in which an integration can be wrong, provoked on the simulator, and the verdict that it ends in.

Real sockets both ways, a real collector, real ingest; all of it in this process. Each row runs in a home of its own,
and in a home in which a green run and all the rows before have left what they leave.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.collectors import TOKEN
from support.proving import GREEN, OTP, SECRETS, Case, resent, run

from rmanalytics.errors import RmaError
from rmanalytics.validate import Verdict


def played(fault: str) -> str:
    """How the fix begins where the simulator plays the fault."""
    return f"the simulator plays it (`--fault {fault}`): restart it without, or as for a real gateway: "


AGAIN = "then run the same `rmanalytics prove` again"
NEW_TEST = "send a new test: `rmanalytics prove --to NUMBER --template-id ID --body TEXT`"
RESTART = "restart `rmanalytics collect`"
URL = "check RMANALYTICS_ROUTE_MOBILE_URL and _FORMAT against what Route Mobile gave you"
HEADER = "set a header that Route Mobile registered for this account (RMANALYTICS_ROUTE_MOBILE_HEADER, `--header`, "
OTHERS = "(the simulator's are in its `--header`: restart it without)"
HEADER += f"`source` in CleverTap) {OTHERS}, {AGAIN}; used:"
FILE_URL = "check `endpoint`, `request_type` and `parameters` in the provider file against what Route Mobile gave you"
FILE_URL += ": `rmanalytics provider lint FILE` names what is wrong"
REACH = "FAILED: the gateway cannot be reached: start `rmanalytics simulate`, or correct RMANALYTICS_ROUTE_MOBILE_URL, "
REACH += AGAIN
ACCOUNT = "put the correct user name and password into RMANALYTICS_ROUTE_MOBILE_USERNAME and _PASSWORD (.env) and into "
STARTED = "(the simulator has those of its start: restart it after a change)"
ACCOUNT += f"CleverTap's provider {STARTED}, {AGAIN}"
REGISTER = "restart `rmanalytics simulate` without --callback (it then calls this home's collector), or with "
REGISTER += "--callback {url}/dlr/simulator/TOKEN (TOKEN: RMANALYTICS_COLLECT_TOKEN)"
ECHO = "FAILED: $$MessageID is not returned: the DLRs of 1 of 1 message lack it: "
ASK_ECHO = "ask Route Mobile to return `msgid` or `udf1` in the DLR; the provider file has to carry $$MessageID in both"
NO_ECHO = "the simulator plays a gateway that does not return it (`--fault no_echo`): a real one has to return `msgid` "
NO_ECHO += (
    "or `udf1` in the DLR, ask Route Mobile; here, restart `rmanalytics simulate` without `--fault no_echo`, "
)
NO_ECHO += AGAIN
FILE = "`--provider FILE`: sent as CleverTap would, $$MessageID is in `msgid` and `udf1`"
RELAY = f"correct RMANALYTICS_RELAY_URL (the callback URL that CleverTap shows), {RESTART}, then `rmanalytics relay "
RELAY += "retry --all` and `rmanalytics validate --wait 60`"
PARKED = f"{RELAY}; `rmanalytics relay parked` lists what was refused"
LATER = f"{RELAY}; by itself it tries again {{later}}"
FIND = "make the text match its template: `rmanalytics dlt find TEXT --templates TEMPLATES` shows the first difference"
FIND += f", {AGAIN}"
OWN_TEXT = "make the text match its template: "
CHECK = "make the text match its template: `rmanalytics dlt check --templates TEMPLATES --messages BATCH` shows the "
CHECK += "first difference"
NO_TEMPLATE = "FAILED: DLT rejects 1 message: TEMPLATE_NOT_FOUND (630): "
NO_MATCH = "FAILED: DLT rejects 1 message: TEMPLATE_NOT_MATCHED (633): "
PASSED = "PASSED: all three criteria hold for 1 message, batch {batch} (simulated)"
CLOCK = "PASSED WITH A WARNING: dtSubmit is off by +20 min, which no time zone explains: "
CLOCK += f"{played('clock')}synchronize this machine's "
CLOCK += f"clock with NTP; if it is right, ask Route Mobile about theirs, {AGAIN}"

CASES = {
    "all is right": Case(exit_code=0, line=PASSED),
    "all is right, sent as CleverTap would": Case(provider={}, exit_code=0, line=PASSED),
    "credentials: wrong password": Case(
        sender={"route_mobile_password": "wr0ng"},
        exit_code=1,
        line=f"FAILED: invalid username or password (1703): {ACCOUNT}",
    ),
    "credentials: wrong user name in CleverTap": Case(
        provider={"body.username": "somebody"},
        exit_code=1,
        line="FAILED: invalid username or password (1703): correct `username` and `password` in the provider file, or "
        f"in .env the variables that they name {STARTED}, {AGAIN}",
    ),
    "sender: another account's": Case(
        sandbox={"headers": ["OTHERS"]},
        exit_code=1,
        line=f"FAILED: invalid source (header) (1707): {HEADER} ACMEBK",
    ),
    "sender: another account's, in CleverTap": Case(
        provider={},
        sandbox={"headers": ["OTHERS"]},
        exit_code=1,
        line="FAILED: invalid source (header) (1707): set `source` in the provider file to a header that Route Mobile "
        f"registered for this account {OTHERS}, {AGAIN}; used: ACMEBK",
    ),
    "entity: wrong in CleverTap": Case(
        provider={"body.entityid": "1101000000000000009"},
        exit_code=1,
        line="FAILED: DLT rejects 1 message: ENTITY_NOT_FOUND (600): set the entity id of the DLT portal (`entityid` "
        f"in the provider file), {AGAIN}",
    ),
    "entity: wrong": Case(
        sender={"route_mobile_entity_id": "1101000000000000009"},
        exit_code=1,
        line="FAILED: DLT rejects 1 message: ENTITY_NOT_FOUND (600): set the entity id of the DLT portal "
        f"(RMANALYTICS_ROUTE_MOBILE_ENTITY_ID, `--entity-id`, `entityid` in CleverTap), {AGAIN}",
    ),
    "template: unknown": Case(
        template_id="1107000000000000999",
        exit_code=1,
        line=f"{NO_TEMPLATE}send the id of a registered template (`--template-id`, `tempid` in CleverTap), {AGAIN}",
    ),
    "template: unknown, sent as CleverTap would": Case(
        template_id="1107000000000000999",
        provider={},
        exit_code=1,
        line=f"{NO_TEMPLATE}send the id of a registered template (`--template-id`, or `tempid` in the provider file "
        f"where that is not $$TemplateID), {AGAIN}",
    ),
    "template: unknown, and the text fits another one": Case(
        template_id="1107000000000000999",
        knows_templates=True,
        exit_code=1,
        line=f"{NO_TEMPLATE}the text matches template 1107000000000000101: send that id (`--template-id`, `tempid` in "
        f"CleverTap), {AGAIN}",
    ),
    "template: a text that does not match": Case(
        body=OTP.replace("Acme", "ACME"), exit_code=1, line=NO_MATCH + FIND
    ),
    "template: a text that does not match, which shows where": Case(
        body=OTP.replace("Acme", "ACME"),
        knows_templates=True,
        exit_code=1,
        line=f"{NO_MATCH}make the text match its template: expected 'cme', found 'CME' at character 50: "
        "“to sign in to A[CME] Bank. It is va”, " + AGAIN,
    ),
    **{
        f"template: {what}, which shows where": Case(
            body=OTP.replace(*change),
            knows_templates=True,
            exit_code=1,
            line=f"{NO_MATCH}{OWN_TEXT}{fix}, {AGAIN}",
        )
        for what, change, fix in (
            (
                "a letter too many",
                ("customer", "custommer"),
                "remove 'm' at character 12: “Dear custom[m]er, #### is y”",
            ),
            (
                "a space too many",
                ("Acme Bank", "Acme  Bank"),
                "remove ' ' at character 54: “ign in to Acme [ ]Bank. It is val”",
            ),
            (
                "a text before it",
                ("Dear", "Hi! Dear"),
                "remove 'Hi! ' at character 1: “[Hi! ]Dear customer, ”",
            ),
            (
                "a number behind it",
                ("anyone.", "anyone. 482913"),
                "remove ' ####' at character 116: “it with anyone.[ ####]”",
            ),
            (
                "a letter missing",
                ("customer", "custmer"),
                "expected 'o', found '' at character 10: “Dear cust[]mer, #### is ”",
            ),
        )
    },
    "template: another one's text": Case(
        template_id="1107000000000000102",
        knows_templates=True,
        exit_code=1,
        line=f"{NO_MATCH}the text matches template 1107000000000000101: send that id (`--template-id`, `tempid` in "
        "CleverTap), or make the text match its template: expected 'Rs.', found '' at character 1: "
        f"“[]Dear customer, ”, {AGAIN}",
    ),
    "template: a text that does not match, and a relay waits for ids": Case(
        body=OTP.replace("Acme", "ACME"),
        relay=200,
        sandbox={"fault": ["no_echo=1"]},
        exit_code=1,
        line=f"{NO_MATCH}{CHECK}, then {NEW_TEST} (and 1 more)",
    ),
    "template: none": Case(
        template_id="",
        exit_code=2,
        line="a domestic message needs its DLT template",
    ),
    "endpoint: wrong path": Case(
        path="/bulksms/none", exit_code=1, line=f"FAILED: HTTP 404 without a code: {URL}, {AGAIN}"
    ),
    "endpoint: wrong path in CleverTap": Case(
        provider={"endpoint": "https://api.rmlconnect.net/bulksms/none"},
        exit_code=1,
        line=f"FAILED: HTTP 404 without a code: {FILE_URL}, {AGAIN}",
    ),
    "endpoint: nothing listens": Case(
        sender={"route_mobile_url": "http://127.0.0.1:9/bulksms/bulksms", "send_retries": 0},
        exit_code=4,
        line=REACH,
    ),
    "endpoint: no clear answer": Case(
        to="919999900049",
        exit_code=1,
        line="FAILED: 1 message has no clear answer: HTTP 500: ask Route Mobile what happened to it, "
        f"{AGAIN}",
    ),
    "endpoint: a page": Case(
        to="919999900050",
        exit_code=1,
        line="FAILED: 1 message has no clear answer: an HTML page instead of a code ('Simulated: under maintenance'): "
        "usually a wrong path or a proxy; check RMANALYTICS_ROUTE_MOBILE_URL, then ask Route Mobile "
        f"what happened to it, {AGAIN}",
    ),
    "endpoint: no answer": Case(
        to="919999900047",
        exit_code=1,
        line="FAILED: 1 message has no clear answer: connection closed without an answer: ask Route Mobile what "
        f"happened to it, {AGAIN}",
    ),
    "endpoint: an answer too late": Case(
        to="919999900045",
        sender={"send_timeout_s": 1},
        exit_code=1,
        line="FAILED: 1 message has no clear answer: timed out after 1 s: the timeout is "
        f"RMANALYTICS_SEND_TIMEOUT_S, CleverTap's is 15 s: ask Route Mobile what happened to it, {AGAIN}",
    ),
    "http: where the gateway wants https": Case(
        sandbox={"fault": ["https_only=1"]},
        exit_code=1,
        line="FAILED: HTTP 301 without a code, a redirect to https://127.0.0.1/bulksms/personalizedbulksms, the same "
        "URL in https: restart `simulate` without `--fault https_only`, or as for a real gateway: write https:// in "
        f"RMANALYTICS_ROUTE_MOBILE_URL, {AGAIN}",
    ),
    "http: https where the gateway speaks http": Case(
        scheme="https",
        sender={"send_retries": 0},
        exit_code=4,
        line="FAILED: the gateway cannot be reached: it answers, but not in TLS: write http:// in "
        f"RMANALYTICS_ROUTE_MOBILE_URL, or give the port that takes https, {AGAIN}",
    ),
    "http: in CleverTap's provider": Case(
        provider={"endpoint": "http://api.rmlconnect.net/bulksms/bulksms"},
        exit_code=2,
        line="endpoint: CleverTap accepts only endpoints that begin with https://, and http exposes the password: use "
        "the endpoint's https URL",
    ),
    "method: GET where JSON is posted": Case(
        provider={
            "request_type": "GET",
            "endpoint": "https://api.rmlconnect.net/bulksms/jsonbulksms",
            "body.type": "0",
            "body.dlr": "1",
        },
        exit_code=1,
        line=f"FAILED: HTTP 405 without a code: {FILE_URL}, {AGAIN}",
    ),
    "method: GET, which puts the password into the URL": Case(
        provider={"request_type": "GET"},
        exit_code=0,
        line="PASSED WITH A WARNING: lint warns of request_type in the provider file: the password travels in the URL, "
        "which servers and proxies log: use POST with the parameters in the body, if Route Mobile accepts it for your "
        f"account, {AGAIN}",
    ),
    "content type: not that of the body": Case(
        provider={"headers.Content-Type": "text/plain"},
        sandbox={"fault": ["content_type=1"]},
        exit_code=1,
        line=f"FAILED: a parameter is missing or blank (1702): {played('content_type')}"
        "fill in every parameter, and let `Content-Type` name the "
        f"format that the payload has: `rmanalytics provider lint FILE` names what is wrong, {AGAIN}",
    ),
    "placeholder: misspelt": Case(
        provider={"body.msgid": "$$MesageID"},
        exit_code=2,
        line="body.msgid: $$MesageID is not a CleverTap placeholder (case matters): it becomes a custom one that every "
        "campaign must fill: write $$MessageID",
    ),
    "placeholder: without a value": Case(
        provider={"body.hid": "$$hid"},
        exit_code=2,
        line="$$hid has no value: put hid under [values] of the file",
    ),
    "id: not echoed": Case(provider={}, sandbox={"fault": ["no_echo=1"]}, exit_code=1, line=ECHO + NO_ECHO),
    "id: msgid alone, which does not come back": Case(
        provider={"body.udf1": None}, exit_code=1, line=f"{ECHO}{ASK_ECHO}, {AGAIN}"
    ),
    "id: foreign": Case(
        sandbox={"fault": ["wrong_id=1"]},
        exit_code=1,
        line="FAILED: the id is not returned: 1 of 1 DLR was matched by number, header and time only: "
        f"{played('wrong_id')}ask Route Mobile "
        "to send back the id of the submit response (sMessageId) or $$MessageID (`msgid`); CleverTap cannot count such "
        f"DLRs, {AGAIN}",
    ),
    "id: foreign, but ours comes back in udf1": Case(
        provider={}, sandbox={"fault": ["wrong_id=1"]}, exit_code=0, line=PASSED
    ),
    "DLR: not asked for": Case(
        provider={"body.dlr": "0"},
        exit_code=2,
        line='body.dlr: dlr = 0 requests no delivery report: write dlr = "1"',
    ),
    "DLR: cannot be parsed": Case(
        to="919999900025",
        exit_code=1,
        line=f"FAILED: 1 callback received that cannot be read: show them to Route Mobile: `{{command}}`, "
        f"{AGAIN}",
    ),
    "DLR: due, after a callback that cannot be parsed": Case(
        to="919999900026",
        sandbox={"speed": 2.0},
        exit_code=0,
        line=f"{PASSED}; 1 callback since then could not be read in full",
    ),
    "DLR: due, and not waited for": Case(
        to="919999900026",
        wait_s=0.0,
        sandbox={"speed": 0.5},
        exit_code=3,
        line="INCONCLUSIVE: no callback received yet although 1 message was accepted: the simulator has {pushes}",
    ),
    "DLR: well, and a callback beside it that cannot be parsed": Case(
        sandbox={"fault": ["garbage=1", "dlr_first=1"]},
        exit_code=0,
        line=f"{PASSED}; 1 callback since then could not be read in full",
    ),
    "DLR: a word that nobody knows": Case(
        to="919999900007",
        exit_code=1,
        line="FAILED: status words that are in no table: DEFERRED: ask Route Mobile what they mean, add them "
        "to the CSV file that RMANALYTICS_STATUS_WORDS names (columns word, status), then delete the database and run "
        "`rmanalytics ingest`, then `rmanalytics validate`",
    ),
    "DLR: about another number": Case(
        sandbox={"fault": ["wrong_number=1"]},
        exit_code=1,
        line=f"FAILED: 1 DLR names a different number than the message: {played('wrong_number')}"
        "check that `destination` carries $$To, and ask "
        f"Route Mobile about these ids, {AGAIN}",
    ),
    "DLR: queued for ever": Case(
        to="919999900005",
        exit_code=3,
        line="INCONCLUSIVE: 1 message not final yet, and the simulator has no further DLR: take a number with a final "
        "one (`rmanalytics simulate --explain`), then run the same `rmanalytics prove` again",
    ),
    "DLR: none, of a number that gets none": Case(
        to="919999900006",
        exit_code=3,
        line="INCONCLUSIVE: no callback received yet although 1 message was accepted, and the simulator has none to "
        "push: take a number whose DLRs it pushes, and `--profile clean` (`rmanalytics simulate --explain`); if it "
        f"was restarted since, its DLRs are lost, {AGAIN}",
    ),
    "callback URL: on another host": Case(
        callback=None,
        exit_code=1,
        line="FAILED: callbacks go to a wrong URL: the simulator gave up, nothing answers 200 there: "
        f"{REGISTER}, {AGAIN}",
    ),
    "callback URL: on another host, and the simulator still tries": Case(
        callback=None,
        sandbox={"retries_s": (30.0,)},
        wait_s=1.0,
        exit_code=3,
        line="INCONCLUSIVE: callbacks do not arrive: the simulator's last one failed (connection refused), it tries "
        f"again in {{next}} s: {REGISTER}, {AGAIN}",
    ),
    "callback URL: not registered": Case(
        sandbox={"fault": ["unregistered=1"]},
        wait_s=0.0,
        exit_code=3,
        line="INCONCLUSIVE: no callback received yet although 1 message was accepted, and the simulator plays an "
        "account without a callback URL (`--fault unregistered`): a real account needs its callback URL registered at "
        "Route Mobile; here, restart `rmanalytics simulate` without `--fault unregistered`, " + AGAIN,
    ),
    "callback URL: not registered, and a magic number": Case(
        to="919999900001",
        sandbox={"fault": ["unregistered=1"]},
        wait_s=0.0,
        exit_code=3,
        line="INCONCLUSIVE: no callback received yet although 1 message was accepted, and the simulator plays an "
        "account without a callback URL (`--fault unregistered`): a real account needs its callback URL registered at "
        "Route Mobile; here, restart `rmanalytics simulate` without `--fault unregistered`, " + AGAIN,
    ),
    "id: not echoed, and a magic number": Case(
        to="919999900001", provider={}, sandbox={"fault": ["no_echo=1"]}, exit_code=1, line=ECHO + NO_ECHO
    ),
    "callback URL: the simulator is about to call it": Case(
        sandbox={"speed": 0.1},
        wait_s=0.0,
        exit_code=3,
        line="INCONCLUSIVE: no callback received yet although 1 message was accepted: the simulator has {pushes}",
    ),
    "callback URL: blocked": Case(
        collector={"collect_allow": "203.0.113.0/24"},
        exit_code=1,
        line="FAILED: the collector refuses the caller's address (403): RMANALYTICS_COLLECT_ALLOW does not list "
        "127.0.0.1: add the gateway's networks to RMANALYTICS_COLLECT_ALLOW, and a proxy's to "
        f"RMANALYTICS_COLLECT_TRUSTED_PROXIES, {RESTART}, {AGAIN}",
    ),
    "callback URL: wrong token": Case(
        callback="/dlr/simulator/wr0ng",
        exit_code=1,
        line="FAILED: callbacks go to a wrong URL: the collector answers 404 (wrong path or token): "
        f"{REGISTER}, {AGAIN}",
    ),
    "callback URL: a token changed since the collector started": Case(
        before={"collect_token": "an-older-token"},
        exit_code=1,
        line="FAILED: callbacks go to a wrong URL: the collector answers 404 (wrong path or token): "
        f"{RESTART}: it started before RMANALYTICS_COLLECT_TOKEN was changed, {AGAIN}",
    ),
    "callback URL: a token changed, and nothing was started anew": Case(
        before={"collect_token": "an-older-token"},
        callback="/dlr/simulator/an-older-token",
        exit_code=0,
        line="PASSED WITH A WARNING: 1 callback received since the first submission, but by a collector that started "
        "before RMANALYTICS_COLLECT_TOKEN was changed: restart both `rmanalytics collect` and `rmanalytics simulate`, "
        f"which keep the old token until then, {AGAIN}",
    ),
    "collector: another setting changed since it started": Case(
        before={"collect_max_body_bytes": 2048},
        exit_code=0,
        line="PASSED WITH A WARNING: 1 callback received since the first submission, but by a collector that started "
        f"before RMANALYTICS_COLLECT_MAX_BODY_BYTES was changed: {RESTART}, {AGAIN}",
    ),
    "callback URL: another gateway's path": Case(
        callback=f"/dlr/gupshup/{TOKEN}",
        exit_code=1,
        line="FAILED: callbacks come to /dlr/gupshup/, expected /dlr/simulator/: correct the callback URL: "
        f"{REGISTER}, {AGAIN}",
    ),
    "callback URL: slow": Case(
        collector={"collect_client_timeout_s": 1},
        sandbox={"fault": ["slow_callback=1"]},
        exit_code=1,
        line="FAILED: callbacks are too slow: one was not complete after the 1 s of "
        f"RMANALYTICS_COLLECT_CLIENT_TIMEOUT_S (408): {played('slow_callback')}"
        "check the network and the proxy in front of the collector, or "
        f"raise that setting and "
        f"{RESTART}, {AGAIN}",
    ),
    "collector: down": Case(
        collector=None,
        exit_code=1,
        line="FAILED: no callback was received, and no collector answers at {collector}: start `rmanalytics collect` "
        f"there, {AGAIN}",
    ),
    "relay: sent without the provider file": Case(
        rehearsed=200,
        sandbox={"fault": ["no_echo=1"]},
        exit_code=1,
        line=f"FAILED: $$MessageID is not returned: the DLRs of 1 of 1 message lack it: {played('no_echo')}"
        f"run the same `rmanalytics prove` again with {FILE}",
    ),
    "relay: CleverTap answers 401": Case(
        provider={},
        relay=401,
        exit_code=1,
        line=f"FAILED: CleverTap did not accept relayed DLRs: HTTP 401: {LATER}",
    ),
    "relay: CleverTap answers 503": Case(
        provider={},
        relay=503,
        wait_s=1.0,
        exit_code=3,
        line="INCONCLUSIVE: CleverTap is unavailable, relayed DLRs wait: HTTP 503: there is nothing to correct: keep "
        "`rmanalytics collect` (or `relay run`) running, it tries again {later}",
    ),
    "relay: rehearsed, 503": Case(
        provider={},
        rehearsed=503,
        wait_s=3.0,
        exit_code=3,
        line="INCONCLUSIVE: CleverTap is unavailable, relayed DLRs wait: HTTP 503: here the simulator plays that: set "
        f"RMANALYTICS_RELAY_URL to its /clevertap/200, {RESTART}, {AGAIN}",
    ),
    "relay: CleverTap answers 400": Case(
        provider={},
        relay=400,
        exit_code=1,
        line=f"FAILED: CleverTap did not accept relayed DLRs: HTTP 400: bad request: {PARKED}",
    ),
    "relay: CleverTap answers 200": Case(provider={}, relay=200, exit_code=0, line=PASSED),
    "relay: rehearsed, taken": Case(provider={}, rehearsed=200, exit_code=0, line=PASSED),
    "relay: rehearsed, 400": Case(
        provider={},
        rehearsed=400,
        exit_code=1,
        line=f"FAILED: CleverTap did not accept relayed DLRs: HTTP 400: simulated: Bad Request: {PARKED}",
    ),
    "relay: rehearsed, 401": Case(
        provider={},
        rehearsed=401,
        exit_code=1,
        line=f"FAILED: CleverTap did not accept relayed DLRs: HTTP 401: {LATER}",
    ),
    "relay: no $$MessageID in the DLR": Case(
        relay=200,
        sandbox={"fault": ["no_echo=1"]},
        exit_code=1,
        line=f"FAILED: $$MessageID is not returned: the DLRs of 1 of 1 message lack it: {played('no_echo')}"
        "send a new test: `rmanalytics prove --to NUMBER --template-id ID --body TEXT --provider FILE`: sent as "
        "CleverTap would, $$MessageID is in `msgid` and `udf1`",
    ),
    "CleverTap's own log has an error": Case(
        log="HTTP 401 Unauthorized",
        exit_code=1,
        line="FAILED: CleverTap logged 1 error of authentication: HTTP 401 Unauthorized: check user name, password and "
        f"headers of CleverTap's provider, then {NEW_TEST}",
    ),
    "time zone: UTC": Case(
        sandbox={"fault": ["utc_times=1"]},
        exit_code=1,
        line="FAILED: wrong time zone: dtSubmit read as Asia/Kolkata is off by -5:30 h: "
        f"{played('utc_times')}set "
        "RMANALYTICS_ROUTE_MOBILE_TIMEZONE=UTC, delete {database} (the journal keeps everything), then `rmanalytics "
        "validate`",
    ),
    "time zone: times that cannot be read": Case(
        sandbox={"fault": ["odd_times=1"]},
        exit_code=0,
        line="PASSED WITH A WARNING: 1 DLR gives a time that could not be read: "
        f"{played('odd_times')}ask Route Mobile to write times as "
        "2025-01-31 10:20:30; show them some: `{command}`, " + AGAIN,
    ),
    "clock: 20 minutes off": Case(sandbox={"fault": ["clock=1"]}, exit_code=0, line=CLOCK),
    "credit: none": Case(
        sandbox={"credits_left": 0},
        exit_code=1,
        line=f"FAILED: insufficient credit (1025): top up the Route Mobile account (the simulator's: "
        f"restart it without `--credits`), {AGAIN}",
    ),
    "number: none": Case(
        to="12",
        exit_code=2,
        line="is too short, an Indian mobile number has 10 digits: write other numbers with + and country code",
    ),
}


@pytest.fixture(scope="module")
def used_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a run was green."""
    folder = tmp_path_factory.mktemp("green")
    assert run(GREEN, folder / "data", "919800009999", folder).exit_code == 0
    return folder / "data"


@pytest.mark.parametrize("name", CASES)
def test_in_a_fresh_home(tmp_path: Path, name: str) -> None:
    """The exit code and the last line name the cause and the fix, without a number or a secret."""
    told, wanted = _told(name, tmp_path / "data", tmp_path)
    assert told == wanted


@pytest.mark.parametrize("name", CASES)
def test_after_a_green_run(tmp_path: Path, used_home: Path, name: str) -> None:
    """The same, whatever was proved before: the verdict is about the new message alone."""
    home = used_home
    if CASES[name].knows_templates:  # other rows know none
        home = tmp_path / "data"
        assert run(GREEN, home, "919800009998", tmp_path).exit_code == 0
    told, wanted = _told(name, home, tmp_path)
    assert told == wanted


def test_a_resend_is_judged_alone(tmp_path: Path) -> None:
    """The DLRs of the first sending do not turn a resend green whose own DLRs carry foreign ids."""
    first, again = resent(tmp_path / "data", tmp_path, "wrong_id=1")
    assert (first.exit_code, first.line.partition(", sent ")[0]) == (
        0,
        f"PASSED: all three criteria hold for 2 messages, batch {first.batch_id} (simulated)",
    )
    assert again.about.startswith(f"2 messages, resent batch {first.batch_id} (simulated)")
    assert (again.exit_code, again.line.partition(", none")[0]) == (
        1,
        "FAILED: the id is not returned: 2 DLRs received for these numbers",
    )


_PUSHES = r"(?<=has )\d+ DLRs? to push, the next in \d+ s: wait: `rmanalytics validate --wait \d+0`$"


def _told(name: str, home: Path, folder: Path) -> tuple[Any, Any]:
    """Return what a case came to and what it should: exit code, last line, contradictions, commands, secrets."""
    case, number = CASES[name], f"91980000{list(CASES).index(name):04}"
    try:
        verdict = run(case, home, number, folder)
    except RmaError as error:
        return (error.exit_code, str(error).partition(": ")[2]), (case.exit_code, case.line)
    known = {
        "batch": verdict.batch_id,
        "collector": verdict.line.partition("answers at ")[2].partition(": start")[0],
        "url": "http://127.0.0.1:" + "".join(re.findall(r"127\.0\.0\.1:(\d+)/dlr", verdict.line)),
        "pushes": "".join(re.findall(_PUSHES, verdict.line)),
        "next": "".join(re.findall(r"again in (\d+) s", verdict.line)),
        "database": home / "rmanalytics.duckdb",
        "command": "".join(re.findall("`([^`]* -c [^`]*)`", verdict.line)),
        "later": verdict.line.partition("tries again ")[2].removeprefix("by itself "),
    }
    line = re.sub(r", sent [\d.]+ \w+ ago", "", verdict.line) if verdict.exit_code == 0 else verdict.line
    shown = str(verdict.as_dict())
    leaked = [word for word in (*SECRETS, case.to or number) if word in shown]
    is_command = not known["command"] or bool(_output(known["command"]))
    told = (verdict.exit_code, line, _contradictions(verdict), is_command, leaked)
    return told, (case.exit_code, case.line.format(**known), [], True, [])


def _output(command: str) -> str:
    """What a command prints when it is pasted into a shell."""
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


def _contradictions(verdict: Verdict) -> list[str]:
    """Fixes that ask to wait, where another asks for a new test or no message was accepted."""
    found = [checked.finding for judged in verdict.criteria for checked in judged.checks]
    if not any(
        AGAIN.removeprefix("then ") in one.fix or "no message was accepted" in one.says for one in found
    ):
        return []
    return [one.fix for one in found if one.fix.startswith("wait: ")]
