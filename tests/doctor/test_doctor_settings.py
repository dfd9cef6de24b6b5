"""Settings and files: every outcome of each check, in the words a user reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.doctoring import find, scene, told

from rmanalytics.checks import Mark
from rmanalytics.doctor.checks.settings import _NEW_TOKEN
from rmanalytics.doctor.model import WORDS

ACCOUNT = {"gateway": "route_mobile", "route_mobile_username": "acct", "route_mobile_password": "p4ss"}
RELAY = "https://eu1.cb.wzrkt.com/sms/generic?account=s3cret"

GIVEN: dict[str, tuple[str, dict[str, Any], tuple[str, str, str]]] = {
    "simulator": ("gateway_settings", {}, ("ok", "the simulator: nothing is sent to a phone", "")),
    "no account": (
        "gateway_settings",
        {"gateway": "route_mobile"},
        (
            "fault",
            "not set: RMANALYTICS_ROUTE_MOBILE_USERNAME, RMANALYTICS_ROUTE_MOBILE_PASSWORD",
            "put them into the environment or .env",
        ),
    ),
    "Sinch's host": (
        "gateway_settings",
        ACCOUNT | {"route_mobile_url": "https://ap.awsigateway.com/sms"},
        (
            "fault",
            "ap.awsigateway.com is Sinch's host, not Route Mobile's (an error on CleverTap's page)",
            "set RMANALYTICS_ROUTE_MOBILE_URL to the URL received from Route Mobile",
        ),
    ),
    "no header, no entity": (
        "gateway_settings",
        ACCOUNT,
        (
            "warning",
            "not set: RMANALYTICS_ROUTE_MOBILE_HEADER, RMANALYTICS_ROUTE_MOBILE_ENTITY_ID",
            "set them, or give header and entity_id in every row of a domestic batch",
        ),
    ),
    "complete": (
        "gateway_settings",
        ACCOUNT | {"route_mobile_header": "ACMEBK", "route_mobile_entity_id": "1101000000000000001"},
        ("ok", "route_mobile, with account, header and entity", ""),
    ),
    "no token": (
        "callback_token",
        {"collect_token": ""},
        ("fault", "not set: RMANALYTICS_COLLECT_TOKEN: no callback can be received", _NEW_TOKEN),
    ),
    "short token": (
        "callback_token",
        {"collect_token": "fifteen-letters"},
        ("warning", "RMANALYTICS_COLLECT_TOKEN is only 15 characters long", _NEW_TOKEN),
    ),
    "token": ("callback_token", {}, ("ok", "24 characters", "")),
    "no relay": (
        "relay_settings",
        {},
        ("not_checked", "no relay URL is set: CleverTap receives no DLRs from here", ""),
    ),
    "relay and simulator": (
        "relay_settings",
        {"relay_url": RELAY},
        (
            "warning",
            "a relay URL is set, but the gateway is the simulator: simulated DLRs are not relayed",
            "set RMANALYTICS_GATEWAY to a real gateway, or remove the relay URL",
        ),
    ),
    "relay": ("relay_settings", ACCOUNT | {"relay_url": RELAY}, ("ok", "on, 1 of 2 channels", "")),
    "DLT": ("dlt_settings", {}, ("ok", "policy strict, codes of platform6xx", "")),
    "no header of codes": (
        "dlt_settings",
        {"dlt_codes": "codes.csv"},
        (
            "fault",
            "codes.csv: line 1: no column namespace, code, meaning (it has a, b): rename it, or map it",
            "fix RMANALYTICS_DLT_NAMESPACE or RMANALYTICS_DLT_CODES",
        ),
    ),
    "codes that are not there": (
        "dlt_settings",
        {"dlt_codes": "none.csv"},
        (
            "fault",
            "none.csv: cannot be read: No such file or directory",
            "fix RMANALYTICS_DLT_NAMESPACE or RMANALYTICS_DLT_CODES",
        ),
    ),
    "no words of one's own": ("status_words", {}, ("ok", "the built-in ones", "")),
    "no table of words": (
        "status_words",
        {"status_words": "codes.csv"},
        (
            "fault",
            "RMANALYTICS_STATUS_WORDS: codes.csv: line 1: no column word, status (it has a, b): rename it, or map it",
            "fix the file, or RMANALYTICS_STATUS_WORDS",
        ),
    ),
    "no file referred to": ("files", {}, ("ok", "no setting names a file", "")),
    "a file referred to": ("files", {"relay_codes": "codes.csv"}, ("ok", "1 file, all readable", "")),
    "a file that is not there": (
        "files",
        {"collect_tls_cert": "cert.pem", "collect_tls_key": "key.pem"},
        ("fault", "cert.pem: No such file or directory", "fix RMANALYTICS_COLLECT_TLS_CERT, or the file"),
    ),
}


@pytest.mark.parametrize("name, flags, expected", GIVEN.values(), ids=GIVEN)
def test_settings(name: str, flags: dict[str, Any], expected: tuple[str, str, str], tmp_path: Path) -> None:
    """Each outcome has its words and its fix, and no secret in them."""
    Path("codes.csv").write_text("a,b\n")
    found = told(find(name, scene(tmp_path, **flags)))
    assert found == expected
    assert "s3cret" not in str(found)


UNKNOWN = {
    "dlt_policy": "unknown policy 'other': use one of ",
    "dlt_namespace": "unknown code namespace 'other': use one of ",
}


@pytest.mark.parametrize("setting, says", UNKNOWN.items(), ids=UNKNOWN)
def test_unknown_names(setting: str, says: str, tmp_path: Path) -> None:
    """A policy or namespace that nobody knows is a fault, with those there are."""
    mark, words, fix = told(find("dlt_settings", scene(tmp_path, **{setting: "other"})))
    assert (mark, words.startswith(says)) == ("fault", True)
    assert f"RMANALYTICS_{setting.upper()}" in fix


VARIABLES = {
    "none": ("", {}, ("ok", "0 variables set, all known", "")),
    "known": (
        "RMANALYTICS_HORIZON_H=1\n",
        {"rmanalytics_home": "data"},
        ("ok", "2 variables set, all known", ""),
    ),
    "misspelt": (
        "# RMANALYTICS_OLD=1\nexport RMANALYTICS_GATWAY=route_mobile\n",
        {"RMANALYTICS_ZZZ": "s3cret"},
        (
            "warning",
            "unknown: RMANALYTICS_GATWAY in .env (meant: RMANALYTICS_GATEWAY?); "
            "RMANALYTICS_ZZZ in the environment",
            "fix or remove them; the README lists all settings",
        ),
    ),
}


@pytest.mark.parametrize("dotenv, environment, expected", VARIABLES.values(), ids=VARIABLES)
def test_variables(
    dotenv: str, environment: dict[str, str], expected: tuple[str, ...], tmp_path: Path
) -> None:
    """Unknown names are listed with the nearest real one; values are not shown."""
    (tmp_path / ".env").write_text(dotenv)
    assert told(find("variables", scene(tmp_path, environment=environment))) == expected


MODES = {"readable only by you": (0o600, "ok"), "group": (0o640, "fault"), "others": (0o604, "fault")}


@pytest.mark.parametrize("mode, mark", MODES.values(), ids=MODES)
def test_secrets(mode: int, mark: str, tmp_path: Path) -> None:
    """`.env` and the TLS key are for their owner only."""
    for name in (".env", "key.pem"):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).chmod(mode)
    key = tmp_path / "key.pem"
    found = find("secrets", scene(tmp_path, collect_tls_key=key, collect_tls_cert=key))
    assert WORDS[found.mark] == mark
    if found.mark is Mark.FAIL:
        assert found.evidence == tuple(f"{tmp_path / name}: mode {mode:o}" for name in (".env", "key.pem"))
        assert found.fix == f"chmod 600 {tmp_path / '.env'} {key}"
    else:
        assert found.says == ".env, key.pem readable only by you"


def test_no_secrets(tmp_path: Path) -> None:
    """Without such files there is nothing to protect."""
    assert told(find("secrets", scene(tmp_path))) == ("ok", "no file holds secrets", "")
