"""`rmanalytics collect`."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from rmanalytics.cli.options import MOST_PORT, HomeOption, escape, settings, stderr

if TYPE_CHECKING:
    from rmanalytics.collect import Listening
    from rmanalytics.config import Settings

LAKE_PATIENCE_S = 15.0
"""How long the last segments may take when the collector stops; what is left goes with the next start."""


def collect(
    host: Annotated[
        str | None,
        typer.Option(
            "--host", help="Address to listen on [env RMANALYTICS_COLLECT_HOST; default 127.0.0.1]."
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=MOST_PORT,
            help="Port to listen on, 0 for a free one [env RMANALYTICS_COLLECT_PORT; default 8320].",
        ),
    ] = None,
    log_requests: Annotated[
        bool,
        typer.Option(
            "--log-requests", help="Log each request on stderr, with numbers masked and without the token."
        ),
    ] = False,
    home: HomeOption = None,
) -> None:
    """Receive the gateway's DLR callbacks until Ctrl-C; each one is on disk before it is answered.

    The gateway's callback URL is http://HOST:PORT/dlr/GATEWAY/TOKEN, with the token of
    RMANALYTICS_COLLECT_TOKEN. GET and POST both work. /healthz and /metrics report its state. With RMANALYTICS_LAKE
    its sealed journal segments are shipped there, in a process of its own.

    A URL that holds a blank as it is, not as %20 or +, is no HTTP: it is answered 400 and cannot be kept. Have the
    gateway encode its values, or use POST.
    """
    from rmanalytics import gateways
    from rmanalytics.collect import collect as run
    from rmanalytics.relay.metrics import Figures
    from rmanalytics.relay.supervisor import supervised

    chosen = settings(
        home=home, collect_host=host, collect_port=port, collect_log_requests=log_requests or None
    )

    def ready(listening: Listening) -> None:
        first = gateways.profile(chosen.gateway).name
        others = ", ".join(f"/dlr/{name}/****" for name in gateways.READERS if name != first)
        stderr.print(escape(f"listening on {listening.url}/dlr/{first}/**** (and {others})"), soft_wrap=True)
        stderr.print(escape(f"journal in {chosen.journal_dir}; Ctrl-C stops"), soft_wrap=True)

    with supervised(chosen), _shipping(chosen):
        run(chosen, ready=ready, figures=[Figures(chosen)])
    stderr.print("stopped: every answered callback is on disk")


def _shipping(chosen: Settings) -> AbstractContextManager[None]:
    """Ship to the lake meanwhile, where one is set; at the end what was sealed last."""
    from rmanalytics.support.children import running

    if not chosen.lake:
        return nullcontext()
    words = ("lake", "ship", "--follow", "--while-stdin", "--home", str(chosen.home))
    return running(words, patience_s=LAKE_PATIENCE_S)
