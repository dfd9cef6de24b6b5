"""The go-live checklist: what must be true before a batch goes to other people's phones, in the order to do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import duckdb

from rmanalytics import gateways, warehouse
from rmanalytics.checks import Finding, fault, not_checked, ok, warning
from rmanalytics.config import PREFIX, is_loopback
from rmanalytics.doctor.checks import collector
from rmanalytics.doctor.checks import gateway as connection
from rmanalytics.doctor.checks import settings as settings_checks
from rmanalytics.doctor.model import Scene
from rmanalytics.errors import BadInput, WarehouseLocked
from rmanalytics.models import State
from rmanalytics.sms import msisdn
from rmanalytics.support.times import readable
from rmanalytics.support.wording import count

_LOCK_WAIT_S = 2.0
_TESTS = """SELECT msisdn, state FROM outcomes
WHERE starts_with(campaign_id, 'test-') AND gateway = $1 ORDER BY planned_at"""
_OWN_NUMBER = "rmanalytics send --test +91… --template-id … (your own number)"


def account(scene: Scene) -> Finding:
    """Return whether a real gateway is chosen and has its credentials."""
    if scene.settings.gateway == "simulator":
        return fault("the gateway is the simulator", fix=_real())
    return settings_checks.gateway(scene)


def _real() -> str:
    """Return how a real gateway is chosen."""
    return f"set {PREFIX}GATEWAY to {' or '.join(one.name for one in gateways.profiles())}"


def home(scene: Scene) -> Finding:
    """Return whether the home is free of simulated messages."""

    def judge(database: duckdb.DuckDBPyConnection) -> Finding:
        query = "SELECT count(*) FROM messages WHERE gateway = 'simulator'"
        ((n,),) = database.execute(query).fetchall()
        if n:
            return fault(f"{count(n, 'simulated message')} in it", fix=f"use another: {PREFIX}HOME=real")
        return ok("no simulated messages in it")

    return _ask(scene, judge, empty=ok("nothing in it yet"))


def endpoint(scene: Scene) -> Finding:
    """Return whether the gateway's endpoints accept a connection; nothing is sent."""
    return connection.gateway(replace(scene, is_online=True))


def encryption(scene: Scene) -> Finding:
    """Return whether the password and the texts travel encrypted."""
    urls = connection.endpoints(scene.settings)
    plain = [url for url in urls if not url.startswith("https") and not is_loopback(url)]
    if plain:
        profile = gateways.profile(scene.settings.gateway)
        return warning(
            f"{urlsplit(plain[0]).netloc} is plain http: the password travels unencrypted",
            fix=f"ask {profile.title} for the https URL of your account and set {profile.variable('url')}",
        )
    hosts = ", ".join(urlsplit(url).netloc for url in urls)
    if all(url.startswith("https") for url in urls):
        return ok(hosts)
    return not_checked(f"{hosts}: plain http, which stays on this machine", fix=_real())


def callback(scene: Scene) -> Finding:
    """Return whether the public callback URL leads to the collector."""
    if not scene.callback_url:
        name = gateways.profile(scene.settings.gateway).name
        return fault("its address is not given", fix=f"add --callback https://YOUR-HOST/dlr/{name}/TOKEN")
    return collector.callback(scene)


def registered(scene: Scene) -> Finding:
    """Return whether the gateway calls that URL: whether it ever did."""
    title = gateways.profile(scene.settings.gateway).title
    nothing = warning(
        "no callback has arrived yet",
        fix=f"ask {title} to register the callback URL, then send a message to your own number",
    )

    def judge(database: duckdb.DuckDBPyConnection) -> Finding:
        query = "SELECT count(*) FROM callbacks WHERE gateway = $1"
        ((n,),) = database.execute(query, [scene.settings.gateway]).fetchall()
        return ok(f"{count(n, 'callback')} arrived") if n else nothing

    return _ask(scene, judge, empty=nothing)


def relay(scene: Scene) -> Finding:
    """Return whether CleverTap gets the DLRs, each once."""
    settings = scene.settings
    if not settings.relay_url:
        return warning(
            "off: CleverTap gets no DLR from here, and the gateway knows one callback URL",
            fix=f"set {PREFIX}RELAY_URL to the callback URL that CleverTap shows",
        )
    if not settings.relay_since:
        return warning(
            "on, from the first DLR of this home",
            fix=f"set {PREFIX}RELAY_SINCE to the time from which CleverTap gets none directly: it counts twice",
        )
    return ok(f"on, since {readable(settings.relay_since, settings.zone)}")


def templates(scene: Scene) -> Finding:
    """Return whether the DLT templates are known, so that texts are checked before they are sent."""
    nothing = fault("none imported", fix="rmanalytics import templates FILE (the export of your DLT portal)")

    def judge(database: duckdb.DuckDBPyConnection) -> Finding:
        n = database.table("templates").shape[0]
        return ok(f"{count(n, 'template')} imported") if n else nothing

    return _ask(scene, judge, empty=nothing)


def test_message(scene: Scene) -> Finding:
    """Return whether one test message was delivered to a phone."""
    nothing = fault("none was sent", fix=_OWN_NUMBER)

    def judge(database: duckdb.DuckDBPyConnection) -> Finding:
        rows = database.execute(_TESTS, [scene.settings.gateway]).fetchall()
        arrived = [number for number, state in rows if state == State.DELIVERED]
        if arrived:
            return ok(f"delivered to {msisdn.mask(arrived[-1])}")
        if rows:
            last = rows[-1][1].replace("_", " ")
            return fault(
                f"the last one: {last}", fix=f"rmanalytics validate says why; then again: {_OWN_NUMBER}"
            )
        return nothing

    return _ask(scene, judge, empty=nothing)


def price(scene: Scene) -> Finding:
    """Return whether the plan of a batch can show what it costs."""
    settings = scene.settings
    if settings.send_price_per_segment is None:
        return warning("not set: no plan shows a cost", fix=f"set {PREFIX}SEND_PRICE_PER_SEGMENT")
    return ok(f"{settings.send_price_per_segment:g} {settings.send_currency} for a segment")


def _ask(scene: Scene, judge: Callable[[duckdb.DuckDBPyConnection], Finding], *, empty: Finding) -> Finding:
    """Return what the database says; `empty` where there is none yet."""
    try:
        with warehouse.reading(scene.settings.home, lock_wait_s=_LOCK_WAIT_S) as database:
            return judge(database)
    except warehouse.NoDatabase:
        return empty
    except (WarehouseLocked, BadInput) as error:
        says, _, fix = str(error).rpartition(": ")
        return not_checked(says, fix=fix)
