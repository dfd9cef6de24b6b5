"""Outcome profiles: which share of messages ends how, and when. Presets, or a TOML file of the user."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rmanalytics.errors import BadInput, ConfigError
from rmanalytics.simulator.protocol import AnswerShape
from rmanalytics.support import env_file, toml
from rmanalytics.support.files import no_file
from rmanalytics.support.nearest import fields_at, near
from rmanalytics.support.wording import unfit

FOLDER = Path(__file__).parent / "profiles"


class Ending(StrEnum):
    """How a message ends: Route Mobile's word in its last DLR, no DLR at all, or refused at once."""

    DELIVRD = "DELIVRD"
    UNDELIV = "UNDELIV"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
    REJECTD = "REJECTD"
    UNKNOWN = "UNKNOWN"
    ACKED = "ACKED"
    ENROUTE = "ENROUTE"
    ACCEPTED = "ACCEPTED"
    NO_DLR = "no_dlr"
    REFUSED = "refused"


FINAL = frozenset({Ending.DELIVRD, Ending.UNDELIV, Ending.EXPIRED, Ending.DELETED, Ending.REJECTD})
Only = Literal["domestic", "international", "Jio", "Airtel", "Vi", "BSNL"]
Echo = Literal["none", "sMessageId", "sUdf1", "sUdf2", "sTagName"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Outcome(_Strict):
    """One ending and its share; the delay until its DLR is log-normal.

    `code` is the DLR's iErrCode, for `refused` the submit code. `only` names the numbers it applies to.
    """

    ending: Ending
    share: float = Field(ge=0, le=1)
    code: str = Field("0", pattern=r"^[0-9A-Za-z]{1,16}$")
    median_s: float = Field(6.0, ge=0)
    sigma: float = Field(0.8, ge=0, le=3)
    only: Only | None = None


class Profile(_Strict):
    """Outcomes and manners of the simulated gateway.

    The shares of unrestricted outcomes sum to 1. An outcome with `only` takes its share of the messages it
    applies to; the unrestricted ones divide the rest in proportion.
    """

    name: str = "file"
    outcomes: tuple[Outcome, ...]
    queued_first: float = Field(0.25, ge=0, le=1)
    """Share of messages that are reported queued before their final DLR."""
    answer_median_s: float = Field(0.0, ge=0)
    """Median time until the submit response; log-normal, sigma 0.5."""
    echo_msgid: Echo = "none"
    """DLR field that gives `msgid` back; what Route Mobile does is not known."""
    flat_answer: AnswerShape = AnswerShape.TEXT
    """Answer to CleverTap's flat JSON, `text` or `flat`; what Route Mobile does is not known."""
    price_per_segment: float = Field(0.12, ge=0)

    @model_validator(mode="after")
    def _shares_add_up(self) -> Profile:
        wide = sum(outcome.share for outcome in self.outcomes if outcome.only is None)
        narrow = sum(outcome.share for outcome in self.outcomes if outcome.only is not None)
        if abs(wide - 1) > 1e-6:
            raise ValueError(f"the shares of outcomes without `only` sum to {wide:.6g} and must sum to 1")
        if narrow > 1:
            raise ValueError(f"the shares of outcomes with `only` sum to {narrow:.6g}, which is over 1")
        return self


class Chooser:
    """Picks outcomes of a profile; each kind of number has a table of its own."""

    def __init__(self, profile: Profile) -> None:
        self._outcomes = profile.outcomes
        self._tables: dict[str, tuple[list[float], list[Outcome]]] = {}

    def pick(self, u: float, operator: str) -> Outcome:
        """Return the outcome at `u` in [0, 1) for a number of that operator; "" is abroad."""
        if operator not in self._tables:
            self._tables[operator] = _table(self._outcomes, operator)
        ends, outcomes = self._tables[operator]
        return outcomes[bisect(ends, u)]


def presets() -> list[str]:
    """Return the names of the profiles that come with us.

    >>> presets()
    ['bad-day', 'clean', 'default']
    """
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> Profile:
    """Return the preset of that name, or the profile in that TOML file.

    Raises BadInput naming file, field and fault.
    """
    path = FOLDER / f"{name}.toml" if name in presets() else Path(name)
    if path.suffix != ".toml":
        raise BadInput(f"unknown profile {name!r}: use {', '.join(presets())} or a .toml file")
    try:
        return Profile.model_validate({"name": path.stem, **_read(path)})
    except ValidationError as error:
        faults = "; ".join(map(_fault, error.errors()))
        is_unknown = any(fault["type"] == "extra_forbidden" for fault in error.errors())
        where = f": begin with a copy of {FOLDER / 'default.toml'}" if is_unknown else ""
        raise BadInput(f"{path}: {faults}{where}") from None


def _read(path: Path) -> dict[str, Any]:
    if what := no_file(path):
        raise BadInput(f"{path}: is {what}: name a TOML file of outcome shares")
    try:
        return toml.parsed(env_file.text(path))
    except ConfigError as error:
        raise BadInput(str(error)) from None
    except ValueError as error:
        raise BadInput(f"{path}: {error}") from None


def _fault(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    text = unfit(str(fault["msg"]))
    if fault["type"] == "extra_forbidden":
        text += near(str(fault["loc"][-1]), fields_at(Profile, fault["loc"]))
    return f"{where}: {text}" if where else text


def _table(outcomes: Iterable[Outcome], operator: str) -> tuple[list[float], list[Outcome]]:
    """Return where in [0, 1) each applicable outcome but the last one ends, and the outcomes."""
    place = "domestic" if operator else "international"
    narrow = [outcome for outcome in outcomes if outcome.only in {place, operator}]
    wide = [outcome for outcome in outcomes if outcome.only is None]
    rest = 1 - sum(outcome.share for outcome in narrow)
    shares = [outcome.share for outcome in narrow] + [outcome.share * rest for outcome in wide]
    return list(accumulate(shares))[:-1], narrow + wide
