"""A database as a few campaigns leave it behind: seeded, of any size, with all that can go wrong in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from rmanalytics import warehouse
from rmanalytics.warehouse import times

START = pd.Timestamp("2026-11-20 09:00", tz="Asia/Kolkata").tz_convert("UTC")
HOURS = 12
AS_OF = "2026-11-20T21:10:00+05:30"

CAMPAIGNS = pd.DataFrame(
    {
        "campaign_id": [
            "OTP-LOGIN",
            "ORDER-UPDATES",
            "DIWALI-OFFER",
            "KYC-REMINDER-HINDI",
            "GLOBAL-NEWSLETTER",
        ],
        "header": ["VRFYIN", "ORDRUP", "SHOPIN", "KYCBNK", "NEWSLT"],
        "route": ["domestic", "domestic", "domestic", "domestic", "international"],
        "template_id": [
            "1107160000000000011",
            "1107160000000000022",
            "1107160000000000033",
            "1107160000000000044",
            None,
        ],
        "encoding": ["gsm7", "gsm7", "gsm7", "ucs2", "gsm7"],
        "share": [0.4, 0.25, 0.2, 0.1, 0.05],
        "delivered": [0.97, 0.962, 0.905, 0.955, 0.93],
        "median_s": [3.5, 6.0, 14.0, 9.0, 22.0],
        "prefix": ["9198", "9197", "9196", "9190", "4477"],
    }
)
CODES = ["633", "650", "612", "27", "1", "20b"]
CODE_SHARES = [0.34, 0.27, 0.05, 0.2, 0.1, 0.04]
NETWORKS = ["40445", "40410", "405840", "40486"]


def seed(path: Path, n: int = 2000, *, gateway: str = "simulator", seed: int = 7) -> Path:
    """Write a database of `n` messages and return its path."""
    chance = np.random.default_rng(seed)
    messages = _messages(n, gateway, chance)
    submissions = _submissions(messages, chance)
    callbacks, dlrs = _dlrs(messages, submissions, chance)
    with warehouse.writer(path) as connection:
        for name, frame in {
            "messages": messages,
            "submissions": submissions,
            "callbacks": callbacks,
            "dlrs": dlrs,
        }.items():
            connection.register("frame", frame)
            columns = [row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()]
            names = ", ".join(column for column in columns if column in frame)
            connection.execute(f"INSERT INTO {name} ({names}) SELECT {names} FROM frame")
            connection.unregister("frame")
        times.fill(connection)
        connection.execute(
            "INSERT INTO upkeep VALUES ('passed', now(), now())"
        )  # matches stay as they are told here
    return path


def _messages(n: int, gateway: str, chance: np.random.Generator) -> pd.DataFrame:
    kind = chance.choice(len(CAMPAIGNS), n, p=CAMPAIGNS["share"])
    seconds = np.sort(chance.beta(1.6, 1.2, n) * HOURS * 3600)
    own = CAMPAIGNS.iloc[kind].reset_index(drop=True)
    return own.assign(
        message_id=[f"m{place:07d}" for place in range(n)],
        batch_id="batch1",
        gateway=gateway,
        msisdn=own["prefix"] + pd.Series(chance.integers(10**7, 10**8, n)).astype(str),
        entity_id="1101000000000000001",
        body="Your code is 1234",
        n_segments=1,
        planned_at=START + pd.to_timedelta(seconds, unit="s"),
        line=np.arange(2, n + 2),
    )


def _submissions(messages: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    n = len(messages)
    result = pd.Series(
        chance.choice(["accepted", "refused", "unclear", "unsent"], n, p=[0.985, 0.01, 0.003, 0.002])
    )
    attempted_at = messages["planned_at"] + pd.to_timedelta(chance.uniform(0.1, 1.5, n), unit="s")
    return pd.DataFrame(
        {
            "attempt_id": [f"a{place}" for place in range(n)],
            "message_id": messages["message_id"],
            "batch_id": "batch1",
            "gateway": messages["gateway"],
            "attempted_at": attempted_at,
            "answered_at": (attempted_at + pd.Timedelta(seconds=0.3)).where(result != "unclear"),
            "http_status": 200,
            "code": result.map({"accepted": "1701", "refused": "1706", "unsent": "1025"}),
            "result": result,
            "gateway_message_id": ("g" + messages["message_id"]).where(result == "accepted"),
        }
    )


def _dlrs(
    messages: pd.DataFrame, submissions: pd.DataFrame, chance: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    taken = messages[(submissions["result"] == "accepted").to_numpy()].reset_index(drop=True)
    n = len(taken)
    late = taken["planned_at"].dt.tz_convert("Asia/Kolkata").dt.hour == 14
    delivered = taken["delivered"] - np.where(late & (taken["campaign_id"] == "DIWALI-OFFER"), 0.18, 0)
    draw = chance.uniform(size=n)
    left = (draw - delivered) / (1 - delivered)
    status = pd.Series(np.where(draw < delivered, "delivered", np.where(left < 0.6, "failed", "queued")))
    status[left > 0.8] = "unknown"
    status[left > 0.86] = "none"
    latency = chance.lognormal(np.log(taken["median_s"]), 0.9)
    submitted_at = taken["planned_at"] + pd.Timedelta(seconds=1)
    done_at = submitted_at + pd.to_timedelta(latency, unit="s")
    dlrs = pd.DataFrame(
        {
            "position": 0,
            "gateway": taken["gateway"],
            "message_id": taken["message_id"],
            "matched_by": chance.choice(
                ["gateway_message_id", "message_id", "gateway_message_id_normalised"], n, p=[0.93, 0.05, 0.02]
            ),
            "gateway_message_id": "g" + taken["message_id"],
            "msisdn": taken["msisdn"],
            "header": taken["header"],
            "raw_status": status.map(
                {"delivered": "DELIVRD", "failed": "UNDELIV", "queued": "ACKED", "unknown": "UNKNOWN"}
            ),
            "status": status,
            "error_code": pd.Series(chance.choice(CODES, n, p=CODE_SHARES)).where(status == "failed"),
            "submitted_at": submitted_at,
            "done_at": done_at,
            "received_at": done_at + pd.to_timedelta(chance.exponential(1.5, n), unit="s"),
            "cost": 0.12,
            "charge": 0.12,
            "mcc_mnc": pd.Series(chance.choice(NETWORKS, n)).where(taken["route"] == "domestic", "23430"),
            "tag": taken["campaign_id"],
        }
    )
    dlrs = dlrs[status != "none"]
    repeated = dlrs.sample(frac=0.01, random_state=1)
    conflicting = dlrs[dlrs["status"] == "delivered"].sample(frac=0.002, random_state=2)
    conflicting = conflicting.assign(status="failed", raw_status="EXPIRED", error_code="27")
    nobody = dlrs.sample(frac=0.003, random_state=3).assign(
        message_id=None, matched_by=None, gateway_message_id=lambda t: "x" + t["gateway_message_id"]
    )
    everything = pd.concat([dlrs, repeated, conflicting, nobody], ignore_index=True)
    everything.insert(0, "callback_id", [f"c{place}" for place in range(len(everything))])
    callbacks = everything[["callback_id", "received_at", "gateway"]].assign(
        method="GET", n_dlrs=1, n_unread=0
    )
    garbage = pd.DataFrame(
        {
            "callback_id": ["z1", "z2"],
            "received_at": START,
            "gateway": "simulator",
            "n_dlrs": 0,
            "n_unread": 1,
        }
    )
    return pd.concat([callbacks, garbage], ignore_index=True), everything
