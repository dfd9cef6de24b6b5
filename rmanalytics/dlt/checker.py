"""Verdicts over a batch of messages: rows of the relation `template_checks`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rmanalytics.dlt.engine.explain import mismatch
from rmanalytics.dlt.engine.matcher import Matcher, matcher
from rmanalytics.dlt.engine.mistakes import Mistake
from rmanalytics.dlt.find import Index
from rmanalytics.dlt.policy import Policy
from rmanalytics.dlt.reasons import Reason
from rmanalytics.dlt.registry import (
    INDIA,
    Registry,
    hours_fault,
    identity_fault,
    link_faults,
    registry_faults,
)
from rmanalytics.dlt.template import Category, Template

SCHEMA = pa.schema(
    [
        ("message_id", pa.string()),
        ("template_id", pa.string()),
        ("ok", pa.bool_()),
        ("reason", pa.string()),
        ("position", pa.int32()),
        ("expected", pa.string()),
        ("actual", pa.string()),
        ("template_position", pa.int32()),
        ("slot", pa.int32()),
        ("fix", pa.string()),
        ("n_faults", pa.int32()),
        ("fits_template_id", pa.string()),
    ]
)
"""One row per message, in the order given; all but the first three are null where `ok`."""

Rules = Sequence[Matcher | None]
Codes = NDArray[np.int64]


class FirstMistake(NamedTuple):
    """The first fault of a message, how many it has, and another template that its text fits."""

    fault: Mistake
    n_faults: int = 1
    fits_template_id: str | None = None


@dataclass(kw_only=True)
class Checker:
    """A registry under a policy, ready for batches of messages."""

    registry: Registry
    policy: Policy
    explains: bool = True
    _matchers: dict[str | None, Matcher | None] = field(default_factory=dict)

    @cached_property
    def index(self) -> Index:
        """The templates by their words, made when the first text does not fit its own."""
        return Index(self.registry.templates.values(), self.policy)

    def check(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the checks of a batch, in its order."""
        ids = text_column(batch, "template_id")
        bodies = text_column(batch, "body").fill_null("").to_pylist()
        encoded = ids.dictionary_encode()
        names = [*encoded.dictionary.to_pylist(), None]
        codes = encoded.indices.fill_null(len(names) - 1).to_numpy(zero_copy_only=False).astype(np.int64)
        rules = [self._matcher(name) for name in names]
        fitting = verdicts(rules, codes, bodies)
        found = dict(self._registry_findings(batch, names, codes))
        found |= dict(self._hour_findings(batch, names, codes))
        found |= dict(self._link_findings(names, codes, bodies))
        found |= dict(self._text_findings(names, rules, codes, bodies, fitting))
        fitting[list(found)] = False
        return _rows(batch, ids, fitting, found)

    def _matcher(self, template_id: str | None) -> Matcher | None:
        if template_id not in self._matchers:
            template = self._template(template_id)
            self._matchers[template_id] = matcher(template, self.policy) if template else None
        return self._matchers[template_id]

    def _text_findings(
        self,
        names: Sequence[str | None],
        rules: Rules,
        codes: Codes,
        bodies: Sequence[str],
        fitting: NDArray[np.bool_],
    ) -> Iterator[tuple[int, FirstMistake]]:
        for row in np.flatnonzero(~fitting).tolist():
            own = rules[codes[row]]
            if own is None:
                yield row, self._unidentified(names[codes[row]], bodies[row])
            elif self.explains:
                yield row, self._mismatched(bodies[row], own)

    def _unidentified(self, template_id: str | None, body: str) -> FirstMistake:
        fault = identity_fault(self.registry, template_id)
        assert fault is not None  # noqa: S101
        other = self.index.first(body) if self.explains else None
        if other:
            fault = replace(fault, fix=f"send it with template id {other}, which the text matches")
        return FirstMistake(fault, 1, other)

    def _mismatched(self, body: str, own: Matcher) -> FirstMistake:
        faults = mismatch(body, own).faults
        other = self.index.first(body, own.template.template_id)
        return FirstMistake(
            faults[0] if other is None else another_fits(faults[0], other), len(faults), other
        )

    def _registry_findings(
        self, batch: pa.RecordBatch, names: Sequence[str | None], codes: Codes
    ) -> Iterator[tuple[int, FirstMistake]]:
        """Yield what header, entity and hour say; each combination of them is looked at once."""
        if not any(map(_has_facts, map(self._template, names))):
            return
        facts = [_encoded(text_column(batch, name)) for name in ("header", "entity_id")]
        (headers, header_codes), (entities, entity_codes) = facts
        keys = (codes * len(headers) + header_codes) * len(entities) + entity_codes
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        for number, row in enumerate(first.tolist()):
            template = self._template(names[codes[row]])
            header, entity = headers[header_codes[row]], entities[entity_codes[row]]
            faults = list(registry_faults(template, header, entity)) if template else []
            if faults:
                finding = FirstMistake(faults[0], len(faults))
                yield from ((at, finding) for at in np.flatnonzero(inverse == number).tolist())

    def _template(self, template_id: str | None) -> Template | None:
        return self.registry.templates.get(template_id or "")

    def _hour_findings(
        self, batch: pa.RecordBatch, names: Sequence[str | None], codes: Codes
    ) -> Iterator[tuple[int, FirstMistake]]:
        templates = [self._template(name) for name in names]
        promotional = [
            template is not None and template.category is Category.PROMOTIONAL for template in templates
        ]
        if "planned_at" not in batch.schema.names or not any(promotional):
            return
        times = batch.column("planned_at")
        for row in np.flatnonzero(np.array(promotional)[codes]).tolist():
            template, planned_at = templates[codes[row]], as_time(times[row].as_py())
            if template and (fault := hours_fault(template, planned_at)):
                yield row, FirstMistake(fault)

    def _link_findings(
        self, names: Sequence[str | None], codes: Codes, bodies: Sequence[str]
    ) -> Iterator[tuple[int, FirstMistake]]:
        templates = map(self._template, names)
        whitelists = [self.registry.whitelist(own) if own else () for own in templates]
        if not any(whitelists):
            return
        for row, body in enumerate(bodies):
            faults = list(link_faults(whitelists[codes[row]], body)) if whitelists[codes[row]] else []
            if faults:
                yield row, FirstMistake(faults[0], len(faults))


