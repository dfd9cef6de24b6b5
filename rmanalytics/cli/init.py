"""`rmanalytics init`."""

from __future__ import annotations

import shlex
from pathlib import Path

from rmanalytics.cli.options import HomeOption, JsonOption, emit, escape, settings, stdout


def init(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Write a commented rmanalytics.toml, a .env with a new collector token, and sample files.

    The samples are a batch, DLT templates, and a CleverTap provider file with a batch of its account. All files
    go into the folder that holds the home; existing files are kept.
    """
    from rmanalytics.init import STEPS
    from rmanalytics.init import init as write

    chosen = settings(home)
    done = write(chosen.home)
    folder = chosen.home.absolute().parent
    cd = "" if folder == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    flag = () if chosen.home.name == "data" else ("--home", chosen.home.name)
    steps = [(where, f"{cd}{shlex.join(('rmanalytics', *words, *flag))}") for where, words in STEPS]
    lines = [f"written  {path}" for path in done.written] + [f"kept     {path}" for path in done.kept]
    lines += ["", "next, against the simulator (`rmanalytics doctor --go-live` for a real account):"]
    lines += [f"  {where + ':':16} {command}" for where, command in steps]
    data = {
        "written": [str(path) for path in done.written],
        "kept": [str(path) for path in done.kept],
        "next": [{"where": where, "command": command} for where, command in steps],
    }
    if as_json:
        emit(data, True, "")
    else:
        stdout.print(escape("\n".join(lines)), soft_wrap=True)  # commands are copied whole
