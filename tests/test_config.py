"""Settings: where they come from, which one wins, what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rmanalytics import config
from rmanalytics.cli import app
from rmanalytics.errors import ConfigError
from rmanalytics.support import toml


def test_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flag beats environment beats .env beats TOML beats default."""
    (tmp_path / "rmanalytics.toml").write_text(
        "horizon_h = 1\n[collect]\nport = 1\nhost = 'toml'\n[simulate]\nport = 1\nhost = 'toml'\n"
    )
    (tmp_path / ".env").write_text(
        "RMANALYTICS_COLLECT_PORT=2\nRMANALYTICS_COLLECT_HOST=dotenv\nRMANALYTICS_SIMULATE_PORT=2\nOTHER=x\n"
    )
    monkeypatch.setenv("RMANALYTICS_COLLECT_PORT", "3")
    monkeypatch.setenv("RMANALYTICS_SIMULATE_PORT", "3")
    settings = config.load(home=tmp_path / "data", simulate_port=4)
    chosen = (settings.simulate_port, settings.collect_port, settings.collect_host, settings.simulate_host)
    assert chosen == (4, 3, "dotenv", "toml")
    assert (settings.horizon_h, settings.display_zone) == (1, "Asia/Kolkata")


URLS = {
    "two dots": ("http://sms6..rmlconnect.net/x", "two dots in a row in its host"),
    "only dots": ("http://../x", "begins its host with a dot"),
    "a long label": (f"http://{'a' * 64}.net/x", "more than 63 characters between dots"),
    "a long host": (f"http://{'abc.' * 70}net/x", "or 253 in all"),
    "nothing encoded": ("http://xn--/x", "a host that cannot exist"),
    "badly encoded": ("http://xn--a.invalid/x", "a host that cannot exist"),
    "a snowman": ("http://☃.net/x", "a host that cannot exist"),
    "an address too high": ("http://256.1.1.1/x", "a host that cannot exist"),
    "a star": ("http://*.rmlconnect.net/x", "a character in its host"),
    "a broken address": ("http://[::1/x", "not an IPv6 address"),
    "no address": ("http://[1:2]/x", "not an IPv6 address|cannot exist"),
    "a high port": ("http://127.0.0.1:99999/x", "no number from 1 to 65535"),
    "port zero": ("http://127.0.0.1:0/x", "no number from 1 to 65535"),
    "a blank": ("http://127.0.0.1/bulk sms", "contains a blank"),
    "a blank in the host": ("http://ex ample/x", "contains a blank"),
    "ftp": ("ftp://127.0.0.1/x", "begins with ftp://: write http:// or https://"),
    "no host": ("http:///x", "has no host"),
    "no scheme": ("127.0.0.1:8455/x", "must be a complete"),
}
GOOD_URLS = [
    "http://127.0.0.1:8321/bulksms/bulksms",
    "http://[::1]:8321/x",
    "http://localhost./x",
    "http://xn--mnchen-3ya.localhost/x",
]


