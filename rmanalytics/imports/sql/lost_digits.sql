-- lost_digits(name, t): why an id that was made a number on its way, or marked as text, is refused; null for any other.
CREATE OR REPLACE TEMP MACRO lost_digits(name, t) AS CASE
    WHEN (contains(t, '.') OR contains(t, '+')) AND regexp_full_match(t, '{lost}') THEN name || ' {reason}'
    WHEN starts_with(t, '''') AND regexp_full_match(t, '{quoted}') THEN name || ' {why_quoted}'
END;
-- unfit(name, t): why a text is refused as the id of anything: too long, or with a control character; null for any other.
CREATE OR REPLACE TEMP MACRO unfit(name, t) AS CASE
    WHEN length(t) > {longest} THEN name || ' has ' || format('{{:,}}', length(t)) || ' {why_long}'
    WHEN regexp_matches(t, '{control}') THEN name || ' {why_control}'
END;
-- no_value(name, t): why a text that says that there is none is refused as an id; null for any other.
CREATE OR REPLACE TEMP MACRO no_value(name, t) AS CASE
    WHEN length(t) <= {longest_no_value} AND regexp_full_match(t, '{no_value}') THEN name || ' {why_no_value}'
END
