"""A whole set-up in one process, right but for what a case changes: collector, simulator, relay, verdict."""

from __future__ import annotations

import csv
import socket
import time
import tomllib
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from support.collectors import TOKEN, collecting_here
from support.providers import Change, write
from support.receiver import Receiver, receiving

from rmanalytics import config, simulator
from rmanalytics.checks import Mark
from rmanalytics.config import Settings
from rmanalytics.imports import bring_in
from rmanalytics.provider import Provider, load
from rmanalytics.relay.run import run as relay_once
from rmanalytics.send import send
from rmanalytics.support import resources
from rmanalytics.validate import Verdict, validate
from rmanalytics.validate.facts import live
from rmanalytics.validate.prove import prove

OTP = "Dear customer, 482913 is your OTP to sign in to Acme Bank. It is valid for 10 minutes. "
OTP += "Do not share it with anyone."
ACCOUNT = {"route_mobile_username": "acct", "route_mobile_password": "s3cret"}
RIGHT = {"route_mobile_header": "ACMEBK", "route_mobile_entity_id": "1101000000000000001"}
SECRETS = ("s3cret", "wr0ng", TOKEN)
WAIT_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is wrong, and the exit code and last line that it ends in; `error` instead of a verdict.

    `sandbox` are options of the simulator, `sender` settings of who sends, `collector` those of the collector (None:
    it is down), `before` those of them that were changed since it started, `callback` the path that the gateway calls
    (None: where nobody listens). `provider` changes the sample provider file, by which the message is then sent.
    `relay` is what CleverTap answers; then the message has a $$MessageID of CleverTap's. `rehearsed` is what the
    simulator answers in CleverTap's place. `log` is a line of CleverTap's error log. `knows_templates`: the sample
    templates were imported.
    """

    exit_code: int
    line: str
    sandbox: dict[str, Any] = field(default_factory=dict)
    sender: dict[str, Any] = field(default_factory=dict)
    collector: dict[str, Any] | None = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    callback: str | None = f"/dlr/simulator/{TOKEN}"
    path: str = "/bulksms/personalizedbulksms"
    scheme: str = "http"
    to: str | None = None
    body: str = OTP
    template_id: str = "1107000000000000101"
    provider: Change | None = None
    relay: int | None = None
    rehearsed: int | None = None
    log: str | None = None
    knows_templates: bool = False
    is_strict: bool = False
    wait_s: float = WAIT_S


GREEN = Case(exit_code=0, line="PASSED")


def run(case: Case, home: Path, number: str, folder: Path) -> Verdict:
    """Send one message as the case says, over real sockets, and return the verdict on it."""
    home.parent.mkdir(parents=True, exist_ok=True)
    (home.parent / ".env").write_text(
        "".join(f"RMANALYTICS_{name.upper()}={value}\n" for name, value in ACCOUNT.items())
    )
    with ExitStack() as stack:
        clevertap = _clevertap(case, stack)
        settings = _settings(case, home, clevertap, stack)
        definition = _provider(case, folder)
        if case.knows_templates:
            bring_in(settings, "templates", resources.samples() / "templates.csv")
        if clevertap or case.log:
            verdict = _by_batch(case, settings, definition, clevertap, number, folder)
        else:
            verdict = _proved(case, settings, definition, number)
        return _settled(verdict, case, settings)


def _proved(case: Case, settings: Settings, definition: Provider | None, number: str) -> Verdict:
    return prove(
        settings,
        case.to or number,
        approve=lambda plan: True,
        body=case.body,
        template_id=case.template_id or None,
        provider=definition,
        is_strict=case.is_strict,
        wait_s=case.wait_s,
        watch=partial(_relay, settings, case),
    )


def _settled(verdict: Verdict, case: Case, settings: Settings) -> Verdict:
    """Return the verdict; a failure must still be one when all is in that was on its way."""
    if verdict.mark is Mark.FAIL:
        while (found := live.simulator(settings)) and found.n_pending:
            time.sleep(0.05)
        later = validate(settings, batch_id=verdict.batch_id, is_strict=case.is_strict)
        assert later.mark is Mark.FAIL, f"{verdict.line} became {later.line}"
    return verdict


def _relay(settings: Settings, case: Case, _verdict: Verdict, _left_s: float) -> None:
    """Do once what `collect` does all the time where a relay URL is set."""
    if case.rehearsed:
        relay_once(settings, once=True)


def resent(home: Path, folder: Path, fault: str) -> list[Verdict]:
    """Send a batch of two rows, then resend it while the gateway has a fault; return both verdicts."""
    path, row = folder / "batch.csv", {"body": OTP, "campaign_id": "otp", "template_id": GREEN.template_id}
    _table(path, *({"msisdn": number} | row for number in ("919800000001", "919800000002")))
    verdicts = []
    for sandbox in ({}, {"fault": [fault]}):
        with ExitStack() as stack:
            case = Case(exit_code=0, line="", sandbox=sandbox)
            settings = _settings(case, home, None, stack)
            send(path, settings, approve=lambda plan: True, resend_all=bool(sandbox))
            verdicts.append(validate(settings, wait_s=WAIT_S))
    return verdicts


def _clevertap(case: Case, stack: ExitStack) -> Receiver | None:
    if case.relay is None:
        return None
    receiver = stack.enter_context(receiving())
    receiver.status = case.relay
    return receiver


def _settings(case: Case, home: Path, clevertap: Receiver | None, stack: ExitStack) -> Settings:
    """Start what the case wants to run; return the settings of who sends and judges."""
    own: dict[str, Any] = {"home": home, "collect_token": TOKEN, "collect_port": free_port(), **RIGHT}
    own |= {"send_retry_s": 0, "relay_interval_s": 0.02, "relay_retry_s": 0.05} | (case.collector or {})
    port = own["collect_port"] if case.callback else free_port()
    options = {"speed": 100.0, "retries_s": (), "profile_name": "clean", "scrub": scrub()} | case.sandbox
    callback = f"http://127.0.0.1:{port}{case.callback or '/'}"
    plan = simulator.make(
        config.load(**own | ACCOUNT | {"simulate_port": 0}),
        callback=callback,
        **options,
    )
    running = stack.enter_context(simulator.running(plan))
    own |= {"relay_url": clevertap.url} if clevertap else {}
    own |= {"relay_url": f"{running.url}/clevertap/{case.rehearsed}"} if case.rehearsed else {}
    if case.collector is not None:
        stack.enter_context(collecting_here(config.load(**own | case.before)))
    url = running.url.replace("http", case.scheme) + case.path
    return config.load(**own | ACCOUNT | {"route_mobile_url": url} | case.sender)


def _by_batch(
    case: Case,
    settings: Settings,
    definition: Provider | None,
    clevertap: Receiver | None,
    number: str,
    folder: Path,
) -> Verdict:
    """Send a batch whose id is CleverTap's, relay its DLR or import CleverTap's log, and judge."""
    row = {"msisdn": number, "body": case.body, "campaign_id": "otp", "template_id": case.template_id}
    row["message_id"] = f"{number}.1700000001.{int(time.time())}.20261129.0.wzrk_default.-1."
    path = _table(folder / "batch.csv", row)
    sent = send(path, settings, approve=lambda plan: True, provider=definition)
    assert sent.summary
    if case.log:
        bring_in(
            settings, "clevertap-errors", _table(folder / "log.csv", {"error": case.log, "occurred_at": ""})
        )
    deadline = time.monotonic() + WAIT_S
    while clevertap and not any(number.encode() in got.body for got in clevertap.got):
        assert time.monotonic() < deadline, "nothing was relayed"
        relay_once(settings, once=True)
        time.sleep(0.02)
    return validate(settings, batch_id=sent.summary.batch_id, wait_s=case.wait_s, is_strict=case.is_strict)


@cache
def scrub() -> simulator.Scrub:
    """The operators' scrubber with the sample templates."""
    return simulator.scrubber(resources.samples() / "templates.csv")


def _provider(case: Case, folder: Path) -> Provider | None:
    if case.provider is None:
        return None
    text = (resources.samples() / "clevertap-provider.toml").read_text(encoding="utf-8")
    return load(write(folder / "provider.json", tomllib.loads(text), case.provider))


def _table(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
