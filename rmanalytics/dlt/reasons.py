"""The one vocabulary of mismatches: what each word means and what fixes it."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a message does not match its template. `MEANINGS` says what each word means."""

    CHANGED_CHARACTER = "changed_character"
    CHANGED_TEXT = "changed_text"
    MISSING_TEXT = "missing_text"
    EXTRA_TEXT = "extra_text"
    LEADING_TEXT = "leading_text"
    TRAILING_TEXT = "trailing_text"
    TRUNCATED = "truncated"
    LETTER_CASE = "letter_case"
    PUNCTUATION = "punctuation"
    CURLY_QUOTE = "curly_quote"
    NO_BREAK_SPACE = "no_break_space"
    LOOKALIKE = "lookalike"
    INVISIBLE_CHARACTER = "invisible_character"
    UNICODE_FORM = "unicode_form"
    DOUBLE_SPACE = "double_space"
    MISSING_SPACE = "missing_space"
    EXTRA_SPACE = "extra_space"
    LINE_ENDING = "line_ending"
    VARIABLE_TOO_LONG = "variable_too_long"
    VARIABLE_EMPTY = "variable_empty"
    VARIABLE_WRONG_TYPE = "variable_wrong_type"
    ALLOWANCE_EXCEEDED = "allowance_exceeded"
    DIFFERENT_TEXT = "different_text"
    ANOTHER_TEMPLATE_FITS = "another_template_fits"
    NO_TEMPLATE_ID = "no_template_id"
    UNKNOWN_TEMPLATE = "unknown_template"
    TEMPLATE_INACTIVE = "template_inactive"
    HEADER_NOT_REGISTERED = "header_not_registered"
    ENTITY_MISMATCH = "entity_mismatch"
    CATEGORY_MISMATCH = "category_mismatch"
    LINK_NOT_WHITELISTED = "link_not_whitelisted"
    OUTSIDE_HOURS = "outside_hours"


MEANINGS = {
    Reason.CHANGED_CHARACTER: "one character of the fixed text is another",
    Reason.CHANGED_TEXT: "a piece of the fixed text is worded differently",
    Reason.MISSING_TEXT: "a piece of the fixed text is not there",
    Reason.EXTRA_TEXT: "there is text that the template does not have",
    Reason.LEADING_TEXT: "there is text before the template's beginning",
    Reason.TRAILING_TEXT: "there is text behind the template's end",
    Reason.TRUNCATED: "the message stops before the template does",
    Reason.LETTER_CASE: "capitals and small letters differ",
    Reason.PUNCTUATION: "a punctuation mark is missing, added or another",
    Reason.CURLY_QUOTE: "a quotation mark is curly where the template's is straight, or the other way round",
    Reason.NO_BREAK_SPACE: "a space is not the ordinary one",
    Reason.LOOKALIKE: "a character only looks like the template's",
    Reason.INVISIBLE_CHARACTER: "there is a character that nobody can see",
    Reason.UNICODE_FORM: "the same letter is composed of other code points (NFC, NFD)",
    Reason.DOUBLE_SPACE: "two spaces where the template has one, or the other way round",
    Reason.MISSING_SPACE: "a space is not there",
    Reason.EXTRA_SPACE: "a space is there that the template does not have",
    Reason.LINE_ENDING: "a line break is missing, added or of another form",
    Reason.VARIABLE_TOO_LONG: "a value is longer than its variables may be",
    Reason.VARIABLE_EMPTY: "a variable has no value",
    Reason.VARIABLE_WRONG_TYPE: "a value is not of its variable's type",
    Reason.ALLOWANCE_EXCEEDED: "the values together are longer than all variables may be",
    Reason.DIFFERENT_TEXT: "the text has little in common with the template",
    Reason.ANOTHER_TEMPLATE_FITS: "the text does not fit the template it names, but fits another one",
    Reason.NO_TEMPLATE_ID: "the message names no template",
    Reason.UNKNOWN_TEMPLATE: "the template id is not among the registered ones",
    Reason.TEMPLATE_INACTIVE: "the template is registered but not active",
    Reason.HEADER_NOT_REGISTERED: "the text fits, but the header is not linked to the template",
    Reason.ENTITY_MISMATCH: "the entity id is not the template's",
    Reason.CATEGORY_MISMATCH: "the header's kind does not go with the template's category",
    Reason.LINK_NOT_WHITELISTED: "a link in the text is not among the whitelisted ones",
    Reason.OUTSIDE_HOURS: "promotional, but planned outside 10:00 to 21:00 Indian time",
}
"""What each reason means, for people."""