@pytest.mark.parametrize(
    "name",
    ["ROUTE_MOBILE_URL", "ROUTE_MOBILE_INTERNATIONAL_URL", "GUPSHUP_URL", "RELAY_URL", "RELAY_RAW_URL"],
)
@pytest.mark.parametrize(("url", "words"), URLS.values(), ids=URLS)
def test_no_url(name: str, url: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL that no request can go to is refused where it is read, each with its own reason."""
    monkeypatch.setenv(f"RMANALYTICS_{name}", url)
    with pytest.raises(ConfigError, match=f"RMANALYTICS_{name}: .*({words})") as raised:
        config.load()
    assert url not in str(raised.value)


@pytest.mark.parametrize("url", GOOD_URLS)
def test_good_urls(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever form a host that can exist is written in, it is taken."""
    monkeypatch.setenv("RMANALYTICS_GUPSHUP_URL", url)
    assert config.load().gupshup_url == url


VALUES = (
    "",
    " ",
    "words",
    "nan",
    "inf",
    "1e400",
    "9" * 40,
    "-1",
    "true",
    "(",
    "a\x01b",
    "a\u200bb",
    "[1]",
    "²",
)
VALUES += ("2025-13-01", "(?=a)b", "1.5.5", "0")
TOML_VALUES = (
    "true",
    "nan",
    "inf",
    "-1",
    "1.5",
    "[1]",
    "2025-01-01",
    "12:00:00",
    "''",
    "'a\\u0001b'",
    "1e400",
)
THEIR_WORDS = re.compile(r"Input|<class|datetime|subpattern|parse|equal to|pydantic|type=|Traceback|errno|\n")


def _said(home: Path) -> str:
    try:
        config.load(home=home)
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", config.Settings.model_fields)
def test_bad_values_in_plain_words(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a setting is given, it takes or refuses it in one line of ours with its name, file and line."""
    variable, home, refused = f"RMANALYTICS_{name.upper()}", tmp_path / "data", []
    for value in VALUES:
        monkeypatch.setenv(variable, value)
        refused.append(_said(home))
    monkeypatch.delenv(variable)
    (tmp_path / ".env").write_text(f"#\n{variable}=a\x01b\n")
    refused.append(said := _said(home))
    assert name == "home" or name in ANYTHING or said.endswith(f"({tmp_path / '.env'}: line 2)")
    (tmp_path / ".env").unlink()
    for value in TOML_VALUES:
        table, _, inner = name.partition("_")
        (tmp_path / "rmanalytics.toml").write_text(
            f"[{table}]\n\n{inner} = {value}\n" if inner else f"{name} = {value}"
        )
        refused.append(said := _said(home))
        assert not inner or not said or "rmanalytics.toml: line 3)" in said or "secrets are not" in said
    assert not [said for said in refused if THEIR_WORDS.search(said)]
    assert all(variable in said for said in refused if said)


ANYTHING = {"route_mobile_delimiter"}

NO_VALUES = {
    "true for a number": ("horizon_h = true", "RMANALYTICS_HORIZON_H: has to be a number"),
    "a small number for a time": ("relay_since = 1.5", "RMANALYTICS_RELAY_SINCE: has to be a time such as"),
    "an empty pattern": (
        "relay_meta_pattern = ''",
        "RMANALYTICS_RELAY_META_PATTERN: is empty: give it a value",
    ),
    "an open group": ("relay_meta_pattern = 'a('", "is not a regular expression from character 2"),
    "a pattern of Python alone": ("relay_meta_pattern = '(?=a)b'", "which the database cannot"),
    "what nobody sees": ('route_mobile_header = "ACME\\u200bBK"', "holds an invisible character: remove it"),
}


@pytest.mark.parametrize("line, words", NO_VALUES.values(), ids=NO_VALUES)
def test_values_that_are_refused(line: str, words: str, tmp_path: Path) -> None:
    """What a setting cannot mean is never taken for something else."""
    (tmp_path / "rmanalytics.toml").write_text(line)
    with pytest.raises(ConfigError, match=re.escape(words)):
        config.load(home=tmp_path / "data")


REFUSED = {
    "port": ({"RMANALYTICS_COLLECT_PORT": "99999"}, "RMANALYTICS_COLLECT_PORT: "),
    "zone": ({"RMANALYTICS_DISPLAY_ZONE": "Mars/Base"}, "'Mars/Base' is not a time zone"),
    "gateway": ({"RMANALYTICS_GATEWAY": "acme"}, "RMANALYTICS_GATEWAY: "),
    "url without path scheme": (
        {"RMANALYTICS_ROUTE_MOBILE_URL": "api.rmlconnect.net"},
        "must be a complete http",
    ),
    "simulator abroad": (
        {"RMANALYTICS_ROUTE_MOBILE_URL": "https://api.rmlconnect.net/bulksms/bulksms"},
        "set RMANALYTICS_GATEWAY=route_mobile to send for real",
    ),
}


@pytest.mark.parametrize("environment, words", REFUSED.values(), ids=REFUSED)
def test_refused(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: str) -> None:
    """A wrong setting is named with its reason."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=words):
        config.load()


OPTIONAL = [
    name for name, field in config.Settings.model_fields.items() if field.default is None and name != "home"
]


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize("where", ["the environment", ".env", "TOML"])
def test_an_empty_optional_setting_is_unset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, where: str
) -> None:
    """`NAME=` is how a file of settings turns one off, also over what a weaker place says."""
    if where == "the environment":
        monkeypatch.setenv(f"RMANALYTICS_{name.upper()}", " ")
        (tmp_path / ".env").write_text(f"RMANALYTICS_{name.upper()}=1\n")
    elif where == ".env":
        (tmp_path / ".env").write_text(f"RMANALYTICS_{name.upper()}=\n")
    elif not config.is_secret(name):
        (tmp_path / "rmanalytics.toml").write_text(f'{name} = ""\n')
    assert getattr(config.load(home=tmp_path / "data"), name) is None


def test_all_faults_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two wrong settings give one error that names both."""
    monkeypatch.setenv("RMANALYTICS_COLLECT_PORT", "x")
    monkeypatch.setenv("RMANALYTICS_SEND_TIMEOUT_S", "-1")
    with pytest.raises(ConfigError, match=r"RMANALYTICS_SEND_TIMEOUT_S.*RMANALYTICS_COLLECT_PORT"):
        config.load()


def test_all_missing_at_once() -> None:
    """Whatever is missing is listed in one error."""
    with pytest.raises(ConfigError, match="RMANALYTICS_COLLECT_TOKEN, RMANALYTICS_ROUTE_MOBILE_USERNAME"):
        config.require(config.load(), "collect_token", "route_mobile_username", "home")


@pytest.mark.parametrize(
    "text, words",
    [
        ("a = = 1", "not readable as TOML"),
        (
            "[collect]\nprot = 1",
            r"unknown setting collect_prot \(did you mean collect_port\?\): correct it; `rmana",
        ),
        (
            "[nothing]\nlike = 1",
            "unknown setting nothing_like: correct it; `rmanalytics init --home NEW/data`",
        ),
        ("[collect]\ntoken = 'x'", "put RMANALYTICS_COLLECT_TOKEN into"),
    ],
)
def test_bad_file(tmp_path: Path, text: str, words: str) -> None:
    """A broken file, and a misspelt setting in it, are named."""
    (tmp_path / "rmanalytics.toml").write_text(text)
    with pytest.raises(ConfigError, match=words):
        config.load(home=tmp_path / "data")


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a secret's repr nor an error about it shows its value."""
    monkeypatch.setenv("RMANALYTICS_ROUTE_MOBILE_PASSWORD", "hunter2")
    assert "hunter2" not in repr(config.load()) + str(config.load().model_dump())


FILES = {
    "CRLF": b"RMANALYTICS_ROUTE_MOBILE_HEADER=ACMEBK\r\nRMANALYTICS_COLLECT_PORT=9\r\n",
    "a mark": "\ufeffRMANALYTICS_ROUTE_MOBILE_HEADER=ACMEBK\nRMANALYTICS_COLLECT_PORT=9\n".encode(),
    "UTF-16": "RMANALYTICS_ROUTE_MOBILE_HEADER=ACMEBK\nRMANALYTICS_COLLECT_PORT=9\n".encode("utf-16"),
    "blanks in quotes": b"RMANALYTICS_ROUTE_MOBILE_HEADER='ACMEBK '\nRMANALYTICS_COLLECT_PORT=9\n",
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_a_dotenv_of_an_editor(tmp_path: Path, data: bytes) -> None:
    """A .env is read however an editor has saved it."""
    (tmp_path / ".env").write_bytes(data)
    settings = config.load(home=tmp_path / "data")
    assert (settings.route_mobile_header, settings.collect_port) == ("ACMEBK", 9)


NOT_UNDERSTOOD = {
    "an open quote": '\n\nRMANALYTICS_HOME="x\n',
    "an open quote above": "#\n\nA='x\nRMANALYTICS_HOME=y\nB='z\n",
    "an open quote above, closed by the next": '\n\nA="x\nRMANALYTICS_HOME="y"\n',
    "text behind the quote": '\n\nRMANALYTICS_HOME="x" y\n',
    "YAML": "\n\nRMANALYTICS_HOME: x\n",
    "YAML without a blank": "\n\nRMANALYTICS_HOME:x\n",
    "a list of YAML": "\r\n\r\n- RMANALYTICS_HOME=x\r\n",
    "a name alone": "\n\nRMANALYTICS_HOME\n",
    "set of Windows": "\n\nset RMANALYTICS_HOME=x\n",
    "PowerShell": '\n\n$env:RMANALYTICS_HOME="x"\n',
    "a name in quotes": '\n\n"RMANALYTICS_HOME"="x"\n',
    "text": "A=1\n\nmy RMANALYTICS_HOME is x\n",
}


@pytest.mark.parametrize("text", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_a_dotenv_line_that_is_not_understood(
    text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A line about one of our variables is never dropped: file, line and fix are named, and no value."""
    (tmp_path / ".env").write_text(text)
    with pytest.raises(ConfigError, match=r"\.env: line 3: .*: write RMANALYTICS_NAME=") as raised:
        config.load(home=tmp_path / "data")
    assert raised.value.exit_code == 2
    assert not caplog.records


UNDERSTOOD = {
    "other text": "some words\nX: 1\nY='open\n",
    "a comment": "# set RMANALYTICS_HOME: x\n",
    "a comment behind": "A=1 # RMANALYTICS_HOME: x\n",
    "lines in a value": "A='one\ntwo'\n",
    "export": "export A=1\n",
    "quotes of a name": "'A'=1\n",
}


@pytest.mark.parametrize("text", UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_other_lines_of_a_dotenv(text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is not about our variables disturbs nothing and is not logged."""
    (tmp_path / ".env").write_text(f"{text}export RMANALYTICS_COLLECT_PORT = 9 # ours\n")
    assert config.load(home=tmp_path / "data").collect_port == 9
    assert not caplog.records


@pytest.mark.parametrize("name", [".env", "rmanalytics.toml"])
def test_a_settings_file_that_is_no_utf8(tmp_path: Path, name: str) -> None:
    """Another encoding is one line that names file, line and fix."""
    (tmp_path / name).write_bytes(b"# one\n# caf\xe9\n")
    with pytest.raises(ConfigError, match=rf"{name}: line 2: is not UTF-8: save the file as UTF-8"):
        config.load(home=tmp_path / "data")


def test_a_toml_of_windows(tmp_path: Path) -> None:
    """A mark and CRLF do not disturb the settings file."""
    (tmp_path / "rmanalytics.toml").write_bytes("\ufeff[collect]\r\nport = 9\r\n".encode())
    assert config.load(home=tmp_path / "data").collect_port == 9


TOML_FAULTS = {
    "CR in UTF-16": (
        "\ufeffa = 1\r".encode("utf-16-le"),
        "line 1: ends in a carriage return (CR) alone: save the",
    ),
    "CR alone": (b"# one\n[a]\r[b]\r", "line 2: ends in a carriage return (CR) alone: save the file with"),
    "a table twice": (
        b"[collect]\n[collect]\n",
        "line 2: not readable as TOML: table [collect] is there twice: merge them into one",
    ),
}


TOML_SYNTAX = {
    "no quotes": ("gateway = simulator", "a value that TOML does not know: put text into quotes"),
    "a large True": ("collect_log_requests = True", "a value that TOML does not know"),
    "no value": ("gateway =\n", "a value that TOML does not know"),
    "an open quote": ('gateway = "x\n', "a quote is not closed"),
    "an open quote at the end": ('gateway = "x', "a quote is not closed"),
    "an open single quote": ("gateway = 'x", "a quote is not closed"),
    "an open long quote": ('gateway = """x', "a quote is not closed"),
    "an open list": ("gateway = [1,", "the last value is missing"),
    "an open inline table": ("gateway = {a = 1\n", "a { is not closed"),
    "a table that does not end": ("[collect\n", "a ] is missing"),
    "something behind": ("gateway = 1 2", "something follows a value"),
    "no equals sign": ("gateway", "is followed by no equals sign"),
    "a colon": ("gateway: 1", "is followed by no equals sign"),
    "twice": ("gateway = 1\ngateway = 2", "a name is there twice"),
    "a path of Windows": ('dlt_codes = "C:\\new\\xyz"', "a backslash in double quotes"),
    "a date": ("relay_since = 2025-02-30", "a date that does not exist"),
    "a control character": ("gateway = '\x01'", "a character that TOML does not allow"),
    "a thousand brackets": ("a = " + "[" * 100_000, "nested too deeply"),
    "thousands of digits": ("a = " + "9" * 10_000, "a number that is too long"),
}


@pytest.mark.parametrize("text, words", TOML_SYNTAX.values(), ids=TOML_SYNTAX)
def test_toml_syntax_in_plain_words(text: str, words: str) -> None:
    """What is wrong with a TOML text is said in our words, with its line wherever that is known."""
    with pytest.raises(ValueError, match="not readable as TOML: ") as caught:
        toml.parsed(text)
    assert words in str(caught.value)


@pytest.mark.parametrize("data, words", TOML_FAULTS.values(), ids=TOML_FAULTS)
def test_a_toml_with_faults(data: bytes, words: str, tmp_path: Path) -> None:
    """What is wrong with the settings file is said in plain words with its line and the fix."""
    (tmp_path / "rmanalytics.toml").write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        config.load(home=tmp_path / "data")
    assert words in str(caught.value)


def test_line_ends_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file of Windows leaves behind a value is no part of it, also of a secret."""
    monkeypatch.setenv("RMANALYTICS_ROUTE_MOBILE_URL", "http://127.0.0.1:1/bulksms/bulksms\r")
    monkeypatch.setenv("RMANALYTICS_ROUTE_MOBILE_PASSWORD", "pw\r\n")
    settings = config.load(home=tmp_path / "data")
    assert settings.route_mobile_url == "http://127.0.0.1:1/bulksms/bulksms"
    assert settings.route_mobile_password is not None
    assert settings.route_mobile_password.get_secret_value() == "pw"


def test_misspelt_variables(tmp_path: Path) -> None:
    """A variable of ours that no setting reads is named, with where it stands and the nearest real one."""
    (tmp_path / ".env").write_text("RMANALYTICS_GATEWY=route_mobile\nOTHER=x\n")
    assert config.unread(tmp_path / "data", {"RMANALYTICS_HOME", "RMANALYTICS_ZZZ", "PATH"}) == [
        "RMANALYTICS_GATEWY in .env (meant: RMANALYTICS_GATEWAY?)",
        "RMANALYTICS_ZZZ in the environment",
    ]


def test_misspelt_variables_are_told(tmp_path: Path) -> None:
    """The command line names them on stderr, and goes on."""
    (tmp_path / ".env").write_text("RMANALYTICS_GATEWY=route_mobile\n")
    done = CliRunner().invoke(app, ["status", "--home", str(tmp_path / "data")])
    assert "warning unknown setting RMANALYTICS_GATEWY in .env (meant: RMANALYTICS_GATEWAY?)" in done.stderr
