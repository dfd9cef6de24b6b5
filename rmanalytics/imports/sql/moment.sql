-- moment(t): the time that a text writes, read by the clocks of the zone where it names none; null for any other.
CREATE OR REPLACE TEMP MACRO moment(t) AS CASE
    WHEN t LIKE '20__-__-__ __:__:__' THEN try_cast(t AS TIMESTAMP) AT TIME ZONE '{zone}'
    WHEN regexp_full_match(t, '1\d{{9}}') THEN to_timestamp(try_cast(t AS BIGINT))
    WHEN regexp_full_match(t, '1\d{{12}}') THEN to_timestamp(try_cast(t AS BIGINT) / 1000.0)
    WHEN regexp_full_match(t, '\d{{4}}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)? ?(Z|[+-]\d\d(:?\d\d)?)')
        THEN try_cast(t AS TIMESTAMPTZ)
    WHEN regexp_full_match(t, '\d{{4}}-\d\d?-\d\d?([ T]\d\d?:\d\d(:\d\d(\.\d+)?)?)?')
        THEN try_cast(t AS TIMESTAMP) AT TIME ZONE '{zone}'
    ELSE try_strptime(t, ['%d %b, %Y %H:%M:%S', '%d %b %Y %H:%M:%S', '%d %b %Y', '%d-%b-%Y', '%b %d, %Y', '%Y%m%d'])
        AT TIME ZONE '{zone}'
END
