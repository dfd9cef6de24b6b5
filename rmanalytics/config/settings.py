"""All settings as one typed object, each with its default, its description and where it is read from."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from rmanalytics.config.folders import usable_home
from rmanalytics.config.gateways import (
    GatewayName,
    GupshupSettings,
    RouteMobileSettings,
    existing_zone,
    whole_endpoint,
)
from rmanalytics.config.lake import host_folder, lake_without_secret
from rmanalytics.config.toml_file import FlatToml
from rmanalytics.config.values import Plain
from rmanalytics.support import env_file, patterns
from rmanalytics.support.folders import expanded
from rmanalytics.support.urls import is_loopback

PREFIX = env_file.OURS
META_PATTERN = r"\S+[.\x7c][0-9]+[.\x7c][0-9]{9,11}[.\x7c][0-9]{8}[.\x7c].+"
"""Recipient, campaign, epoch, date, and whatever follows (reference: the samples of `meta`)."""

META_FIELDS = ("client_message_id", "udf1", "udf2", "tag", "gateway_message_id", "header")
_FIRST_YEAR = 2000
"""Earlier is what a small number is when it is read as seconds since 1970."""


class Settings(GupshupSettings, RouteMobileSettings, Plain, BaseSettings):
    """All settings. In TOML the part before the first word is a table: `[route_mobile] url = …`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, validate_default=True, allow_inf_nan=False
    )

    home: Path = Field(Path("data"), description="Folder of the journal, the database and the reports.")
    gateway: GatewayName = Field("simulator", description="Gateway that messages are sent to.")
    display_zone: str = Field("Asia/Kolkata", description="Time zone of displayed times.")
    horizon_h: float = Field(72, gt=0, description="Hours after which a missing DLR is called overdue.")
    match_window_h: float = Field(
        24, gt=0, description="Hours around a submission in which number and header may match a DLR."
    )
    match_days: int = Field(
        14, ge=1, description="Days in which a DLR's message is looked for at once, once a day in all."
    )
    validate_max_age_h: float = Field(
        24, gt=0, description="Hours after which a batch is too old for a verdict, unless `--batch` names it."
    )

    journal_segment_bytes: int = Field(
        256 << 20, ge=1, description="Bytes after which a new journal segment is started."
    )
    journal_segment_s: float = Field(
        3600, gt=0, description="Seconds after which a new journal segment is started."
    )
    journal_compress_after_s: float = Field(
        3600, ge=0, description="Seconds after its last line before `ingest` compresses a closed segment."
    )

    send_timeout_s: float = Field(15, gt=0, description="Seconds to wait for a submit response.")
    send_concurrency: int = Field(64, ge=1, le=1000, description="Requests in flight at once.")
    send_request_size: int = Field(
        100, ge=1, le=1000, description="Messages per request, where the format allows several."
    )
    send_retries: int = Field(3, ge=0, description="Retries after code 1709 or a failed connection.")
    send_retry_s: float = Field(1, ge=0, description="Seconds before the first retry; doubles each time.")
    send_price_per_segment: float | None = Field(
        None, ge=0, description="Price of one segment, for the plan."
    )
    send_currency: str = Field("INR", description="Currency of the price.")

    dlt_policy: str = Field(
        "strict", description="Policy by which templates are read; `rmanalytics dlt policies` lists them."
    )
    dlt_registry: Literal["planned", "latest"] = Field(
        "planned",
        description="Templates that `ingest` checks against: those imported when a message was planned, or the latest.",
    )
    dlt_namespace: str = Field(
        "platform6xx", description="Namespace of the error codes in DLRs; `rmanalytics dlt codes` lists them."
    )
    dlt_codes: Path | None = Field(
        None, description="CSV of your own error codes, which override the built-in ones."
    )

    status_words: Path | None = Field(
        None, description="CSV of DLR status words (word, status) that override the built-in ones."
    )

    collect_host: str = Field("127.0.0.1", description="Address the collector listens on.")
    collect_port: int = Field(
        8320, ge=0, le=65535, description="Port the collector listens on; 0 for a free one."
    )
    collect_token: SecretStr | None = Field(None, description="Secret part of the callback path.")
    collect_token_previous: SecretStr | None = Field(
        None, description="Old token, still accepted while it is being replaced."
    )
    collect_allow: str | None = Field(
        None, description="Comma-separated networks (CIDR) that callbacks may come from. Default: any."
    )
    collect_trusted_proxies: str | None = Field(
        None, description="Networks of reverse proxies whose X-Forwarded-For is trusted. Default: none."
    )
    collect_tls_cert: Path | None = Field(
        None, description="PEM certificate chain; with the key, the collector serves https."
    )
    collect_tls_key: Path | None = Field(None, description="PEM key of the certificate.")
    collect_client_timeout_s: float = Field(
        15, ge=1, description="Seconds a client may take for its headers, and again for its body, before 408."
    )
    collect_workers: int = Field(1, ge=1, le=64, description="Collector processes sharing the port.")
    collect_log_requests: bool = Field(
        False, description="Log each request on stderr, without token, query or body, numbers masked."
    )
    collect_max_body_bytes: int = Field(
        1 << 20, ge=1024, description="Largest callback body in bytes; larger ones get 413."
    )
    collect_max_waiting: int = Field(
        10_000, ge=1, description="Most callbacks that may wait for the disk; more get 503."
    )

    relay_url: SecretStr | None = Field(
        None, description="CleverTap's callback URL, account included; DLRs are relayed to it. Default: off."
    )
    relay_raw_url: SecretStr | None = Field(
        None, description="URL that gets each callback as it was received. Default: off."
    )
    relay_retry_s: float = Field(
        600,
        gt=0,
        description="Seconds before a failed relay request is retried; doubles each time, up to 6 hours.",
    )
    relay_timeout_s: float = Field(
        30, gt=0, description="Seconds to wait for an answer to a relayed request."
    )
    relay_interval_s: float = Field(2, gt=0, description="Seconds between the relay's checks of the journal.")
    relay_batch: int = Field(100, ge=1, le=1000, description="Most events in one relayed request.")
    relay_since: datetime | None = Field(
        None, description="Callbacks received before this time are not relayed. Default: all in the journal."
    )
    relay_codes: Path | None = Field(
        None, description="CSV of CleverTap codes that override the built-in ones."
    )
    relay_meta_fields: str = Field(
        "client_message_id,udf1,udf2,tag,gateway_message_id",
        description="DLR fields that may hold CleverTap's $$MessageID, in order of preference.",
    )
    relay_meta_pattern: str = Field(
        META_PATTERN, description="Regular expression that a $$MessageID matches."
    )

    lake: str | None = Field(
        None,
        description="Folder or URL (s3://bucket/lake) that `collect` ships sealed segments to. Default: off.",
    )
    lake_host: str | None = Field(
        None, description="Name of this host in the lake, its own per home. Default: the machine's name."
    )

    simulate_host: str = Field("127.0.0.1", description="Address the simulator listens on.")
    simulate_port: int = Field(
        8321, ge=0, le=65535, description="Port the simulator listens on; 0 for a free one."
    )

    @model_validator(mode="before")
    @classmethod
    def _without_line_ends(cls, values: Any) -> Any:
        return _without_empty(env_file.trimmed(values))

    @field_validator("home")
    @classmethod
    def _holds_a_database(cls, home: Path) -> Path:
        return usable_home(home)

    @field_validator("display_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        return existing_zone(name)

    @field_validator("relay_url", "relay_raw_url")
    @classmethod
    def _encrypted(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and whole_endpoint(plain := url.get_secret_value()) and not _may_relay_to(plain):
            raise ValueError("must be a complete https URL (http only for this machine)")
        return url

    @field_validator("lake")
    @classmethod
    def _holds_no_secret(cls, url: str | None) -> str | None:
        return lake_without_secret(url) if url else None

    @field_validator("lake_host")
    @classmethod
    def _names_a_folder(cls, name: str | None) -> str | None:
        return host_folder(name) if name else None

    @field_validator("relay_since")
    @classmethod
    def _has_a_zone(cls, time: datetime | None) -> datetime | None:
        if time is not None and time.tzinfo is None:
            raise ValueError("needs a time zone, as in 2025-01-15T00:00:00+05:30")
        if time is not None and time.year < _FIRST_YEAR:
            raise ValueError("has to be a time such as 2025-01-15T00:00:00+05:30")
        return time

    @field_validator("relay_meta_fields")
    @classmethod
    def _known_fields(cls, names: str) -> str:
        if not set(names.split(",")) <= set(META_FIELDS):
            raise ValueError(f"must be comma-separated names out of {', '.join(META_FIELDS)}")
        return names

    @field_validator("relay_meta_pattern")
    @classmethod
    def _is_pattern(cls, pattern: str) -> str:
        if why := patterns.why_not(pattern):
            raise ValueError(why)
        return pattern

    @model_validator(mode="after")
    def _simulator_stays_here(self) -> Settings:
        urls = (self.route_mobile_url, self.route_mobile_international_url)
        if self.gateway == "simulator" and any(url and not is_loopback(url) for url in urls):
            raise ValueError(
                "gateway is simulator, but the route_mobile url is not on this machine: "
                "set RMANALYTICS_GATEWAY=route_mobile to send for real, or remove the url"
            )
        return self

    @property
    def journal_dir(self) -> Path:
        """Folder of the journal segments."""
        return self.home / "journal"

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.home / "rmanalytics.duckdb"

    @property
    def reports_dir(self) -> Path:
        """Folder of rendered reports."""
        return self.home / "reports"

    @property
    def horizon_s(self) -> float:
        """Seconds after which a missing DLR is called overdue."""
        return self.horizon_h * 3600

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which people read times."""
        return ZoneInfo(self.display_zone)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources; files are looked up next to the home."""
        folder = home_of(init_settings().get("home")).parent
        return (
            init_settings,
            env_settings,
            env_file.DotEnv(settings_cls, env_file=folder / ".env", env_prefix=PREFIX),
            FlatToml(settings_cls, toml_file=folder / "rmanalytics.toml"),
        )


def home_of(given: Path | str | None) -> Path:
    """Return the home that a flag or the environment names, in full: files of settings are beside it."""
    home = given or os.environ.get(f"{PREFIX}HOME") or "data"
    return Path(expanded(home) if isinstance(home, str) else home).absolute()


def _without_empty(values: Any) -> Any:
    """Return the values without empty texts of settings that may be unset: `NAME=` is how a file turns one off."""
    if not isinstance(values, dict):
        return values
    fields = Settings.model_fields
    return {k: v for k, v in values.items() if v != "" or (k in fields and fields[k].default is not None)}


def _may_relay_to(url: str) -> bool:
    return urlsplit(url).scheme == "https" or is_loopback(url)
