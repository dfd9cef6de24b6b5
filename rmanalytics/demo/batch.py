"""A batch as Indian companies send them: OTPs, card alerts, order updates, a sale, Hindi, and abroad.

Names, numbers and texts are made up. A few texts depart from their DLT template by one character, because
that is what real ones do.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rmanalytics.support import resources

COLUMNS = (
    "message_id",
    "msisdn",
    "body",
    "campaign_id",
    "template_id",
    "template_variables",
    "header",
    "entity_id",
)
DEPARTS_RATE = 0.03
"""Share of the domestic texts that do not match their template."""

_VARIABLE = "{#var#}"
_NAMES = ("Asha", "Ravi", "Meera", "Arjun", "Fatima", "Joseph", "Lakshmi", "Imran", "Kavya", "Nikhil")
_HINDI_NAMES = ("आशा", "रवि", "मीरा", "अर्जुन", "काव्या", "निखिल")
_SHOPS = ("Big Bazaar Pune", "Cafe Madras", "Metro Fuel", "Book House", "Green Grocers")
_GOODS = ("home decor", "kurtas", "headphones", "kitchenware", "sarees")
_DAYS = ("Monday", "Tuesday", "Thursday", "Friday", "Sunday")
_ABROAD = (("4477009", 5), ("1415555", 4), ("9715012", 5), ("6591234", 3))
"""How numbers abroad begin, and how many digits follow."""

Values = Callable[[random.Random], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Campaign:
    campaign_id: str
    share: float
    template_id: str | None
    values: Values


def _order(draw: random.Random) -> str:
    return f"AC{draw.randrange(10_000, 99_999)}"


def _rupees(draw: random.Random) -> str:
    return f"{draw.randrange(49, 25_000):,}.{draw.randrange(100):02}"


CAMPAIGNS = (
    _Campaign(
        campaign_id="otp-login",
        share=0.34,
        template_id="1107000000000000101",
        values=lambda draw: [f"{draw.randrange(10**6):06}", "10"],
    ),
    _Campaign(
        campaign_id="card-alerts",
        share=0.22,
        template_id="1107000000000000102",
        values=lambda draw: [
            _rupees(draw),
            f"{draw.randrange(10**4):04}",
            "24-11-2026",
            draw.choice(_SHOPS),
            _rupees(draw),
        ],
    ),
    _Campaign(
        campaign_id="order-updates",
        share=0.14,
        template_id="1107000000000000103",
        values=lambda draw: [draw.choice(_NAMES), _order(draw), draw.choice(_DAYS), _order(draw)],
    ),
    _Campaign(
        campaign_id="festive-sale",
        share=0.16,
        template_id="1107000000000000104",
        values=lambda draw: [
            str(draw.choice((20, 30, 40, 60))),
            draw.choice(_GOODS),
            draw.choice(_DAYS),
            "GLOW40",
        ],
    ),
    _Campaign(
        campaign_id="order-updates-hi",
        share=0.08,
        template_id="1107000000000000105",
        values=lambda draw: [draw.choice(_HINDI_NAMES), _order(draw), str(draw.randrange(4, 9))],
    ),
    _Campaign(
        campaign_id="order-updates-intl", share=0.06, template_id=None, values=lambda draw: [_order(draw)]
    ),
)


def write_batch(path: Path, n_messages: int, seed: int) -> Path:
    """Write a CSV batch of `n_messages`; the same seed gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows(n_messages, seed))
    return path


def rows(n_messages: int, seed: int) -> Iterator[dict[str, str]]:
    """Yield the rows of such a batch, with `COLUMNS`."""
    draw = random.Random(seed)  # noqa: S311 -- a seeded demonstration, no secret
    known = templates()
    weights = [campaign.share for campaign in CAMPAIGNS]
    for number in range(n_messages):
        campaign = draw.choices(CAMPAIGNS, weights)[0]
        row = (
            _domestic(campaign, known[campaign.template_id], draw)
            if campaign.template_id
            else _abroad(campaign, draw)
        )
        yield {"message_id": f"demo-{seed}-{number:06}", "campaign_id": campaign.campaign_id} | row


def _domestic(campaign: _Campaign, template: dict[str, str], draw: random.Random) -> dict[str, str]:
    values = campaign.values(draw)
    body = fill(template["content"], values)
    return {
        "msisdn": f"91{draw.choice('6789')}{draw.randrange(10**9):09}",
        "body": depart(body, draw) if draw.random() < DEPARTS_RATE else body,
        "template_id": template["template_id"],
        "template_variables": json.dumps(values, ensure_ascii=False),
        "header": template["header"],
        "entity_id": template["entity_id"],
    }


def _abroad(campaign: _Campaign, draw: random.Random) -> dict[str, str]:
    order = campaign.values(draw)[0]
    prefix, n_digits = draw.choice(_ABROAD)
    return {
        "msisdn": f"+{prefix}{draw.randrange(10**n_digits):0{n_digits}}",
        "body": f"Your Acme order {order} has left our warehouse and arrives in 3-5 days.",
        "header": "ACME",
    }


def fill(content: str, values: list[str]) -> str:
    """Return the template's text with its variables filled in order.

    >>> fill("{#var#} is your OTP for {#var#}", ["1234", "Acme"])
    '1234 is your OTP for Acme'
    """
    parts = content.split(_VARIABLE)
    return "".join(text + value for text, value in zip(parts, [*values, ""], strict=True))


def depart(body: str, draw: random.Random) -> str:
    """Return the text changed the way texts get changed on their way into a campaign tool."""
    changed = {
        body.replace(" ", "  ", 1),
        body.replace("Acme", "ACME", 1),
        body.replace(" - ", " – ", 1),
        body + ".",
        body.replace("Store", "Store’s", 1),
        body.replace(" ", "\u00a0", 1),
    }
    return draw.choice(sorted(changed - {body}))


def templates() -> dict[str, dict[str, str]]:
    """Return the sample templates by their id."""
    with (resources.samples() / "templates.csv").open(newline="", encoding="utf-8") as file:
        return {row["template_id"]: row for row in csv.DictReader(file)}
