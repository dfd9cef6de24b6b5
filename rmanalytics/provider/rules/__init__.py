"""The rules of `provider lint`, by what they look at; each yields what it finds as `Fault`s."""

from rmanalytics.provider.rules import access, payload, place, sharing
from rmanalytics.provider.rules.fault import Fault, Rule

RULES: tuple[Rule, ...] = (*place.RULES, *access.RULES, *payload.RULES, *sharing.RULES)

__all__ = ["RULES", "Fault", "Rule"]
