"""Laws of matching that hold for every template, text and policy."""

import re
from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st
from support.dlt_strategies import LAW, POLICIES, SMALL, SMALL_CONTENT, filled, nearly_filled

from rmanalytics.dlt.engine.explain import explain
from rmanalytics.dlt.engine.matcher import matcher, values
from rmanalytics.dlt.policy import PRESETS, Policy, Pooling
from rmanalytics.dlt.template import Template

STRICT = Policy()
NOT_STRICTER = [policy for name, policy in PRESETS.items() if name not in ("no_pooling", "limit_20")]


@LAW
@given(filled())
def test_a_filled_template_fits_itself(pair):
    """Any allowed values make a text that fits, strictly and under every preset that is laxer."""
    template, text = pair
    assert [policy.name for policy in NOT_STRICTER if not matcher(template, policy).fits(text)] == []


@LAW
@given(filled())
def test_values_put_back_give_the_text(pair):
    """The values found, put between the fixed text, are the message again."""
    template, text = pair
    found = values(matcher(template, STRICT), text)
    literals = [literal.text for literal in template.literals]
    assert "".join(piece for both in zip(literals, (*found, ""), strict=True) for piece in both) == text


def _oracle(template: Template, limit: int) -> re.Pattern[str]:
    """Return what backtracking would try: right, but exponential."""
    classes = {"var": ".", "numeric": "[0-9]", "alphanumeric": "[a-z0-9]"}
    source = ""
    for literal, gap in zip(template.literals, (*template.gaps, None), strict=True):
        source += re.escape(literal.text)
        source += f"{classes[gap.tag]}{{1,{limit * gap.n_slots}}}" if gap else ""
    return re.compile(source, re.DOTALL)


@LAW
@given(SMALL_CONTENT, SMALL, st.sampled_from([2, 3, 30]))
def test_backtracking_agrees(content, text, limit):
    """On small texts, where a backtracking expression can be trusted, it gives the same verdict."""
    template = Template(template_id="1", content=content)
    rules = matcher(template, Policy(var_limit=limit, typed_limit=limit))
    expected = _oracle(template, limit).fullmatch(text) is not None
    assert (rules.fits(text), rules.walk_fits(text)) == (expected, expected)


@LAW
@given(SMALL_CONTENT, SMALL, POLICIES)
def test_expression_and_position_sets_agree(content, text, policy):
    """The expression and the position sets never contradict each other, whatever the policy."""
    rules = matcher(Template(template_id="1", content=content), policy)
    assert rules.fits(text) == rules.walk_fits(text)


LAXER = {
    "var_limit": lambda limit: limit + 10,
    "typed_limit": lambda limit: limit + 10,
    "url_limit": lambda limit: limit + 10,
    "alphanumeric_also": lambda also: also + "-",
    "pooling": lambda pooling: Pooling(min(pooling + 1, Pooling.TEMPLATE)),
}


@st.composite
def laxer(draw, policy: Policy) -> Policy:
    """Draw a policy with one field laxer."""
    name = draw(st.sampled_from([f.name for f in fields(Policy) if f.name not in ("name", "source")]))
    value = getattr(policy, name)
    if name in LAXER:
        return replace(policy, **{name: LAXER[name](value)})
    return replace(policy, **{name: True if isinstance(value, bool) else max(type(value))})


@LAW
@given(nearly_filled(), POLICIES, st.data())
def test_a_laxer_policy_is_never_worse(pair, policy, data):
    """What fits under a policy fits under one that is laxer in any field."""
    template, text = pair
    other = data.draw(laxer(policy))
    assert not matcher(template, policy).fits(text) or matcher(template, other).fits(text)


WORDS = st.text("abcdefgh XYZ", min_size=4, max_size=20)


@LAW
@given(filled(tags=("numeric",), fixed=WORDS), st.data())
def test_one_edit_in_fixed_text_is_found(pair, data):
    """One edit inside the fixed text never fits, and the explanation is that edit at its place."""
    template, text = pair
    inner = [p for start, end in _fixed_spans(template, text) for p in range(start + 1, end - 1)]
    at = data.draw(st.sampled_from(inner))
    kind = data.draw(st.sampled_from(["change", "drop", "add"]))
    kept = text[at:] if kind == "add" else text[at + 1 :]
    explanation = explain(text[:at] + ("" if kind == "drop" else "#") + kept, template, STRICT)
    (fault,) = explanation.faults
    assert explanation.corrected_text == text
    if kind == "drop":  # one of several equal neighbours: which of them is gone nobody can tell
        assert set(text[min(at, fault.position) : max(at, fault.position) + 1]) == {text[at]}
    else:
        assert fault.position == at


def _fixed_spans(template: Template, text: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    found = (*values(matcher(template, STRICT), text), "")
    for literal, value in zip(template.literals, found, strict=True):
        spans.append((at, at + len(literal.text)))
        at += len(literal.text) + len(value)
    return spans


@LAW
@given(SMALL_CONTENT, SMALL)
def test_every_mismatch_has_an_explanation(content, text):
    """What does not fit has faults, in order, and where a fix is offered the fixed text fits."""
    template = Template(template_id="1", content=content)
    explanation = explain(text, template, STRICT)
    positions = [fault.position for fault in explanation.faults]
    assert explanation.fits == matcher(template, STRICT).fits(text)
    assert positions == sorted(positions)
    assert all(0 <= position <= len(text) for position in positions)
    if explanation.corrected_text is not None:
        assert matcher(template, STRICT).fits(explanation.corrected_text)
    if explanation.corrected_template is not None:
        corrected = Template(template_id="1", content=explanation.corrected_template)
        assert matcher(corrected, STRICT).fits(text)


@LAW
@given(SMALL_CONTENT, SMALL, POLICIES)
def test_every_policy_can_be_explained(content, text, policy):
    """Whatever the policy overlooks, a mismatch under it has a fault that lies within the text."""
    explanation = explain(text, Template(template_id="1", content=content), policy)
    assert all(0 <= (fault.position or 0) <= len(text) for fault in explanation.faults)
