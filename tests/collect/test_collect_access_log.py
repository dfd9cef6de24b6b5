"""The log of requests: who, what and how it ended, and no secret."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from support.collectors import TOKEN, collector, exchange, request

PATH = f"/dlr/simulator/{TOKEN}"
FIELDS = "sStatus=DELIVRD&sMobileNo=%2B919812340001&sMessageId=5f0c-secret"


def test_a_line_per_request(tmp_path: Path) -> None:
    """Each request has its line, whatever became of it; token, query, body and whole numbers have none."""
    with collector(tmp_path / "data", collect_log_requests="1") as running:
        for one in (
            request("GET", f"{PATH}?{FIELDS}"),
            request("POST", PATH, FIELDS.encode()),
            request("POST", PATH, b'[{"msisdn": "919812340001"}]'),
            request("GET", f"/dlr/simulator/{TOKEN}x?{FIELDS}"),
            request("PUT", f"{PATH}?{FIELDS}"),
            request("GET", "/healthz"),
        ):
            exchange(running.address, one)
        _, said = running.end(signal.SIGTERM)
    lines = [re.sub(r"^\S+Z 127[.]0[.]0[.]1:\d+ ", "", line) for line in said.splitlines()[1:]]
    assert lines == [
        "GET simulator 9198****0001 200",
        "POST simulator 9198****0001 200",
        "POST simulator - 200",
        "GET - - 404 token",
        "PUT - - 405 method",
        "GET /healthz - 200",
    ]
    assert [word for word in (TOKEN, "12340001", "DELIVRD", "5f0c") if word in said] == []
