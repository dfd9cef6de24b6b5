"""Settings: complete, consistent, spelled correctly."""

from __future__ import annotations

from rmanalytics import dlt, gateways, status_words
from rmanalytics.checks import Finding, fault, not_checked, ok, warning
from rmanalytics.config import PREFIX, Settings, is_loopback
from rmanalytics.doctor.model import Scene
from rmanalytics.errors import RmaError
from rmanalytics.support import env_file
from rmanalytics.support.wording import count

TOKEN_CHARS = 16
"""A shorter token may be guessed; `init` makes 32."""

_NEW_TOKEN = (
    f"""echo {PREFIX}COLLECT_TOKEN=$(python3 -c 'import secrets; print(secrets.token_urlsafe(24))') >> .env"""
)


def gateway(scene: Scene) -> Finding:
    """Return whether these settings are enough to use the gateway."""
    settings = scene.settings
    if settings.gateway == "simulator":
        return ok("the simulator: nothing is sent to a phone")
    asked = gateways.get(settings.gateway, settings)
    try:
        asked.check()
    except RmaError as error:
        says, _, fix = str(error).rpartition(": ")
        return fault(says, fix=fix)
    if missing := [asked.profile.variable(name) for name, value in asked.defaults.items() if not value]:
        return warning(
            f"not set: {', '.join(missing)}",
            fix="set them, or give header and entity_id in every row of a domestic batch",
        )
    return ok(f"{settings.gateway}, with account, header and entity")


def token(scene: Scene) -> Finding:
    """Return whether the callback URL has a secret part, long enough."""
    secret = scene.settings.collect_token
    if secret is None or not secret.get_secret_value():
        return fault(f"not set: {PREFIX}COLLECT_TOKEN: no callback can be received", fix=_NEW_TOKEN)
    n_chars = len(secret.get_secret_value())
    if n_chars < TOKEN_CHARS:
        return warning(f"{PREFIX}COLLECT_TOKEN is only {count(n_chars, 'character')} long", fix=_NEW_TOKEN)
    return ok(count(n_chars, "character"))


def relay(scene: Scene) -> Finding:
    """Return whether the relayed DLRs come from a real gateway."""
    settings = scene.settings
    urls = [url.get_secret_value() for url in (settings.relay_url, settings.relay_raw_url) if url]
    if not urls:
        return not_checked("no relay URL is set: CleverTap receives no DLRs from here")
    if settings.gateway == "simulator" and not all(is_loopback(url) for url in urls):
        return warning(
            "a relay URL is set, but the gateway is the simulator: simulated DLRs are not relayed",
            fix=f"set {PREFIX}GATEWAY to a real gateway, or remove the relay URL",
        )
    return ok(f"on, {len(urls)} of 2 channels")


def dlt_names(scene: Scene) -> Finding:
    """Return whether policy, namespace and code table exist."""
    settings = scene.settings
    try:
        dlt.Policy.named(settings.dlt_policy)
    except RmaError as error:
        return fault(str(error), fix=f"set {PREFIX}DLT_POLICY to one of them")
    try:
        table = dlt.codes.table()
        table = table.extended(settings.dlt_codes) if settings.dlt_codes else table
        table.meaning("0", settings.dlt_namespace)
    except RmaError as error:
        return fault(str(error), fix=f"fix {PREFIX}DLT_NAMESPACE or {PREFIX}DLT_CODES")
    return ok(f"policy {settings.dlt_policy}, codes of {settings.dlt_namespace}")


def own_words(scene: Scene) -> Finding:
    """Return whether the user's own status words can be read, and how many they are."""
    try:
        n_words = len(status_words.own(scene.settings))
    except RmaError as error:
        return fault(str(error), fix=f"fix the file, or {PREFIX}STATUS_WORDS")
    return ok(f"{n_words:,} of your own" if n_words else "the built-in ones")


def variables(scene: Scene) -> Finding:
    """Return the unknown variables, each with the nearest known name."""
    file = scene.folder / ".env"
    try:
        given = dict.fromkeys(env_file.variables(file), ".env")
    except RmaError as error:
        return fault(str(error), fix=f"make {file} readable for you, and save it as UTF-8")
    given |= dict.fromkeys(scene.environment, "the environment")
    if unknown := env_file.unread(given, PREFIX, Settings.model_fields):
        return warning(
            f"unknown: {'; '.join(unknown)}", fix="fix or remove them; the README lists all settings"
        )
    n_known = sum(name.upper().startswith(PREFIX) for name in given)
    return ok(f"{count(n_known, 'variable')} set, all known")
