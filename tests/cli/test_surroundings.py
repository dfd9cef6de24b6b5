"""What is no file, an unusable key log, a damaged certificate: said at once, whatever command meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.certificates import self_signed
from support.command import fresh, run
from support.commands import commands

from rmanalytics import config
from rmanalytics.collect.tls import tls_files
from rmanalytics.errors import ConfigError


def pipe(path: Path) -> None:
    """A named pipe to which nobody writes."""
    os.mkfifo(path)


def folder(path: Path) -> None:
    """A folder."""
    path.mkdir()


def device(path: Path) -> None:
    """A device without an end."""
    path.symlink_to("/dev/zero")


OTHERS: dict[str, Callable[[Path], None]] = {"a named pipe": pipe, "a folder": folder, "a device": device}
OPENED = {
    ".env": ("status", "--home", "data"),
    "rmanalytics.toml": ("status", "--home", "data"),
    "data/rmanalytics.duckdb": ("ingest",),
    "data/rmanalytics.duckdb ": ("status",),
    "x.csv": ("import", "messages", "x.csv"),
    "y.csv": ("send", "y.csv", "--dry-run"),
    "t.csv": ("dlt", "check", "--templates", "t.csv", "--messages", "t.csv"),
    "p.toml": ("provider", "lint", "p.toml"),
    "profile.toml": ("simulate", "--callback", "off", "--profile", "profile.toml"),
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize(("name", "command"), OPENED.items(), ids=OPENED)
def test_what_is_no_file_is_refused(name: str, command: tuple[str, ...], kind: str, tmp_path: Path) -> None:
    """A folder, a pipe or a device in the place of a file is named at once; nothing waits for it or reads it."""
    (tmp_path / "data" / "journal").mkdir(parents=True)
    OTHERS[kind](tmp_path / name.strip())
    done = run(*command, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert f"{name.strip()}: is {kind}, not a file" in done.stderr


DATABASES = {
    "empty": (b"", "is empty: delete it and run `rmanalytics ingest`"),
    "SQLite": (
        b"SQLite format 3\0" + b"\0" * 8000,
        "not readable as a DuckDB 2 database: move it away and run `rmanalytics ingest`",
    ),
    "text": (
        b"no database " * 2000,
        "not readable as a DuckDB 2 database: move it away and run `rmanalytics ingest`",
    ),
}


@pytest.mark.parametrize("command", ["status", "ingest", "validate"])
@pytest.mark.parametrize(("content", "said"), DATABASES.values(), ids=DATABASES)
def test_no_database(content: bytes, said: str, command: str, tmp_path: Path) -> None:
    """A file that is no database is said to be that, with the way out."""
    (tmp_path / "data" / "journal").mkdir(parents=True)
    (tmp_path / "data" / "rmanalytics.duckdb").write_bytes(content)
    done = run(command, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr


ENCODINGS = {
    "Latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ASCII": {"PYTHONIOENCODING": "ascii"},
    "the POSIX locale": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
RUNS = """
import json, sys
from rmanalytics.cli import app, failures
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["rmanalytics", *arguments]
    try:
        failures.guarded(app)
    except SystemExit as ended:
        print(f"<left with {ended.code}> {arguments}")
