"""A message for a provider's request."""

from __future__ import annotations

from datetime import UTC, datetime

from rmanalytics.models import Message
from rmanalytics.send.preview import one

NOW = datetime(2026, 11, 24, tzinfo=UTC)


TEXT = 'He said "$$To"\n50 % & नमस्ते'


def message(number: str = "+919800000001", text: str = TEXT, template: str = "1107") -> Message:
    """A message with a text that every encoding must escape."""
    return one(number, text, template, NOW)
