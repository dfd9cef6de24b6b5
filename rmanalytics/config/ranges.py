"""How large numbers of settings may be: a clock can still be set forward by them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationInfo, field_validator

_MOST = {"s": 1e9, "h": 1e6, "days": 36_500.0}
"""Of seconds, hours and days."""

_MOST_OF_OTHERS = 1e12


class InRange(BaseModel):
    """Settings of which no number is larger than the unit in its name allows."""

    @field_validator("*")
    @classmethod
    def _is_in_range(cls, value: Any, about: ValidationInfo) -> Any:
        most = _MOST.get(str(about.field_name).rpartition("_")[2], _MOST_OF_OTHERS)
        if isinstance(value, int | float) and value > most:
            raise ValueError(f"must be at most {most:,.0f}")
        return value