"""
SAID = [["status"], ["status", "--json"], ["doctor"], ["validate"], ["dlt", "check", "--templates", "t.csv"]]


@pytest.mark.parametrize("environment", ENCODINGS.values(), ids=ENCODINGS)
def test_any_encoding_of_the_output(environment: dict[str, str], tmp_path: Path) -> None:
    """Whatever encoding a terminal or a log has, every help and every screen is written to it."""
    (tmp_path / "data" / "journal").mkdir(parents=True)
    (tmp_path / "t.csv").write_text("template_id,body\n1107000000000000001,Grüße 😀 {#var#}\n")
    helps = [[name, "--help"] for name in commands()] + [["import", "dlrs", "--help"]]
    messages = ["--messages", "t.csv", "--show", "1"]
    asked = helps + [[*one, *(messages if one[0] == "dlt" else [])] for one in SAID]
    done = subprocess.run(
        [sys.executable, "-c", RUNS, json.dumps([["ingest"], *asked])],
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1", **environment},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0
    assert b"unexpected" not in done.stderr
    assert done.stdout.count(b"<left with ") == len(asked) + 1, done.stderr
    assert done.stdout.count(b"<left with 0>") >= len(helps)


KEY_LOGS = {"no folder": "none/x.log", "a folder": ".", "a pipe": "pipe"}


@pytest.mark.parametrize("log", KEY_LOGS.values(), ids=KEY_LOGS)
def test_an_unusable_key_log_is_ignored(log: str, tmp_path: Path) -> None:
    """SSLKEYLOGFILE that cannot be written is mentioned, and stops nothing."""
    os.mkfifo(tmp_path / "pipe")
    run("init", "--home", "data", cwd=tmp_path)
    done = run("send", "batch.csv", "--dry-run", cwd=tmp_path, SSLKEYLOGFILE=log)
    assert done.returncode == 0, done.stderr
    assert f"SSLKEYLOGFILE: {log}: " in done.stderr


VARIABLES = {
    "SSL_CERT_FILE": "none.pem",
    "SSL_CERT_DIR": "none",
    "REQUESTS_CA_BUNDLE": "none.pem",
    "CURL_CA_BUNDLE": "none.pem",
    "OPENSSL_CONF": "none.cnf",
    "HTTP_PROXY": ":::junk",
    "HTTPS_PROXY": "http://[::",
    "ALL_PROXY": "socks5://none:99999",
    "NO_PROXY": "[::",
}


def test_variables_of_others_hinder_no_plain_http(tmp_path: Path) -> None:
    """However certificates and proxies are set, a plain http request reaches a server on this machine or none."""
    run("init", "--home", "data", cwd=tmp_path)
    done = fresh(
        "send",
        "batch.csv",
        "--yes",
        cwd=tmp_path,
        RMANALYTICS_ROUTE_MOBILE_URL="http://127.0.0.1:9/x",
        **VARIABLES,
    )
    assert "no connection to 127.0.0.1:9: Connection refused" in done.stderr + done.stdout


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)


def encrypted(cert: Path, key: Path) -> tuple[Path, Path]:
    """A key with a passphrase."""
    _openssl("pkey", "-in", str(key), "-aes128", "-passout", "pass:x", "-out", str(key.with_name("enc.pem")))
    return cert, key.with_name("enc.pem")


def of_another(cert: Path, key: Path) -> tuple[Path, Path]:
    """The key of another certificate."""
    other = key.parent / "other"
    other.mkdir()
    return cert, self_signed(other)[1]


def der(cert: Path, key: Path) -> tuple[Path, Path]:
    """A certificate in DER."""
    _openssl("x509", "-in", str(cert), "-outform", "DER", "-out", str(cert.with_name("cert.der")))
    return cert.with_name("cert.der"), key


def der_key(cert: Path, key: Path) -> tuple[Path, Path]:
    """A key in DER."""
    _openssl("pkey", "-in", str(key), "-outform", "DER", "-out", str(key.with_name("key.der")))
    return cert, key.with_name("key.der")


def swapped(cert: Path, key: Path) -> tuple[Path, Path]:
    """The one in the place of the other."""
    return key, cert


def as_a_pipe(cert: Path, key: Path) -> tuple[Path, Path]:
    """A pipe."""
    os.mkfifo(key.with_name("pipe"))
    return cert, key.with_name("pipe")


def as_a_folder(cert: Path, key: Path) -> tuple[Path, Path]:
    """A folder."""
    return key.parent, key


def cut(cert: Path, key: Path) -> tuple[Path, Path]:
    """A certificate that is cut."""
    cert.write_bytes(cert.read_bytes()[:200])
    return cert, key


TLS = {
    "encrypted": (encrypted, "is encrypted: decrypt it with"),
    "of another": (of_another, "does not belong to the certificate"),
    "DER": (der, "no certificate in PEM"),
    "a key in DER": (der_key, "no private key in PEM"),
    "swapped": (swapped, "no certificate in PEM"),
    "a pipe": (as_a_pipe, "is a named pipe, not a file"),
    "a folder": (as_a_folder, "is a folder, not a file"),
    "cut": (cut, "damaged"),
}


@pytest.mark.parametrize(("spoil", "said"), TLS.values(), ids=TLS)
def test_certificates_and_keys_that_are_no_good(
    spoil: Callable[[Path, Path], tuple[Path, Path]], said: str, tmp_path: Path
) -> None:
    """Each is refused before anything listens, in words of the setting; no passphrase is asked for."""
    cert, key = spoil(*self_signed(tmp_path))
    with pytest.raises(ConfigError, match=said):
        tls_files(config.load(collect_tls_cert=cert, collect_tls_key=key))


def test_a_good_pair_is_taken(tmp_path: Path) -> None:
    """A certificate with its key is what it was."""
    cert, key = self_signed(tmp_path)
    assert tls_files(config.load(collect_tls_cert=cert, collect_tls_key=key)) == (cert, key)