def another_fits(fault: Mistake, template_id: str) -> Mistake:
    """Return the fault of a text that fits another template than the one it names."""
    return replace(fault, reason=Reason.ANOTHER_TEMPLATE_FITS, fix=f"send it with template id {template_id}")


def verdicts(rules: Rules, codes: Codes, bodies: Sequence[str]) -> NDArray[np.bool_]:
    """Return which texts fit the template of their code; the expression decides most, position sets the others."""
    accepts = [_refuse if own is None else own.patterns.accept for own in rules]
    tests = map(accepts.__getitem__, codes.tolist())
    found = [test(body) is not None for test, body in zip(tests, bodies, strict=True)]
    fitting = np.array(found, np.bool_)
    for row in np.flatnonzero(~fitting).tolist():
        own = rules[codes[row]]
        fitting[row] = own is not None and not own.patterns.is_exact and own.fits(bodies[row])
    return fitting


def as_time(value: Any) -> datetime | None:
    """Return a time that knows its zone: text is read as RFC 3339, a time without a zone as Indian."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=INDIA)


def text_column(batch: pa.RecordBatch, name: str) -> pa.Array:
    """Return a column as plain text, all null when it is not there."""
    if name not in batch.schema.names:
        return pa.nulls(batch.num_rows, pa.string())
    column = batch.column(name)
    return column.cast(pa.string()) if column.type != pa.string() else column


def _encoded(column: pa.Array) -> tuple[list[str | None], Codes]:
    encoded = column.dictionary_encode()
    names = [*encoded.dictionary.to_pylist(), None]
    return names, encoded.indices.fill_null(len(names) - 1).to_numpy(zero_copy_only=False).astype(np.int64)


def _has_facts(template: Template | None) -> bool:
    return template is not None and bool(
        template.headers or template.entity_id or template.category or not template.is_active
    )


def _refuse(text: str, /) -> object:
    return None


def _rows(
    batch: pa.RecordBatch, ids: pa.Array, fitting: NDArray[np.bool_], found: dict[int, FirstMistake]
) -> pa.RecordBatch:
    rows = sorted(found)
    findings = [found[row] for row in rows]
    index = np.full(batch.num_rows, -1, np.int64)
    index[rows] = np.arange(len(rows))
    places = pa.array(index, mask=index < 0)
    columns: dict[str, list[Any]] = {
        name: [getattr(finding.fault, name) for finding in findings]
        for name in ("reason", "position", "expected", "actual", "template_position", "slot", "fix")
    }
    columns["n_faults"] = [finding.n_faults for finding in findings]
    columns["fits_template_id"] = [finding.fits_template_id for finding in findings]
    sparse = [pa.array(values, SCHEMA.field(name).type).take(places) for name, values in columns.items()]
    arrays = [text_column(batch, "message_id"), ids, pa.array(fitting), *sparse]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
