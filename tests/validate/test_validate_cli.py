"""`rmanalytics validate` as a user or a CI job runs it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

from pydantic import SecretStr
from support import records
from support.certificates import self_signed
from support.collectors import collecting_here
from support.command import run
from support.proving import GREEN, Case, free_port
from support.proving import run as run_case
from support.relaying import meta

from rmanalytics import config, warehouse
from rmanalytics.checks import Mark
from rmanalytics.cli.prove import START_S
from rmanalytics.imports import bring_in
from rmanalytics.validate import Verdict, junit, validate
from rmanalytics.validate.facts import live


def test_nothing_sent_is_inconclusive(tmp_path: Path) -> None:
    """An empty home ends in exit code 3, the verdict last on stdout, and a JUnit file that is red."""
    done = run("validate", "--junit", "out/check.xml", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert done.stdout.splitlines()[-1] == (
        "INCONCLUSIVE: nothing was sent: send a test: `rmanalytics send BATCH`"
    )
    assert int(ElementTree.parse(tmp_path / "out" / "check.xml").getroot().get("errors", "")) > 10


def test_json(tmp_path: Path) -> None:
    """--json prints the verdict whole and nothing else."""
    told = json.loads(run("validate", "--json", cwd=tmp_path).stdout)
    assert (told["verdict"], told["exit_code"], told["about"]) == (
        "inconclusive",
        3,
        "no message was sent",
    )
    assert [criterion["name"] for criterion in told["criteria"]] == ["delivered", "callback", "errors"]


def test_junit_that_cannot_be_written(tmp_path: Path) -> None:
    """The verdict is told all the same, then the place that cannot be written; exit code 2."""
    (tmp_path / "file").touch()
    done = run("validate", "--junit", "file/check.xml", cwd=tmp_path)
    assert (done.returncode, "INCONCLUSIVE: nothing was sent" in done.stdout) == (2, True)
    assert "--junit file/check.xml: cannot be written" in done.stderr


def test_wrong_time(tmp_path: Path) -> None:
    """A time that is none ends in one line and exit code 2."""
    done = run("validate", "--as-of", "yesterday", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--as-of: 'yesterday' is not a time" in done.stderr


def test_campaign_and_batch_narrow(settings: config.Settings, write: Callable[..., Path]) -> None:
    """The batch attempted last is judged, unless a batch or a campaign says otherwise."""
    old = records.message("m1", msisdn="919800000001")
    new = records.message("m2", msisdn="919800000002", batch_id="batch2", campaign_id="other")
    write("messages", old, new)
    later = {"attempted_at": "2025-01-15T05:50:29.000000Z", "batch_id": "batch2"}
    write(
        "submissions",
        records.attempt("a1", "m1"),
        records.answer("a1", m1="gw-1"),
        records.attempt("a2", "m2", **later),
        records.answer("a2", m2="gw-2"),
    )
    write("callbacks", records.callback())
    asked: list[dict[str, str]] = [{}, {"batch_id": "batch1"}, {"campaign_id": "camp42"}]
    lasting = settings.model_copy(update={"validate_max_age_h": 1e6})
    verdicts = [validate(lasting, **chosen) for chosen in asked]
    assert [verdict.about.partition(", sent ")[0] for verdict in verdicts] == [
        "1 message, batch batch2 (simulated)",
        "1 message, batch batch1 (simulated)",
        "1 message, campaign camp42, batch batch1 (simulated)",
    ]
    assert [verdict.mark for verdict in verdicts] == [Mark.FAIL, Mark.PASS, Mark.PASS]


def test_an_old_batch_proves_nothing(settings: config.Settings, write: Callable[..., Path]) -> None:
    """What is older than the setting is inconclusive whatever it found, at once, unless `--batch` names it."""
    write("messages", records.message("m1", msisdn="919800000001"))
    write("submissions", records.attempt("a1", "m1"), records.answer("a1", m1="gw-1"))
    write("callbacks", records.callback())
    began = time.monotonic()
    verdict = validate(settings, wait_s=600)
    assert time.monotonic() - began < 60
    assert (verdict.mark, verdict.exit_code) == (Mark.INCONCLUSIVE, 3)
    assert re.fullmatch(
        r"INCONCLUSIVE: the batch was sent \d+ days ago, too long to say how things are now "
        r"\(RMANALYTICS_VALIDATE_MAX_AGE_H: 24\): send a new test: `rmanalytics prove --to NUMBER --template-id ID "
        r"--body TEXT`, or name this one: "
        r"`rmanalytics validate --batch batch1`",
        verdict.line,
    )
    then = datetime(2025, 1, 15, 6, tzinfo=UTC)
    assert validate(settings, batch_id="batch1").mark is Mark.PASS
    assert validate(settings, as_of=then).mark is Mark.PASS


def test_a_test_that_clevertap_sent(settings: config.Settings, write: Callable[..., Path]) -> None:
    """A campaign of which only DLRs tell passes when they are well and, with a relay, carry a $$MessageID."""
    known = settings.model_copy(
        update={"validate_max_age_h": 1e6, "relay_url": SecretStr("https://in1.example/sms?account=X")}
    )
    write("callbacks", records.callback(sTagName="1700000001", msgid=meta(1)))
    assert validate(known, campaign_id="1700000001").mark is Mark.PASS
    write("callbacks", records.callback(sTagName="1700000002", sMessageId="gw-2"))
    failed = validate(known, campaign_id="1700000002")
    assert (failed.exit_code, failed.line.partition(": carry")[0]) == (
        1,
        "FAILED: $$MessageID is not returned: the DLRs of 1 of 1 message lack it",
    )


def test_a_foreign_id_among_equal_numbers(tmp_path: Path) -> None:
    """It fails too where an earlier message to the same number makes number and time ambiguous."""
    number, home = "919800000001", tmp_path / "data"
    assert run_case(GREEN, home, number, tmp_path).exit_code == 0
    wrong = Case(sandbox={"fault": ["wrong_id=1", "no_echo=1"]}, exit_code=1, line="")
    verdict = run_case(wrong, home, number, tmp_path)
    assert (verdict.exit_code, verdict.line) == (
        1,
        "FAILED: the id is not returned: 1 DLR received for these numbers, none with an id that was given for them: "
        "the simulator plays it (`--fault no_echo --fault wrong_id`): restart it without, or as for a real gateway: "
        "ask Route Mobile to send back the id of the submit response (sMessageId) or $$MessageID (`msgid`), then run "
        "the same `rmanalytics prove` again",
    )


def test_prove_without_a_verdict(tmp_path: Path) -> None:
    """What keeps `prove` from sending ends in exit code 2 and in the JUnit file."""
    done = run("prove", "--to", "12", "--junit", "v.xml", cwd=tmp_path, RMANALYTICS_GATEWAY="route_mobile")
    assert (done.returncode, done.stdout) == (2, "")
    (error,) = ElementTree.parse(tmp_path / "v.xml").getroot().iter("error")
    assert error.get("message", "").startswith("--to 12: is too short")


def test_prove_waits_for_nothing_that_cannot_be_sent(tmp_path: Path) -> None:
    """What is wrong with the message is said at once, while nothing listens yet, and no file of it stays."""
    to, text = ("--to", "+919800000101"), ("--body", "Hello", "--template-id", "1107000000000000101")
    found = {
        "--header is empty: give it or set RMANALYTICS_ROUTE_MOBILE_HEADER": (*to, *text),
        "--template-id is empty": (*to, "--header", "ACMEBK", "--body", "Hello"),
        "p.toml: cannot be read": (*to, *text, "--provider", "p.toml"),
    }
    for words, given in found.items():
        began = time.monotonic()
        done = run("prove", *given, cwd=tmp_path, RMANALYTICS_SIMULATE_PORT=str(free_port()))
        assert (done.returncode, done.stdout, words in done.stderr) == (2, "", True), done.stderr
        assert time.monotonic() - began < START_S - 2
    assert not (tmp_path / "data" / "tests").exists()


def test_a_collector_with_tls_is_asked_over_tls(tmp_path: Path) -> None:
    """Its own certificate is trusted on this machine, and its figures are read."""
    files = dict(zip(("collect_tls_cert", "collect_tls_key"), self_signed(tmp_path), strict=True))
    given = {"home": tmp_path / "data", "collect_token": "t0ken", "collect_port": free_port(), **files}
    settings = config.load(**given)
    with collecting_here(settings):
        found = live.collector(settings)
    assert found
    assert (found.url[:8], found.is_answering, found.started_at is not None) == ("https://", True, True)


def test_a_batch_that_is_not_there(settings: config.Settings, write: Callable[..., Path]) -> None:
    """A batch nobody sent is a wrong call, with those that there are; the JUnit file is written and red."""
    write("messages", records.message("m1", msisdn="919800000001"))
    settings_folder = settings.home.parent
    done = run(
        "validate", "--batch", "nope", "--junit", "v.xml", "--home", settings.home.name, cwd=settings_folder
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "--batch nope: no such batch: there are batch1" in done.stderr
    assert ElementTree.parse(settings_folder / "v.xml").getroot().get("errors") == "1"


def test_an_import_hides_no_verdict(settings: config.Settings, write: Callable[..., Path]) -> None:
    """Messages that are imported after a batch was sent were attempted by nobody here: the batch is judged."""
    write("messages", records.message("m1", msisdn="919800000001"))
    write("submissions", records.attempt("a1", "m1"), records.answer("a1", m1="gw-1"))
    export = settings.home.parent / "export.csv"
    export.write_text("message_id,msisdn,body,campaign_id\nm9,919800000009,Hi,other\n")
    bring_in(settings, "messages", export)
    judged = validate(settings, as_of=datetime.now(UTC))
    assert judged.batch_id == "batch1"


def test_strict(settings: config.Settings, write: Callable[..., Path]) -> None:
    """A warning passes, and fails with --strict: verdict, exit code and JUnit."""
    write("messages", records.message("m1", msisdn="919800000001"))
    write("submissions", records.attempt("a1", "m1"), records.answer("a1", m1="gw-1"))
    write("callbacks", records.callback(dtSubmit="a moment ago", dtDone="a moment ago"))
    usual, strict = (validate(settings, batch_id="batch1", is_strict=strict) for strict in (False, True))
    assert (usual.mark, usual.exit_code, strict.mark, strict.exit_code) == (Mark.WARNING, 0, Mark.FAIL, 1)
    assert (junit(usual).count("<failure"), junit(strict).count("<failure")) == (0, 1)


def test_a_relay_that_never_relayed_is_told(tmp_path: Path) -> None:
    """A configured relay is a check of its own; its URL is a secret and stays out of the answer."""
    done = run(
        "validate", "--json", cwd=tmp_path, RMANALYTICS_RELAY_URL="https://in1.example/sms?account=S3CRET"
    )
    checks = {one["name"]: one for judged in json.loads(done.stdout)["criteria"] for one in judged["checks"]}
    assert (checks["relay"]["mark"], checks["relay"]["says"]) == ("inconclusive", "no final DLR to relay yet")
    assert "S3CRET" not in done.stdout + done.stderr


def test_ctrl_c_ends_the_waiting(settings: config.Settings) -> None:
    """The verdict so far is the answer."""

    def interrupt(_verdict: Verdict, _left_s: float) -> None:
        raise KeyboardInterrupt

    assert validate(settings, wait_s=60, watch=interrupt).mark is Mark.INCONCLUSIVE


def test_errors_of_an_earlier_time_do_not_count(
    settings: config.Settings, write: Callable[..., Path]
) -> None:
    """CleverTap's log is judged from the first submission on; a bare date counts as its whole day."""
    write("messages", records.message("m1", msisdn="919800000001"))
    write("submissions", records.attempt("a1", "m1"), records.answer("a1", m1="gw-1"))
    write("callbacks", records.callback())
    validate(settings)
    first_at = datetime(2025, 1, 15, 5, tzinfo=UTC)
    times = {"the day before": -86_400, "its day": -5 * 3600, "after": 3600}
    found = {}
    for name, seconds in times.items():
        with warehouse.writer(settings.database) as connection:
            connection.execute("DELETE FROM clevertap_errors")
            connection.execute(
                "INSERT INTO clevertap_errors (campaign_id, occurred_at, error, n_errors, imported_at) "
                "VALUES ('camp42', ?, 'HTTP 401 Unauthorized', 1, ?)",
                [first_at + timedelta(seconds=seconds), first_at],
            )
        checks = {
            one.check.name: one.finding for judged in validate(settings).criteria for one in judged.checks
        }
        found[name] = checks["clevertap_log"].mark
    assert found == {"the day before": Mark.PASS, "its day": Mark.FAIL, "after": Mark.FAIL}
