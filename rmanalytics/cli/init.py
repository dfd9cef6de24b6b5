"""`rmanalytics init`."""

from __future__ import annotations

from rmanalytics.cli.options import HomeOption, JsonOption, emit, escape, settings


def init(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Write a commented rmanalytics.toml, a .env with a new collector token, and sample files.

    The samples are a batch, DLT templates, and a CleverTap provider file with a batch of its account. All files
    go into the folder that holds the home; existing files are kept.
    """
    from rmanalytics.init import init as write

    done = write(settings(home).home)
    lines = [f"written  {path}" for path in done.written] + [f"kept     {path}" for path in done.kept]
    steps = ("collect", "simulate", "send batch.csv", "ingest", "status")
    lines += [f"next     rmanalytics {step}" for step in steps]
    data = {"written": [str(path) for path in done.written], "kept": [str(path) for path in done.kept]}
    emit(data, as_json, escape("\n".join(lines)))
