"""What can be asked of the simulator, as data: magic numbers, faults, profiles."""

from __future__ import annotations

from typing import Any

from rmanalytics.simulator import faults, magic, profile


def explain() -> dict[str, Any]:
    """Return the tables that `simulate --explain` prints.

    >>> explain()["magic"]["002"]
    'UNDELIV 205 after 5 s'
    """
    return {
        "magic_prefix": magic.PREFIX,
        "magic": {digits: row.what for digits, row in magic.TABLE.items()},
        "faults": {fault.value: meaning for fault, meaning in faults.MEANING.items()},
        "profiles": {
            name: [row.model_dump(mode="json", exclude_none=True) for row in profile.load(name).outcomes]
            for name in profile.presets()
        },
    }


def as_text(tables: dict[str, Any]) -> str:
    """Return the tables for people, one row a line."""
    blocks = (
        f"Magic numbers: the last three digits of an msisdn {tables['magic_prefix']}xxx choose its outcome,",
        "before --profile, --templates and --fault unknown_word; other faults befall it too",
        *(f"  {digits}  {what}" for digits, what in tables["magic"].items() if digits not in magic.DLT_CODES),
        f"  A DLT code is rejected with that code after 1 s: {' '.join(magic.DLT_CODES)}",
        "Faults: --fault NAME=SHARE",
        *(f"  {name:<13} {meaning}" for name, meaning in tables["faults"].items()),
        "Profiles: --profile NAME, or a TOML file written like these",
        *(line for name, rows in tables["profiles"].items() for line in _profile(name, rows)),
    )
    return "\n".join(blocks)


def _profile(name: str, rows: list[dict[str, Any]]) -> list[str]:
    cells = ((row["ending"], row["code"], row["share"], row.get("only", "")) for row in rows)
    return [
        f"  {name}",
        *(f"    {end:<9} {code:<5} {share:6.1%} {only}".rstrip() for end, code, share, only in cells),
    ]
