"""Values that no setting takes, whatever it is for: empty, with what nobody sees, too large, true for a number."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationInfo, field_validator

from rmanalytics.support import ids
from rmanalytics.support.folders import expanded

_MOST = {"s": 1e9, "h": 1e6, "days": 36_500.0}
"""Of seconds, hours and days: a clock can still be set forward by them."""

_MOST_OF_OTHERS = 1e12
_MAY_BE_UNSEEN = frozenset({"route_mobile_delimiter"})


class Plain(BaseModel):
    """Settings whose values are what a person sees, and of which no number is larger than its unit allows."""

    @field_validator("*", mode="before")
    @classmethod
    def _is_plain(cls, value: Any, about: ValidationInfo) -> Any:
        field = cls.model_fields[str(about.field_name)]
        kinds = {field.annotation, *get_args(field.annotation)}
        if isinstance(value, bool) and kinds & {int, float}:
            raise ValueError("has to be a number")
        if isinstance(value, str) and about.field_name not in _MAY_BE_UNSEEN:
            _refuse_unseen(value)
        if value == "" and type(None) not in kinds:
            raise ValueError("is empty: give it a value, or remove it")
        return expanded(value) if Path in kinds and isinstance(value, str) else value

    @field_validator("*")
    @classmethod
    def _is_in_range(cls, value: Any, about: ValidationInfo) -> Any:
        most = _MOST.get(str(about.field_name).rpartition("_")[2], _MOST_OF_OTHERS)
        if isinstance(value, int | float) and value > most:
            raise ValueError(f"must be at most {most:,.0f}")
        return value


def _refuse_unseen(text: str) -> None:
    """Raise ValueError for a text that holds more than one sees; it never holds the text, which may be a secret."""
    if ids.has_control(text):
        raise ValueError(ids.WHY_CONTROL)
    if ids.has_invisible(text):
        raise ValueError(ids.WHY_INVISIBLE)
