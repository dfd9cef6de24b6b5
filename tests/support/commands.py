"""The commands that there are."""

from __future__ import annotations

from rmanalytics.cli import app


def commands() -> list[str]:
    """Every command of the command line."""
    named = [
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    ]
    return named + [group.name for group in app.registered_groups if group.name]
