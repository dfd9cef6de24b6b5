"""Every error of rmanalytics, and the exit code each one ends in.

RmaError                    1
├── ConfigError             2   a setting is missing, wrong or contradicts another one
├── BadInput                2   an input file or an option is wrong: file, line, field, fix
├── JournalError            2   a segment cannot be written or read
├── WarehouseLocked         2   another process has the database file open
├── PortTaken               2   the address is in use
├── SendLocked              2   another send is running in this home
├── RelayFault              2   the relay's ledger is in use, or cannot be read or written
├── LakeFault               2   the lake refuses, is damaged, of a newer version or another home's
│   └── LakeUnavailable     4   the lake does not answer: the same later may work
└── GatewayError            4
    ├── GatewayUnavailable  4   never left us: may be retried
    └── GatewayUnclear      4   may have been sent: never resent automatically
"""

from __future__ import annotations


class RmaError(Exception):
    """Base of all our errors; the text is one line that names the fix."""

    exit_code = 1


class ConfigError(RmaError):
    """Settings are missing, wrong or contradictory; the text lists all of them."""

    exit_code = 2


class BadInput(RmaError):
    """An input file or an option is wrong; the text names file, line, field and fix."""

    exit_code = 2


class JournalError(RmaError):
    """A journal segment could not be written or read; no answered callback is lost."""

    exit_code = 2


class WarehouseLocked(RmaError):
    """Another process has the DuckDB file open; the text names it."""

    exit_code = 2


class PortTaken(RmaError):
    """The address to listen on is in use."""

    exit_code = 2


class SendLocked(RmaError):
    """Another send is running in this home; two would not see each other's attempts."""

    exit_code = 2


class RelayFault(RmaError):
    """The relay's ledger is held by another relay, or cannot be read or written; nothing is sent."""

    exit_code = 2


class LakeFault(RmaError):
    """The lake refuses what was asked of it, or what is in it cannot be used; nothing local is lost."""

    exit_code = 2


class LakeUnavailable(LakeFault):
    """The lake does not answer; everything stays where it is and can be tried again."""

    exit_code = 4


class GatewayError(RmaError):
    """A message could not be handed over."""

    exit_code = 4


class GatewayUnavailable(GatewayError):
    """The request never left us (no connection): it may be retried."""


class GatewayUnclear(GatewayError):
    """The request may have been sent (read timeout, 5xx): never resent automatically."""
