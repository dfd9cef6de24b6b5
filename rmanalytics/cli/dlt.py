"""`rmanalytics dlt`: match messages against DLT templates, find templates, read codes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from rmanalytics.cli.options import (
    MOST,
    JsonOption,
    MapOption,
    SetOption,
    SheetOption,
    SkipRowsOption,
    emit,
    reading,
    settings,
    stderr,
    stdout,
)
from rmanalytics.errors import BadInput

if TYPE_CHECKING:
    from rmanalytics.dlt import Policy, Registry
    from rmanalytics.support.tables import ReadOptions

app = typer.Typer(
    help="Find messages that do not match their DLT template: where, why, and how to fix them.",
    no_args_is_help=True,
)

TemplatesOption = Annotated[
    Path,
    typer.Option(
        "--templates", help="Registered templates: CSV, XLSX, JSONL or Parquet with template_id and content."
    ),
]
PolicyOption = Annotated[
    str | None,
    typer.Option(
        "--policy",
        help="How the operator reads a template; `rmanalytics dlt policies` lists them with their sources "
        "[env RMANALYTICS_DLT_POLICY; default strict].",
    ),
]
MessagesMapOption = Annotated[
    list[str] | None,
    typer.Option("--messages-map", metavar="OURS=THEIRS", help="Like --map, for the message file."),
]
MessagesSetOption = Annotated[
    list[str] | None,
    typer.Option("--messages-set", metavar="COLUMN=VALUE", help="Like --set, for the message file."),
]
MessagesSheetOption = Annotated[
    str | None, typer.Option("--messages-sheet", metavar="NAME", help="Like --sheet, for the message file.")
]
MessagesSkipRowsOption = Annotated[
    int,
    typer.Option(
        "--messages-skip-rows", min=0, max=MOST, metavar="N", help="Like --skip-rows, for the message file."
    ),
]
LISTED, MOST_REJECTS = 20, 10_000
"""Rows that cannot be read: how many are listed on stderr, and how many as JSON."""

MANY = 200_000
"""From this many messages on, a second process is faster."""


@app.command()
def check(
    templates: TemplatesOption,
    messages: Annotated[
        Path,
        typer.Option("--messages", help="Messages: CSV, XLSX, JSONL or Parquet with template_id and body."),
    ],
    policy: PolicyOption = None,
    columns: MapOption = None,
    values: SetOption = None,
    sheet: SheetOption = None,
    skip_rows: SkipRowsOption = 0,
    messages_map: MessagesMapOption = None,
    messages_set: MessagesSetOption = None,
    messages_sheet: MessagesSheetOption = None,
    messages_skip_rows: MessagesSkipRowsOption = 0,
    show: Annotated[
        int, typer.Option("--show", min=0, max=MOST, help="How many mismatches to show in full.")
    ] = 20,
    as_json: JsonOption = False,
) -> None:
    """Check each message against its template; exit 1 if any does not match, or a row cannot be read.

    `--map`, `--set`, `--sheet` and `--skip-rows` apply to the template file, the `--messages-…` options to the
    message file.

    Characters (code points) of the message are counted from 1, by `position` in JSON from 0. International messages
    (by `route`, else by `msisdn`) are not checked, but counted.
    """
    from rmanalytics import dlt
    from rmanalytics.dlt import checks_json
    from rmanalytics.dlt import summary as report

    chosen = _policy(policy)
    registry, n_left_out = _registry(templates, reading(sheet, skip_rows, columns, values))
    given = reading(messages_sheet, messages_skip_rows, messages_map, messages_set, "--messages-")
    read = dlt.read_message_file(messages, reading=given)
    _list_rejects(messages, read.rejects, read.rows.num_rows)
    sent = report.domestic(read)
    checks = dlt.check(sent.rows, registry, chosen, workers=2 if sent.rows.num_rows >= MANY else 1)
    taken = report.summary(checks, chosen) | {
        "n_international": read.rows.num_rows - sent.rows.num_rows,
        "n_rejected": len(read.rejects),
        "rejects": [{"line": line, "reason": reason} for line, reason in read.rejects[:MOST_REJECTS]],
        "n_templates_rejected": n_left_out,
    }
    shown = report.details(checks, sent, registry, chosen, show)
    if as_json:
        sys.stdout.writelines(checks_json.pieces(taken, checks, shown))
    else:
        stdout.print(_screen(taken, shown), soft_wrap=True)
    raise typer.Exit(1 if taken["n_mismatched"] or read.rejects or n_left_out else 0)


@app.command()
def find(
    text: Annotated[str, typer.Argument(help="Message text.")],
    templates: TemplatesOption,
    policy: PolicyOption = None,
    columns: MapOption = None,
    values: SetOption = None,
    sheet: SheetOption = None,
    skip_rows: SkipRowsOption = 0,
    n: Annotated[
        int, typer.Option("--nearest", min=1, max=MOST, help="How many templates to show when none matches.")
    ] = 3,
    as_json: JsonOption = False,
) -> None:
    """Find the templates that a text matches, or else the nearest ones; exit 1 if none matches."""
    from rmanalytics import dlt
    from rmanalytics.dlt import summary as report

    chosen = _policy(policy)
    registry, _ = _registry(templates, reading(sheet, skip_rows, columns, values))
    found = dlt.Index(registry.templates.values(), chosen).find(text, n)
    data = {
        "policy": chosen.name,
        "fits": [
            {"template_id": template.template_id, "content": template.content} for template in found.fits
        ],
        "nearest": [
            {
                "template_id": near.template.template_id,
                "content": near.template.content,
                **report.explained(near),
            }
            for near in found.nearest
        ],
    }
    _emit(data, as_json, _found(data))
    raise typer.Exit(0 if found.fits else 1)


@app.command()
def codes(
    code: Annotated[str | None, typer.Argument(help="Error code. Default: all codes.")] = None,
    namespace: Annotated[
        str | None,
        typer.Option("--namespace", help="Code namespace: platform6xx, airtel8xx, … Default: all."),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            "--table",
            help="CSV of your own codes, which override the built-in ones: namespace,code,meaning[,category …] "
            "[env RMANALYTICS_DLT_CODES].",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look up an operator's error code. The same number can mean different things in different namespaces."""
    from rmanalytics import dlt

    own = dlt.reading(settings()).codes
    known = own.extended(table) if table else own
    if namespace and namespace not in known.namespaces:
        raise BadInput(f"unknown code namespace {namespace!r}: use one of {', '.join(known.namespaces)}")
    rows = [row for row in known if namespace in (None, row.namespace) and code in (None, row.code)]
    if not rows:
        raise BadInput(f"unknown code {code!r} in {namespace or 'any namespace'}: add it with --table")
    lines = (
        f"{row.namespace} {row.code}  {row.symbol or row.category}  {row.meaning} ({row.category})"
        for row in rows
    )
    _emit([row._asdict() for row in rows], as_json, Text("\n".join(lines)))


