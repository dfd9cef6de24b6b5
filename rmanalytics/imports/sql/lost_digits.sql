-- lost_digits(name, t): why an id that was made a number on its way, or marked as text, is refused; null for any other.
CREATE OR REPLACE TEMP MACRO lost_digits(name, t) AS CASE
    WHEN (contains(t, '.') OR contains(t, '+')) AND regexp_full_match(t, '{lost}') THEN name || ' {reason}'
    WHEN starts_with(t, '''') AND regexp_full_match(t, '{quoted}') THEN name || ' {why_quoted}'
END;
-- unfit(name, t): why a text is refused as the id of anything: too long, or with what nobody sees; null for any other.
CREATE OR REPLACE TEMP MACRO unfit(name, t) AS CASE
    WHEN length(t) > {longest} THEN name || ' has ' || format('{{:,}}', length(t)) || ' {why_long}'
    WHEN regexp_matches(t, '{control}') THEN name || ' {why_control}'
    WHEN regexp_matches(t, '{invisible}') THEN name || ' {why_invisible}'
END;
-- no_value(name, t): why a text that says that there is none is refused as an id; null for any other.
CREATE OR REPLACE TEMP MACRO no_value(name, t) AS CASE
    WHEN {says_nothing} THEN name || CASE WHEN t[1] = '=' AND length(t) > 1 THEN ' {why_formula}' ELSE ' {why_no_value}' END
END;
-- no_time(name, t): why a text that is no time is refused.
CREATE OR REPLACE TEMP MACRO no_time(name, t) AS name || ' ' || left(t, 40) || CASE
    WHEN regexp_full_match(t, '(0?[1-9]|1[0-2])[-/.](0?[1-9]|1[0-2])[-/.](20)?[0-9][0-9]([ T,].*)?')
        THEN ' can be read in two ways: write it as 2025-01-31 10:20:30'
    WHEN {says_nothing} THEN ' {why_no_value}'
    ELSE ' is not a time: write it as 2025-01-31 10:20:30'
END;
-- no_text(name, t): why a text is refused: it would steer the terminal of whoever reads it; null for any other.
CREATE OR REPLACE TEMP MACRO no_text(name, t) AS CASE
    WHEN regexp_matches(t, '{control_in_text}') THEN name || ' {why_control}'
END;
-- no_dlr_id(name, t): why an id of a DLR is refused; one that says that there is none is none, as in callbacks.
CREATE OR REPLACE TEMP MACRO no_dlr_id(name, t) AS CASE
    WHEN {says_nothing} THEN NULL
    WHEN dlr_identifier(t) IS NULL OR starts_with(t, '''') THEN lost_digits(name, t)
    ELSE unfit(name, t)
END
