"""A send beside a long history of requests of 1,000 messages, the size that CleverTap's guide names."""

from __future__ import annotations

import json
from pathlib import Path

from support.command import run

AT = "2026-01-15T04:50:37.123456Z"
N_REQUESTS, N_EACH = 300, 1_000
ROW = "919800000001,Hi,c1,ACMEBK,1101000000000000001,1107000000000000001"


def test_a_plan_beside_many_large_requests(tmp_path: Path) -> None:
    """300,000 messages in 300 requests leave the plan of one message as it is: no memory runs out."""
    journal = tmp_path / "data" / "journal"
    journal.mkdir(parents=True)
    with (journal / "submissions-20260115T045038123456Z-00000002.jsonl").open("w") as file:
        for n in range(N_REQUESTS):
            ids = [f"m{n * N_EACH + place}" for place in range(N_EACH)]
            answers = [
                {"message_id": one, "result": "accepted", "code": "1701", "gateway_message_id": f"{one:0>36}"}
                for one in ids
            ]
            attempt = {"attempt_id": f"a{n}", "attempted_at": AT, "message_ids": ids}
            answer = {"attempt_id": f"a{n}", "answered_at": AT, "http_status": 200, "responses": answers}
            file.write(f"{json.dumps(attempt)}\n{json.dumps(answer)}\n")
    (tmp_path / "one.csv").write_text(f"msisdn,body,campaign_id,header,entity_id,template_id\n{ROW}\n")
    done = run("send", "one.csv", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 to send, 0 sent before" in done.stdout + done.stderr
