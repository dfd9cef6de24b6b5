"""Doctor: is this installation able to do its job? Each check says what it found and, where need be, the mend.

Nothing is sent, nothing is changed. Hosts elsewhere are contacted only where the user said so.
"""

from __future__ import annotations

from collections.abc import Iterable

from rmanalytics.doctor.model import Check, Checked, Diagnosis, Finding, Mark, Scene
from rmanalytics.doctor.registry import CHECKS

__all__ = ["CHECKS", "Check", "Checked", "Diagnosis", "Finding", "Mark", "Scene", "examine"]


def examine(scene: Scene, checks: Iterable[Check] = CHECKS) -> Diagnosis:
    """Return what every check found, in order."""
    return Diagnosis(checks=tuple(Checked(check=check, finding=check.look(scene)) for check in checks))
