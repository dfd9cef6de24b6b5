"""Every fault of a provider definition: its severity, its place, and the words a user reads."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.providers import BATCHED, GOOD, Change, write

from rmanalytics import provider
from rmanalytics.cli import main
from rmanalytics.errors import BadInput

FAULTS: dict[str, tuple[Change, str, str, str]] = {
    "not https": ({"endpoint": "http://api.rmlconnect.net/x"}, "error", "not-https", "begin with https://"),
    "http domestic": (
        {"endpoint": "http://sms6.rmlconnect.net:8080/bulksms/personalizedbulksms"},
        "warning",
        "http-domestic",
        "the documented domestic endpoint is http on port 8080",
    ),
    "awsigateway": (
        {"endpoint": "https://ap.awsigateway.com/v1/enterprises/messages.json"},
        "error",
        "foreign-endpoint",
        "awsigateway.com belongs to Sinch, another company",
    ),
    "no url": ({"endpoint": "api.rmlconnect.net"}, "error", "endpoint-no-url", "not a complete http(s) URL"),
    "no callback": (
        {"callback_url": None},
        "note",
        "callback-missing",
        "URL that Route Mobile uses for DLRs is not recorded",
    ),
    "http callback": (
        {"callback_url": "http://h.example/x"},
        "warning",
        "callback-not-https",
        "would travel unencrypted",
    ),
    "no MessageID": ({"body.msgid": None}, "error", "message-id-missing", "without $$MessageID no DLR"),
    "no To": ({"body.destination": None}, "error", "to-missing", "has no recipient"),
    "no text": ({"body.message": None, "body.tempid": "1"}, "error", "body-missing", "neither $$Body nor"),
    "wrong case": ({"body.tempid": "$$TemplateId"}, "error", "placeholder-misspelt", "write $$TemplateID"),
    "misspelt": ({"body.msgid": "$$MesageID"}, "error", "placeholder-misspelt", "write $$MessageID"),
    "custom": ({"body.hid": "$$hid"}, "note", "placeholder-custom", "input of every campaign: $$hid"),
    "no tempid": ({"body.tempid": None}, "error", "tempid-missing", "without the DLT template id"),
    "no entityid": ({"body.entityid": None}, "error", "entityid-missing", "without the DLT entity id"),
    "no source": ({"body.source": None}, "error", "source-missing", "needs the sender id"),
    "no type": (
        {"endpoint": "https://api.rmlconnect.net/bulksms/bulksms", "parameters": "key-value", "headers": {}},
        "error",
        "type-missing",
        "/bulksms/bulksms documents type as required: it answers 1702",
    ),
    "no dlr in JSON": (
        {"endpoint": "https://api.rmlconnect.net/bulksms/bulksms"},
        "warning",
        "dlr-missing",
        "documents dlr as required, although CleverTap's JSON sample does not have it",
    ),
    "bearer": (
        {"headers.Authorization": "Bearer ${KEY}"},
        "warning",
        "bearer-beside-credentials",
        "remove the Authorization header",
    ),
    "password in the file": ({"body.password": "hunter2"}, "error", "secret-in-file", "write ${NAME}"),
    "key in a header": (
        {"headers.Authorization": "Bearer k123"},
        "error",
        "secret-in-file",
        "a secret is in the file",
    ),
    "password in the URL": (
        {"endpoint": "https://api.rmlconnect.net/x?password=hunter2"},
        "error",
        "secret-in-file",
        "a secret is in the file",
    ),
    "password in a GET": (
        {"request_type": "GET"},
        "warning",
        "password-in-url",
        "which servers and proxies log",
    ),
    "no credentials": (
        {"body.username": None, "body.password": None},
        "warning",
        "credentials-missing",
        "Route Mobile answers 1702 or 1703",
    ),
    "basic without password": ({"authentication": "basic"}, "error", "basic-incomplete", "needs a username"),
    "oauth2 without table": ({"authentication": "oauth2"}, "error", "oauth2-incomplete", "Dispatch Error"),
    "encryption": ({"encryption": True}, "warning", "encryption-unsupported", "AES-256-CBC"),
    "encrypted GET": (
        {"encryption": True, "request_type": "GET"},
        "error",
        "encryption-needs-post",
        "POST payloads only",
    ),
    "wrong content type": (
        {"headers.Content-Type": "text/xml"},
        "warning",
        "content-type",
        "write application/json",
    ),
    "flat payload batched": ({"batch": {"key": "msgs"}}, "error", "batch-flat", "has no array 'msgs'"),
    "placeholder in the host": (
        {"endpoint": "https://$$h.example/x"},
        "error",
        "placeholder-in-host",
        "decides which host gets the credentials",
    ),
    "unknown path": (
        {"endpoint": "https://api.rmlconnect.net/sms/send"},
        "warning",
        "path-unknown",
        "'send', which is not an endpoint that Route Mobile documents",
    ),
    "blank of the documentation": ({"body.source": "xxxx"}, "error", "unfilled", "enter your own value"),
    "blank key": ({"headers.Authorization": "Bearer <API_KEY>"}, "error", "unfilled", "secrets as ${NAME}"),
    "basic at Route Mobile": (
        {"authentication": "basic", "username": "u", "password": "${PASS}"},
        "warning",
        "authentication-unknown",
        "documents no basic authentication",
    ),
    "no CampaignID": (
        {"body.tagname": None},
        "warning",
        "campaign-id-missing",
        "DLRs do not name their campaign",
    ),
    "long source": ({"body.source": "ACMEBANKLTDX"}, "error", "source-too-long", "at most 11 characters"),
    "dlr off": ({"body.dlr": "0"}, "error", "dlr-off", "requests no delivery report"),
    "constant type": ({"body.type": 0}, "note", "type-constant", "cannot carry Hindi or emoji"),
    "no content type": (
        {"headers": {}},
        "warning",
        "content-type-missing",
        "may read the JSON payload as a form",
    ),
    "array without batch": (
        {"body.msgs": [{"to": "$$To"}]},
        "error",
        "array-without-batch",
        "batching is off",
    ),
    "broken URL": ({"endpoint": "http://["}, "error", "endpoint-no-url", "not a complete http(s) URL"),
    "object in a form": (
        {"parameters": "key-value", "body.x": {"a": 1}},
        "error",
        "nested-key-value",
        "text only",
    ),
}
BATCH_FAULTS: dict[str, tuple[Change, str, str, str]] = {
    "too large": ({"batch.size": 1001}, "error", "batch-too-large", "at most 1,000 records, not 1,001"),
    "1,000 and 100": ({"batch.size": 1000}, "note", "batch-size-contradiction", "both 1,000 and 100"),
    "GET": ({"request_type": "GET"}, "error", "batch-needs-json", "only a JSON POST"),
    "To outside": ({"body.to": "$$To"}, "error", "placeholder-outside-batch", "$$To differs per message"),
    "campaign outside": ({}, "note", "campaign-id-outside", "either works here"),
    "undocumented": ({}, "warning", "batch-undocumented", "send a test of two messages"),
}


@pytest.mark.parametrize(("change", "severity", "code", "words"), FAULTS.values(), ids=FAULTS)
def test_fault(change: Change, severity: str, code: str, words: str, tmp_path: Path) -> None:
    """Each fault is found, with its severity and its words, and not without the change."""
    assert code not in {f.code for f in provider.lint(provider.load(write(tmp_path / "g.json", GOOD, {})))}
    found = provider.lint(provider.load(write(tmp_path / "p.json", GOOD, change)))
    told = [f.describe() for f in found if (f.severity, f.code) == (severity, code)]
    assert len(told) == 1
    assert words in told[0]
    assert "hunter2" not in told[0]


@pytest.mark.parametrize(("change", "severity", "code", "words"), BATCH_FAULTS.values(), ids=BATCH_FAULTS)
def test_fault_of_a_batch(change: Change, severity: str, code: str, words: str, tmp_path: Path) -> None:
    """Each fault of a batched definition is found, with its severity and its words."""
    found = provider.lint(provider.load(write(tmp_path / "p.json", BATCHED, change)))
    assert any(words in f.describe() for f in found if (f.severity, f.code) == (severity, code))


BROKEN: dict[str, tuple[str, str]] = {
    "binary.toml": ("\x00\x01", "not readable as TOML or JSON"),
    "deep.json": ("[" * 100_000, "nested too deeply"),
    "deep.toml": ("a = " + "[" * 100_000, "nested too deeply"),
    "list.json": ("[]", "file: Input should be"),
    "number.json": ('{"nickname": 1, "endpoint": "https://h/x"}', "nickname: Input should be a valid string"),
    "unknown.toml": ('nickname = "a"\nendpoint = "b"\npasword = "hunter2"', "pasword: Extra inputs"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(name: str, tmp_path: Path) -> None:
    """What is no definition ends in one line naming file and field, without the value."""
    text, words = BROKEN[name]
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput) as told:
        provider.load(tmp_path / name)
    line = str(told.value)
    assert (words in line, name in line, "\n" in line, "hunter2" in line) == (True, True, False, False)


def test_good_definitions_have_no_errors(tmp_path: Path) -> None:
    """The documented shapes have no error, international ones without DLT fields neither."""
    abroad = {"route": "international", "body.tempid": None, "body.entityid": None}
    for base, change in ((GOOD, {}), (BATCHED, {}), (GOOD, abroad)):
        found = provider.lint(provider.load(write(tmp_path / "p.json", base, change)))
        assert [f.code for f in found if f.severity == "error"] == []


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run `rmanalytics provider`; return exit code, stdout and stderr."""

    def run_command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["rmanalytics", "provider", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return (int(ended.value.code or 0), *capsys.readouterr())

    return run_command


def test_exit_codes(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """0 without errors, 1 with, 2 where the file cannot be read; the line is the file's."""
    good = write(tmp_path / "g.json", GOOD, {})
    bad = write(tmp_path / "b.json", GOOD, {"body.password": "hunter2"})
    torn = tmp_path / "t.toml"
    torn.write_text("nickname = ")
    assert run("lint", str(good))[0] == 0
    code, out, _ = run("lint", str(bad), "--json")
    assert (code, "hunter2" in out) == (1, False)
    line = bad.read_text().splitlines().index('  "password": "hunter2",') + 1
    assert (json.loads(out)["findings"][0]["where"], json.loads(out)["findings"][0]["line"]) == (
        "body.password",
        line,
    )
    assert run("lint", str(torn))[0] == 2
    assert run("lint", str(tmp_path / "none.toml"))[0] == 2


def test_the_samples_of_init_fit(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """The provider file that `init` writes has no error, and renders the batch beside it."""
    samples = Path(__file__).parents[2] / "data" / "samples"
    sample = str(samples / "clevertap-provider.toml")
    assert run("lint", sample)[0] == 0
    batch = ["--batch", str(samples / "clevertap-batch.csv"), "--home", str(tmp_path / "data")]
    code, out, said = run("render", sample, "--json", *batch)
    assert code == 0, said
    assert json.loads(out)["n_requests"] == 2
    assert len(run("render", sample, "--curl", *batch)[1].splitlines()) == 3
