"""The settings of each gateway, one class each; `Settings` includes them all."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, SecretStr, field_validator

from rmanalytics.support.urls import flaw

DOMESTIC_URL = "http://sms6.rmlconnect.net:8080/bulksms/personalizedbulksms"
INTERNATIONAL_URL = "https://api.rmlconnect.net/bulksms/bulksms"

GatewayName = Literal["simulator", "route_mobile", "gupshup"]
"""The names in the registry of gateways (a test compares)."""

Format = Literal["bulksms", "personalizedbulksms", "sbulksms", "jsonbulksms", "clevertap"]


class RouteMobileSettings(BaseModel):
    """Settings of Route Mobile, also used for the simulator."""

    route_mobile_url: str | None = Field(
        None,
        description=f"Complete endpoint URL, path included. Default: {DOMESTIC_URL} for domestic messages.",
    )
    route_mobile_international_url: str | None = Field(
        None, description=f"Endpoint of international messages. Default: `url`, else {INTERNATIONAL_URL}."
    )
    route_mobile_format: Format | None = Field(
        None, description="Request format. Default: read from the endpoint's path, else bulksms."
    )
    route_mobile_method: Literal["GET", "POST"] = Field(
        "POST", description="GET puts the password into the URL; POST sends a form."
    )
    route_mobile_username: str | None = Field(None, description="Account name.")
    route_mobile_password: SecretStr | None = Field(None, description="Account password.")
    route_mobile_header: str | None = Field(
        None, description="Header (sender id) of messages whose batch does not name one."
    )
    route_mobile_entity_id: str | None = Field(
        None, description="DLT principal entity id of messages whose batch does not name one."
    )
    route_mobile_timezone: str = Field("Asia/Kolkata", description="Time zone of dtSubmit and dtDone.")
    route_mobile_delimiter: str | None = Field(
        None, description="Delimiter of sbulksms messages. Default: none, one request per recipient."
    )

    @field_validator("route_mobile_url", "route_mobile_international_url")
    @classmethod
    def _is_whole(cls, url: str | None) -> str | None:
        return whole_endpoint(url)

    @field_validator("route_mobile_timezone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        return existing_zone(name)


class GupshupSettings(BaseModel):
    """Settings of Gupshup Enterprise SMS."""

    gupshup_url: str | None = Field(
        None, description="Endpoint. Default: https://enterprise.smsgupshup.com/GatewayAPI/rest."
    )
    gupshup_userid: str | None = Field(None, description="Account number.")
    gupshup_password: SecretStr | None = Field(None, description="Account password.")
    gupshup_header: str | None = Field(
        None, description="Mask (sender id) of messages whose batch does not name one."
    )
    gupshup_entity_id: str | None = Field(
        None, description="DLT entity id of messages whose batch does not name one."
    )
    gupshup_timezone: str = Field(
        "Asia/Kolkata", description="Time zone of Gupshup's exports; its DLRs carry epoch milliseconds."
    )

    @field_validator("gupshup_url")
    @classmethod
    def _is_gupshup_url(cls, url: str | None) -> str | None:
        return whole_endpoint(url)

    @field_validator("gupshup_timezone")
    @classmethod
    def _is_gupshup_zone(cls, name: str) -> str:
        return existing_zone(name)


def whole_endpoint(url: str | None) -> str | None:
    """Return the URL; raise ValueError where no request can go to it."""
    if url is not None and (why := flaw(url)):
        raise ValueError(why)
    return url


def existing_zone(name: str) -> str:
    """Return the name; raise ValueError if it is not a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone: use a name such as Asia/Kolkata or UTC") from None
    return name
