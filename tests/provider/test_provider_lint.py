"""Every fault of a provider definition: its severity, its place, and the words a user reads."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from support.providers import BATCHED, GOOD, Change, write

from rmanalytics import provider
from rmanalytics.cli import main
from rmanalytics.errors import BadInput, ConfigError
from rmanalytics.provider.gateway import refuse_faulty

FAULTS: dict[str, tuple[Change, str, str, str]] = {
    "not https": ({"endpoint": "http://api.rmlconnect.net/x"}, "error", "not-https", "begin with https://"),
    "http domestic": (
        {"endpoint": "http://sms6.rmlconnect.net:8080/bulksms/personalizedbulksms"},
        "error",
        "http-domestic",
        "the documented domestic endpoint is http on port 8080",
    ),
    "the guide's URL as it is": (
        {"endpoint": "https://api.rmlconnect.net/bulksms/bulksms?...parameters..."},
        "error",
        "endpoint-example",
        "write https://api.rmlconnect.net/bulksms/bulksms;",
    ),
    "a token over http": (
        {
            "authentication": "oauth2",
            "oauth2": {"client_url": "http://login.example/t", "client_id": "a", "secret_key": "${S}"},
        },
        "error",
        "oauth2-not-https",
        "the client secret would travel unencrypted",
    ),
    "awsigateway": (
        {"endpoint": "https://ap.awsigateway.com/v1/enterprises/messages.json"},
        "error",
        "foreign-endpoint",
        "awsigateway.com belongs to Sinch, another company",
    ),
    "no url": (
        {"endpoint": "api.rmlconnect.net"},
        "error",
        "endpoint-no-url",
        "must be a complete http(s) URL",
    ),
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
    "no MessageID": (
        {"body.msgid": None, "body.udf1": None},
        "error",
        "message-id-missing",
        "without $$MessageID no DLR",
    ),
    "MessageID in msgid alone": (
        {"body.udf1": None},
        "warning",
        "message-id-one-carrier",
        'add udf1 = "$$MessageID", which Route Mobile sends back as sUdf1',
    ),
    "no To": ({"body.destination": None}, "error", "to-missing", "has no recipient"),
    "no text": ({"body.message": None, "body.tempid": "1"}, "error", "body-missing", "neither $$Body nor"),
    "no text, but a template id": (
        {"body.message": None},
        "error",
        "message-missing",
        'add message = "$$Body"',
    ),
    "a text for everybody": (
        {"body.message": "hello"},
        "error",
        "message-constant",
        'write message = "$$Body"',
    ),
    "one message where a list is due": (
        {"endpoint": "https://api.rmlconnect.net/bulksms/jsonbulksms"},
        "warning",
        "request-missing",
        "use /bulksms/personalizedbulksms",
    ),
    "wrong case": ({"body.tempid": "$$TemplateId"}, "error", "placeholder-misspelt", "write $$TemplateID"),
    "misspelt": ({"body.msgid": "$$MesageID"}, "error", "placeholder-misspelt", "write $$MessageID"),
    "a letter twice": ({"body.destination": "$$Too"}, "error", "placeholder-misspelt", "write $$To"),
    "one dollar": ({"body.message": "$Body"}, "error", "placeholder-half", "write $$Body"),
    "three dollars": ({"body.message": "$$$Body"}, "error", "placeholder-half", "write $$Body"),
    "braces": ({"body.destination": "{{to}}"}, "error", "placeholder-half", "write $$To"),
    "braces behind a dollar": (
        {"body.udf1": "${MessageID}"},
        "error",
        "placeholder-half",
        "write $$MessageID",
    ),
    "another gateway's name of a field": (
        {"body.tempid": None, "body.templateid": "$$TemplateID"},
        "error",
        "field-name",
        "rename it to tempid",
    ),
    "a misspelt field": (
        {"body.destination": None, "body.Destnation": "$$To"},
        "error",
        "field-name",
        "rename it to destination",
    ),
    "another name of a field that is not needed": (
        {"body.tagname": None, "body.tag": "$$CampaignID"},
        "warning",
        "field-name",
        "rename it to tagname",
    ),
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
    "broken URL": ({"endpoint": "http://["}, "error", "endpoint-no-url", "must be a complete http(s) URL"),
    "no host": ({"endpoint": "https://a..b/x"}, "error", "endpoint-no-url", "two dots in a row"),
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
    "binary.toml": ("\x00\x01", "line 1: not readable as TOML: is neither name = value"),
    "a quote.toml": ('nickname = "a\n', "line 1: not readable as TOML: a quote is not closed"),
    "no quotes.toml": ("\nnickname = a\n", "line 2: not readable as TOML: a value that TOML does not know"),
    "a comma.json": ('{"nickname": "a",\n}', "not readable as JSON: "),
    "a word.json": (
        '{\n"nickname": a}',
        "line 2: not readable as JSON: a value is missing, or is text without quotes",
    ),
    "empty.json": ("", "line 1: not readable as JSON: a value is missing"),
    "deep.json": ("[" * 100_000, "nested too deeply"),
    "deep.toml": ("a = " + "[" * 100_000, "nested too deeply"),
    "list.json": ("[]", "file: has to be"),
    "number.json": ('{"nickname": 1, "endpoint": "https://h/x"}', "nickname: has to be text"),
    "unknown.toml": (
        'nickname = "a"\nendpoint = "b"\npasword = "hunter2"',
        "pasword: is not known (did you mean password?)",
    ),
    "unknown below.toml": (
        'nickname = "a"\nendpoint = "b"\n[batch]\nkey = "m"\nsiz = 3',
        "batch.siz: is not known (did you mean size?)",
    ),
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
    code, out, said = run("render", sample, "--curl", *batch)
    names = "RMANALYTICS_ROUTE_MOBILE_PASSWORD, RMANALYTICS_ROUTE_MOBILE_USERNAME"
    assert (code, out) == (2, "")
    assert said.startswith(f"error not set: {names}: the request would go without")
    assert len(run("render", sample, "--curl", "--allow-unset", *batch)[1].splitlines()) == 3
    lines = "".join(f"{name}=x\n" for name in names.split(", "))
    (tmp_path / ".env").write_text(lines)
    code, out, said = run("render", sample, "--curl", *batch)
    assert (code, len(out.splitlines())) == (0, 3)
    assert "set -a; . " in said


def test_the_sample_has_every_field(tmp_path: Path) -> None:
    """Each field is in the sample or commented out there, and every commented line can be used."""
    text = (Path(__file__).parents[2] / "data" / "samples" / "clevertap-provider.toml").read_text()
    assert [f.code for f in provider.lint(provider.load(_file(tmp_path, text))) if f.severity != "note"] == []
    without_body = text[: text.index("\n[body]") + 1] + text[text.index("# Several messages") :]
    used = re.sub(r"^# (\w+ = |\[)", r"\1", without_body, flags=re.MULTILINE)
    chosen = provider.load(_file(tmp_path, used))
    assert set(tomllib.loads(used)) | {"body"} == set(provider.Provider.model_fields)
    assert set(tomllib.loads(used)["oauth2"]) == set(provider.OAuth2.model_fields)
    assert chosen.body == {"destination": "$$To"}


def test_the_schema_has_every_field_and_loads(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """`provider schema` is a provider file of all fields; with --json a JSON Schema."""
    code, out, _ = run("schema")
    found = tomllib.loads(out)
    assert (code, set(found)) == (0, set(provider.Provider.model_fields))
    found.pop("body")
    assert provider.Provider.model_validate(found).batch == provider.Batching(key="msgs", size=100)
    assert set(json.loads(run("schema", "--json")[1])["properties"]) == set(provider.Provider.model_fields)


def _file(folder: Path, text: str | bytes) -> Path:
    path = folder / "p.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


PAYLOAD = """{
  "username": "${USER_NAME}",
  "password": "${PASS}",
  "source": "ACMEBK",
  "destination": "$$To",
  "message": "$$Body",
  "entityid": "1101000000000000001",
  "tempid": "$$TemplateID",
  "tagname": "$$CampaignID",
  "msgid": "$$MessageID",
  "udf1": "$$MessageID"
}
"""
HEAD = 'nickname = "a"\nendpoint = "https://api.rmlconnect.net/bulksms/personalizedbulksms"\n'
CONTENT = '[headers]\nContent-Type = "application/json"\n'


def _pasted(payload: str, opening: str = "\n") -> str:
    return f"{HEAD}body_json = '''{opening}{payload}'''\n{CONTENT}"


def test_a_pasted_payload_is_the_body(tmp_path: Path) -> None:
    """The dashboard's JSON as it is gives the same request as the table, and findings at its lines."""
    chosen = provider.load(_file(tmp_path, _pasted(PAYLOAD)))
    assert chosen.body == GOOD["body"]
    assert [f.code for f in provider.lint(chosen) if f.severity == "error"] == []
    misspelt = provider.load(_file(tmp_path, _pasted(PAYLOAD.replace("$$MessageID", "$$MesageID", 1))))
    (found,) = [f for f in provider.lint(misspelt) if f.code == "placeholder-misspelt"]
    assert (found.where, found.line) == ("body.msgid", 13)


