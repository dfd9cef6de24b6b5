"""Every error of rmanalytics, and the exit code each one ends in.

RmaError                    1
├── ConfigError             2   a setting is missing, wrong or contradicts another
├── BadInput                2   a file or an option of the user is wrong: file, line, field, fix
├── JournalError            2   a segment cannot be written or read
├── WarehouseLocked         2   another process holds the database file
├── PortTaken               2   the address is in use
├── SendLocked              2   another send is running in this home
├── RelayFault              2   the relay's ledger is in use, or cannot be read or written
└── GatewayError            4
    ├── GatewayUnavailable  4   never left us: may be tried again
    └── GatewayUnclear      4   may have been sent: never sent again by itself
"""

from __future__ import annotations


class RmaError(Exception):
    """Base of all our errors: its text is one line that names the fix."""

    exit_code = 1


class ConfigError(RmaError):
    """Settings are missing, wrong or contradictory; the text lists all of them."""

    exit_code = 2


class BadInput(RmaError):
    """A file or an option of the user is wrong; the text names file, line, field and fix."""

    exit_code = 2


class JournalError(RmaError):
    """A journal segment could not be written or read; nothing that was answered is lost."""

    exit_code = 2


class WarehouseLocked(RmaError):
    """Another process holds the DuckDB file; the text names it."""

    exit_code = 2


class PortTaken(RmaError):
    """The address to listen on is in use."""

    exit_code = 2


class SendLocked(RmaError):
    """Another send is running in this home; two would not see each other's attempts."""

    exit_code = 2


class RelayFault(RmaError):
    """The relay's ledger is held by another relay, or cannot be read or written; nothing is sent meanwhile."""

    exit_code = 2


class GatewayError(RmaError):
    """A message could not be handed over."""

    exit_code = 4


class GatewayUnavailable(GatewayError):
    """The request never left us (no connection): it may be tried again."""


class GatewayUnclear(GatewayError):
    """The request may have been sent (read timeout, 5xx): never sent again by itself."""