@app.command()
def policies(as_json: JsonOption = False) -> None:
    """List the policies for --policy: what each one says about a template, and according to whom."""
    from rmanalytics import dlt

    chosen = dlt.reading(settings()).policy.name
    width = max(map(len, dlt.PRESETS))
    screen = Text()
    for policy in dlt.PRESETS.values():
        screen.append(f"{policy.name:<{width}}  ", "bold" if policy.name == chosen else "")
        screen.append(f"{policy.source}{' (in use)' if policy.name == chosen else ''}\n")
    screen.rstrip()
    rows = [{**_plain(asdict(policy)), "in_use": policy.name == chosen} for policy in dlt.PRESETS.values()]
    _emit(rows, as_json, screen)


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with choices by their names."""
    return {name: value.name.lower() if isinstance(value, Enum) else value for name, value in fields.items()}


def _emit(data: Any, as_json: bool, text: Text) -> None:
    """Print data or text; lines of text are not wrapped, so that the two lines of a diff stay aligned."""
    if as_json:
        emit(data, as_json, text)
    else:
        stdout.print(text, soft_wrap=True)


def _policy(name: str | None) -> Policy:
    """Return the policy of that name, or the one of the settings if there is no name."""
    from rmanalytics import dlt

    return dlt.Policy.named(name) if name else dlt.reading(settings()).policy


def _registry(path: Path, how: ReadOptions) -> tuple[Registry, int]:
    """Return the registry of a file and how many rows are no templates; warn on stderr about faulty ones."""
    from rmanalytics import dlt
    from rmanalytics.dlt.template import WARNED_OF

    rejects: list[tuple[int, str]] = []
    registry = dlt.read_templates(path, reading=how, left_out=lambda *one: rejects.append(one))
    _list_rejects(path, rejects, len(registry.templates))
    for template in registry.duplicates:
        _warn(
            f"{path}: line {template.line}: template_id {template.template_id} is repeated: the first one is used"
        )
    for template in registry.templates.values():
        for fault in template.faults:
            if fault.kind in WARNED_OF:
                _warn(f"{path}: line {template.line}: {fault.describe()}")
    return registry, len(rejects)


def _list_rejects(path: Path, rejects: list[tuple[int, str]], n_good: int) -> None:
    """Print the first rows that cannot be read on stderr; raise BadInput where there is no other."""
    if not (rejects or n_good):
        raise BadInput(f"{path}: has no rows below the column names")
    if not n_good:
        line, reason = rejects[0]
        raise BadInput(f"{path}: line {line}: {reason} (none of {_rows(len(rejects))} can be read)")
    for line, reason in rejects[:LISTED]:
        stderr.print(Text(f"{path}: line {line}: {reason}"), soft_wrap=True)
    if rejects:
        more = f" ({len(rejects) - LISTED:,} more than shown)" if len(rejects) > LISTED else ""
        stderr.print(Text(f"{path}: {_rows(len(rejects), 'bad ')} left out{more}"), soft_wrap=True)


def _rows(n: int, what: str = "") -> str:
    from rmanalytics.support.wording import count

    return count(n, f"{what}row")


def _warn(text: str) -> None:
    stderr.print(Text(f"warning {text}", style="yellow"), soft_wrap=True)


def _screen(taken: Mapping[str, Any], shown: Iterable[Mapping[str, Any]]) -> Text:
    from rmanalytics.support.wording import character

    screen = Text()
    screen.append(
        f"{taken['n_ok']} of {taken['n_messages']} messages match under {taken['policy']}; "
        f"{taken['n_mismatched']} do not\n"
    )
    if n := taken["n_international"]:
        screen.append(f"{_rows(n)} not checked: international by route or number, where DLT does not apply\n")
    if n := taken["n_rejected"]:
        screen.append(f"{_rows(n)} not checked: cannot be read, see above\n")
    for reason, n in taken["reasons"].items():
        screen.append(f"{n:>9}  {reason}\n")
    for mismatch in shown:
        name = mismatch["message_id"] or f"line {mismatch['line']}"
        screen.append(f"\n{name}  template {mismatch['template_id'] or '-'}  ", "bold")
        place = "" if mismatch["position"] is None else f" at {character(mismatch['position'])}"
        screen.append(f"{mismatch['reason']}{place}: {mismatch['fix']}\n")
        _append_details(screen, mismatch)
    return screen


def _append_details(screen: Text, about: Mapping[str, Any]) -> None:
    for label, line, style in zip(
        ("template", "message "), about.get("diff", ()), ("green", "red"), strict=False
    ):
        screen.append(f"  {label}  ")
        screen.append(_coloured(line, style))
        screen.append("\n")
    if about.get("passes_under"):
        screen.append(f"  matches under {', '.join(about['passes_under'])}\n")


def _coloured(line: str, style: str) -> Text:
    text = Text(line)
    text.highlight_regex(r"⟦[^⟧]*⟧", f"bold {style}")
    return text


def _found(data: Mapping[str, Any]) -> Text:
    screen = Text()
    for template in data["fits"]:
        screen.append(f"fits {template['template_id']}  ", "bold green")
        screen.append(f"{template['content']}\n")
    if not data["fits"]:
        screen.append(f"no template matches under {data['policy']}; the nearest:\n")
    for near in data["nearest"]:
        screen.append(f"\n{near['template_id']}  ", "bold")
        screen.append("; ".join(f"{fault['reason']}: {fault['fix']}" for fault in near["faults"][:3]) + "\n")
        _append_details(screen, near)
    return screen