MISSPELT = {
    "in the name of a field": ('"tempid"', '"templateid"', "body.templateid: Route Mobile has no field"),
    "in both carriers": (
        "$$MessageID",
        "$$MessageId",
        "lines 13, 14: body.msgid, body.udf1: $$MessageId is not",
    ),
    "in the recipient": ("$$To", "$$TO", "body.destination: $$TO is not"),
    "a letter twice": ("$$To", "$$Too", "body.destination: $$Too is not"),
    "with one dollar": ("$$Body", "$Body", "body.message: $Body is no placeholder"),
    "in the template's id": ("$$TemplateID", "$$TemplateId", "body.tempid: $$TemplateId is not"),
    "in one carrier, another fault beside it": (
        '"udf1": "$$MessageID"',
        '"udf1": "$$MessageId", "dlr": "0"',
        "(and 1 more: `rmanalytics provider lint '{path}'`)",
    ),
}


@pytest.mark.parametrize(("right", "wrong", "words"), MISSPELT.values(), ids=MISSPELT)
def test_a_misspelt_placeholder_is_the_cause(tmp_path: Path, right: str, wrong: str, words: str) -> None:
    """What a misspelling explains is not also called missing; it comes first, with all its lines."""
    (tmp_path / "a b").mkdir()
    chosen = provider.load(_file(tmp_path / "a b", _pasted(PAYLOAD.replace(right, wrong))))
    codes = [f.code for f in provider.lint(chosen)]
    assert codes[0] in {"placeholder-misspelt", "placeholder-half", "field-name"}
    assert [code for code in codes if code.endswith(("-missing", "-carrier"))] == ["callback-missing"]
    with pytest.raises(ConfigError) as raised:
        refuse_faulty(chosen)
    assert words.format(path=chosen.path) in str(raised.value)


UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "a comma is missing": (
        _pasted(PAYLOAD.replace('BK",', 'BK"')),
        "line 7: body_json: a comma is missing at its end",
    ),
    "a comma is missing, CRLF": (
        _pasted(PAYLOAD.replace('BK",', 'BK"')).replace("\n", "\r\n"),
        "line 7: body_json: a comma is missing at its end",
    ),
    "the payload begins behind the quotes": (
        _pasted(PAYLOAD.replace('BK",', 'BK"'), opening=""),
        "line 6: body_json: a comma is missing at its end",
    ),
    "a comma too many": (_pasted(PAYLOAD.replace('ID"\n}', 'ID",\n}')), "body_json: "),
    "curly quotes of a web page": (
        _pasted(PAYLOAD.replace('"source"', "\u201csource\u201d")),
        "line 7: body_json: its quotes are not plain double quotes",
    ),
    "cut off": (_pasted(PAYLOAD[:60]), "body_json: "),
    "a list": (_pasted("[]"), "body_json: not a JSON object: paste the whole payload"),
    "both": (_pasted(PAYLOAD) + '[body]\na = "b"\n', "both body and body_json: keep one of them"),
    "a byte order mark": (
        b"\xef\xbb\xbf" + HEAD.encode(),
        "byte order mark (UTF-8 with BOM): save it as UTF-8",
    ),
    "UTF-16 of Notepad": (HEAD.encode("utf-16"), "byte order mark (UTF-16): save it as UTF-8 without BOM"),
}


@pytest.mark.parametrize(("text", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_fault_of_a_pasted_payload_is_at_its_line(text: str | bytes, words: str, tmp_path: Path) -> None:
    """What is wrong with a file is one line with its place and the fix, and no secret."""
    with pytest.raises(BadInput) as told:
        provider.load(_file(tmp_path, text))
    assert words in str(told.value)
    assert "\n" not in str(told.value)
