-- The fold of outcomes.py as of now; written by rmanalytics.warehouse.view, not by hand.
CREATE OR REPLACE VIEW outcomes AS
SELECT
  "t14"."message_id",
  "t14"."campaign_id",
  "t14"."state",
  "t14"."error_code",
  "t14"."final_at",
  "t14"."latency_s",
  "t14"."n_dlrs",
  "t14"."has_conflict",
  "t14"."batch_id",
  "t14"."gateway",
  "t14"."route",
  "t14"."msisdn",
  "t14"."header",
  "t14"."entity_id",
  "t14"."template_id",
  "t14"."body",
  "t14"."encoding",
  "t14"."n_segments",
  "t14"."planned_at",
  "t14"."submit_result",
  "t14"."submit_code",
  "t14"."submitted_at",
  "t14"."gateway_message_id",
  "t14"."raw_status",
  "t14"."mcc_mnc",
  "t14"."cost",
  "t14"."charge",
  "t14"."age_s",
  "t14"."is_overdue",
  "t14"."is_latency_negative",
  "t14"."is_dlr_only",
  "t14"."is_simulated"
FROM (
  SELECT
    "t13"."message_id",
    "t13"."campaign_id",
    "t13"."state",
    "t13"."error_code",
    "t13"."final_at",
    "t13"."latency_s",
    "t13"."n_dlrs",
    "t13"."has_conflict",
    "t13"."batch_id",
    "t13"."gateway",
    "t13"."route",
    "t13"."msisdn",
    "t13"."header",
    "t13"."entity_id",
    "t13"."template_id",
    "t13"."body",
    "t13"."encoding",
    "t13"."n_segments",
    "t13"."planned_at",
    "t13"."submit_result",
    "t13"."submit_code",
    "t13"."submitted_at",
    "t13"."gateway_message_id",
    "t13"."raw_status",
    "t13"."mcc_mnc",
    "t13"."cost",
    "t13"."charge",
    "t13"."is_latency_negative",
    "t13"."is_dlr_only",
    "t13"."is_simulated",
    "t13"."known_at",
    CAST(EPOCH_US(NOW()) - EPOCH_US(COALESCE("t13"."submitted_at", "t13"."planned_at")) AS DOUBLE) / 1000000.0 AS "age_s",
    COALESCE(
      (
        "t13"."state" = 'no_dlr'
      )
      AND (
        COALESCE("t13"."submitted_at", "t13"."planned_at") <= (
          NOW() - INTERVAL '$horizon_s' SECOND
        )
      ),
      FALSE
    ) AS "is_overdue"
  FROM (
    SELECT
      COALESCE("t12"."message_id", "t12"."reported_id") AS "message_id",
      CASE WHEN "t12"."is_dlr_only" THEN "t12"."told_tag" ELSE "t12"."campaign_id" END AS "campaign_id",
      "t12"."state",
      CASE
        WHEN SUBSTRING(
          "t12"."least_error",
          CASE WHEN (
            0 + 1
          ) >= 1 THEN 0 + 1 ELSE 0 + 1 + LENGTH("t12"."least_error") END,
          1
        ) = CAST("t12"."status_rank" AS TEXT)
        THEN SUBSTRING(
          "t12"."least_error",
          CASE WHEN (
            1 + 1
          ) >= 1 THEN 1 + 1 ELSE 1 + 1 + LENGTH("t12"."least_error") END
        )
        ELSE NULL
      END AS "error_code",
      COALESCE(
        CASE "t12"."status_rank"
          WHEN 0
          THEN "t12"."delivered_at"
          WHEN 1
          THEN "t12"."failed_at"
          ELSE NULL
        END,
        CASE WHEN "t12"."state" = 'refused' THEN "t12"."refused_at" ELSE NULL END
      ) AS "final_at",
      "t12"."latency_s",
      COALESCE("t12"."n_dlrs", 0) AS "n_dlrs",
      COALESCE((
        "t12"."status_rank" = 0
      ) AND "t12"."says_failed", FALSE)
      OR COALESCE((
        "t12"."status_rank" IS NOT NULL
      ) AND (
        "t12"."submit_rank" = 2
      ), FALSE) AS "has_conflict",
      "t12"."batch_id",
      CASE WHEN "t12"."is_dlr_only" THEN "t12"."told_gateway" ELSE "t12"."gateway" END AS "gateway",
      CASE
        WHEN "t12"."is_dlr_only"
        THEN CASE
          WHEN STARTS_WITH("t12"."told_msisdn", '91')
          THEN 'domestic'
          WHEN "t12"."told_msisdn" IS NOT NULL
          THEN 'international'
          ELSE NULL
        END
        ELSE "t12"."route"
      END AS "route",
      CASE WHEN "t12"."is_dlr_only" THEN "t12"."told_msisdn" ELSE "t12"."msisdn" END AS "msisdn",
      CASE WHEN "t12"."is_dlr_only" THEN "t12"."told_header" ELSE "t12"."header" END AS "header",
      "t12"."entity_id",
      "t12"."template_id",
      "t12"."body",
      "t12"."encoding",
      "t12"."n_segments",
      CASE WHEN "t12"."is_dlr_only" THEN "t12"."told_at" ELSE "t12"."planned_at" END AS "planned_at",
      CASE "t12"."submit_rank"
        WHEN 0
        THEN 'accepted'
        WHEN 1
        THEN 'unclear'
        WHEN 2
        THEN 'refused'
        WHEN 3
        THEN 'unsent'
        ELSE NULL
      END AS "submit_result",
      CASE
        WHEN SUBSTRING(
          "t12"."least_code",
          CASE WHEN (
            0 + 1
          ) >= 1 THEN 0 + 1 ELSE 0 + 1 + LENGTH("t12"."least_code") END,
          1
        ) = CAST("t12"."submit_rank" AS TEXT)
        THEN SUBSTRING(
          "t12"."least_code",
          CASE WHEN (
            1 + 1
          ) >= 1 THEN 1 + 1 ELSE 1 + 1 + LENGTH("t12"."least_code") END
        )
        ELSE NULL
      END AS "submit_code",
      "t12"."attempt_at" AS "submitted_at",
      COALESCE(
        CASE
          WHEN SUBSTRING(
            "t12"."least_id",
            CASE WHEN (
              0 + 1
            ) >= 1 THEN 0 + 1 ELSE 0 + 1 + LENGTH("t12"."least_id") END,
            1
          ) = CAST("t12"."submit_rank" AS TEXT)
          THEN SUBSTRING(
            "t12"."least_id",
            CASE WHEN (
              1 + 1
            ) >= 1 THEN 1 + 1 ELSE 1 + 1 + LENGTH("t12"."least_id") END
          )
          ELSE NULL
        END,
        "t12"."told_gateway_message_id"
      ) AS "gateway_message_id",
      CASE
        WHEN SUBSTRING(
          "t12"."least_word",
          CASE WHEN (
            0 + 1
          ) >= 1 THEN 0 + 1 ELSE 0 + 1 + LENGTH("t12"."least_word") END,
          1
        ) = CAST("t12"."status_rank" AS TEXT)
        THEN SUBSTRING(
          "t12"."least_word",
          CASE WHEN (
            1 + 1
          ) >= 1 THEN 1 + 1 ELSE 1 + 1 + LENGTH("t12"."least_word") END
        )
        ELSE NULL
      END AS "raw_status",
      "t12"."mcc_mnc",
      "t12"."cost",
      "t12"."charge",
      COALESCE("t12"."latency_s" < 0, FALSE) AS "is_latency_negative",
      "t12"."is_dlr_only",
      COALESCE(
        CASE WHEN "t12"."is_dlr_only" THEN "t12"."told_gateway" ELSE "t12"."gateway" END = 'simulator',
        FALSE
      ) AS "is_simulated",
      GREATEST("t12"."planned_at", "t12"."last_try_at", "t12"."last_dlr_at") AS "known_at"
    FROM (
      SELECT
        "t11"."message_id",
        "t11"."campaign_id",
        "t11"."batch_id",
        "t11"."gateway",
        "t11"."route",
        "t11"."msisdn",
        "t11"."header",
        "t11"."entity_id",
        "t11"."template_id",
        "t11"."template_variables",
        "t11"."body",
        "t11"."encoding",
        "t11"."n_segments",
        "t11"."planned_at",
        "t11"."line",
        "t11"."imported_at",
        "t11"."submitted_id",
        "t11"."submit_rank",
        "t11"."last_try_at",
        "t11"."least_code",
        "t11"."least_id",
        "t11"."refused_at",
        "t11"."accepted_attempt_at",
        "t11"."unclear_attempt_at",
        "t11"."refused_attempt_at",
        "t11"."unsent_attempt_at",
        "t11"."reported_id",
        "t11"."status_rank",
        "t11"."n_dlrs",
        "t11"."last_dlr_at",
        "t11"."says_failed",
        "t11"."least_error",
        "t11"."least_word",
        "t11"."told_at",
        "t11"."delivered_at",
        "t11"."delivered_received_at",
        "t11"."delivered_latency_s",
        "t11"."failed_at",
        "t11"."failed_received_at",
        "t11"."failed_latency_s",
        "t11"."told_gateway_message_id",
        "t11"."told_gateway",
        "t11"."told_msisdn",
        "t11"."told_header",
        "t11"."told_tag",
        "t11"."mcc_mnc",
        "t11"."cost",
        "t11"."charge",
        "t11"."is_dlr_only",
        "t11"."state",
        "t11"."attempt_at",
        COALESCE(
          CASE "t11"."status_rank"
            WHEN 0
            THEN "t11"."delivered_latency_s"
            WHEN 1
            THEN "t11"."failed_latency_s"
            ELSE NULL
          END,
          CAST(EPOCH_US(
            CASE "t11"."status_rank"
              WHEN 0
              THEN "t11"."delivered_received_at"
              WHEN 1
              THEN "t11"."failed_received_at"
              ELSE NULL
            END
          ) - EPOCH_US("t11"."attempt_at") AS DOUBLE) / 1000000.0
        ) AS "latency_s"
      FROM (
        SELECT
          "t10"."message_id",
          "t10"."campaign_id",
          "t10"."batch_id",
          "t10"."gateway",
          "t10"."route",
          "t10"."msisdn",
          "t10"."header",
          "t10"."entity_id",
          "t10"."template_id",
          "t10"."template_variables",
          "t10"."body",
          "t10"."encoding",
          "t10"."n_segments",
          "t10"."planned_at",
          "t10"."line",
          "t10"."imported_at",
          "t10"."submitted_id",
          "t10"."submit_rank",
          "t10"."last_try_at",
          "t10"."least_code",
          "t10"."least_id",
          "t10"."refused_at",
          "t10"."accepted_attempt_at",
          "t10"."unclear_attempt_at",
          "t10"."refused_attempt_at",
          "t10"."unsent_attempt_at",
          "t10"."reported_id",
          "t10"."status_rank",
          "t10"."n_dlrs",
          "t10"."last_dlr_at",
          "t10"."says_failed",
          "t10"."least_error",
          "t10"."least_word",
          "t10"."told_at",
          "t10"."delivered_at",
          "t10"."delivered_received_at",
          "t10"."delivered_latency_s",
          "t10"."failed_at",
          "t10"."failed_received_at",
          "t10"."failed_latency_s",
          "t10"."told_gateway_message_id",
          "t10"."told_gateway",
          "t10"."told_msisdn",
          "t10"."told_header",
          "t10"."told_tag",
          "t10"."mcc_mnc",
          "t10"."cost",
          "t10"."charge",
          "t10"."message_id" IS NULL AS "is_dlr_only",
          COALESCE(
            CASE "t10"."status_rank"
              WHEN 0
              THEN 'delivered'
              WHEN 1
              THEN 'failed'
              WHEN 2
              THEN 'queued'
              WHEN 3
              THEN 'unknown'
              ELSE NULL
            END,
            CASE COALESCE("t10"."submit_rank", 3)
              WHEN 0
              THEN 'no_dlr'
              WHEN 1
              THEN 'unclear'
              WHEN 2
              THEN 'refused'
              WHEN 3
              THEN 'unsent'
              ELSE NULL
            END
          ) AS "state",
          CASE "t10"."submit_rank"
            WHEN 0
            THEN "t10"."accepted_attempt_at"
            WHEN 1
            THEN "t10"."unclear_attempt_at"
            WHEN 2
            THEN "t10"."refused_attempt_at"
            WHEN 3
            THEN "t10"."unsent_attempt_at"
            ELSE NULL
          END AS "attempt_at"
        FROM (
          SELECT
            "t3"."message_id",
            "t3"."campaign_id",
            "t3"."batch_id",
            "t3"."gateway",
            "t3"."route",
            "t3"."msisdn",
            "t3"."header",
            "t3"."entity_id",
            "t3"."template_id",
            "t3"."template_variables",
            "t3"."body",
            "t3"."encoding",
            "t3"."n_segments",
            "t3"."planned_at",
            "t3"."line",
            "t3"."imported_at",
            "t7"."submitted_id",
            "t7"."submit_rank",
            "t7"."last_try_at",
            "t7"."least_code",
            "t7"."least_id",
            "t7"."refused_at",
            "t7"."accepted_attempt_at",
            "t7"."unclear_attempt_at",
            "t7"."refused_attempt_at",
            "t7"."unsent_attempt_at",
            "t9"."reported_id",
            "t9"."status_rank",
            "t9"."n_dlrs",
            "t9"."last_dlr_at",
            "t9"."says_failed",
            "t9"."least_error",
            "t9"."least_word",
            "t9"."told_at",
            "t9"."delivered_at",
            "t9"."delivered_received_at",
            "t9"."delivered_latency_s",
            "t9"."failed_at",
            "t9"."failed_received_at",
            "t9"."failed_latency_s",
            "t9"."told_gateway_message_id",
            "t9"."told_gateway",
            "t9"."told_msisdn",
            "t9"."told_header",
            "t9"."told_tag",
            "t9"."mcc_mnc",
            "t9"."cost",
            "t9"."charge"
          FROM "messages" AS "t3"
          LEFT OUTER JOIN (
            SELECT
              "t4"."message_id" AS "submitted_id",
              MIN("t4"."rank") AS "submit_rank",
              MAX(GREATEST("t4"."attempted_at", "t4"."answered_at")) AS "last_try_at",
              MIN(CAST("t4"."rank" AS TEXT) || "t4"."code") AS "least_code",
              MIN(CAST("t4"."rank" AS TEXT) || "t4"."gateway_message_id") AS "least_id",
              MIN(COALESCE("t4"."answered_at", "t4"."attempted_at")) FILTER(WHERE
                "t4"."rank" = 2) AS "refused_at",
              MIN("t4"."attempted_at") FILTER(WHERE
                "t4"."rank" = 0) AS "accepted_attempt_at",
              MIN("t4"."attempted_at") FILTER(WHERE
                "t4"."rank" = 1) AS "unclear_attempt_at",
              MIN("t4"."attempted_at") FILTER(WHERE
                "t4"."rank" = 2) AS "refused_attempt_at",
              MIN("t4"."attempted_at") FILTER(WHERE
                "t4"."rank" = 3) AS "unsent_attempt_at"
            FROM (
              SELECT
                "t1"."attempt_id",
                "t1"."message_id",
                "t1"."batch_id",
                "t1"."gateway",
                "t1"."attempted_at",
                "t1"."answered_at",
                "t1"."http_status",
                "t1"."code",
                "t1"."result",
                "t1"."gateway_message_id",
                "t1"."detail",
                "t1"."imported_at",
                "t1"."planned_at",
                CASE "t1"."result"
                  WHEN 'accepted'
                  THEN 0
                  WHEN 'unclear'
                  THEN 1
                  WHEN 'refused'
                  THEN 2
                  ELSE 3
                END AS "rank"
              FROM "submissions" AS "t1"
            ) AS "t4"
            GROUP BY
              1
          ) AS "t7"
            ON "t3"."message_id" = "t7"."submitted_id"
          FULL OUTER JOIN (
            SELECT
              "t5"."reported_id",
              MIN("t5"."rank") AS "status_rank",
              COUNT(*) AS "n_dlrs",
              MAX("t5"."received_at") AS "last_dlr_at",
              BOOL_OR(CAST("t5"."rank" = 1 AS BOOLEAN)) AS "says_failed",
              MIN(CAST("t5"."rank" AS TEXT) || "t5"."error_code") AS "least_error",
              MIN(CAST("t5"."rank" AS TEXT) || "t5"."raw_status") AS "least_word",
              COALESCE(MIN("t5"."submitted_at"), MIN("t5"."received_at")) AS "told_at",
              MIN("t5"."said_at") FILTER(WHERE
                "t5"."rank" = 0) AS "delivered_at",
              MIN("t5"."received_at") FILTER(WHERE
                "t5"."rank" = 0) AS "delivered_received_at",
              MIN(
                CASE
                  WHEN "t5"."rank" = 0
                  THEN CAST(EPOCH_US("t5"."done_at") - EPOCH_US("t5"."submitted_at") AS DOUBLE) / 1000000.0
                  ELSE NULL
                END
              ) AS "delivered_latency_s",
              MIN("t5"."said_at") FILTER(WHERE
                "t5"."rank" = 1) AS "failed_at",
              MIN("t5"."received_at") FILTER(WHERE
                "t5"."rank" = 1) AS "failed_received_at",
              MIN(
                CASE
                  WHEN "t5"."rank" = 1
                  THEN CAST(EPOCH_US("t5"."done_at") - EPOCH_US("t5"."submitted_at") AS DOUBLE) / 1000000.0
                  ELSE NULL
                END
              ) AS "failed_latency_s",
              MIN("t5"."gateway_message_id") AS "told_gateway_message_id",
              MIN("t5"."gateway") AS "told_gateway",
              MIN("t5"."msisdn") AS "told_msisdn",
              MIN("t5"."header") AS "told_header",
              MIN("t5"."tag") AS "told_tag",
              MAX("t5"."mcc_mnc") AS "mcc_mnc",
              MAX("t5"."cost") AS "cost",
              MAX("t5"."charge") AS "charge"
            FROM (
              SELECT
                "t2"."callback_id",
                "t2"."position",
                "t2"."gateway",
                "t2"."message_id",
                "t2"."matched_by",
                "t2"."gateway_message_id",
                "t2"."client_message_id",
                "t2"."msisdn",
                "t2"."header",
                "t2"."raw_status",
                "t2"."status",
                "t2"."error_code",
                "t2"."submitted_at",
                "t2"."done_at",
                "t2"."received_at",
                "t2"."cost",
                "t2"."charge",
                "t2"."mcc_mnc",
                "t2"."tag",
                "t2"."udf1",
                "t2"."udf2",
                "t2"."is_time_unread",
                "t2"."imported_at",
                "t2"."planned_at",
                COALESCE("t2"."message_id", "t2"."gateway_message_id") AS "reported_id",
                CASE "t2"."status"
                  WHEN 'delivered'
                  THEN 0
                  WHEN 'failed'
                  THEN 1
                  WHEN 'queued'
                  THEN 2
                  ELSE 3
                END AS "rank",
                COALESCE("t2"."done_at", "t2"."received_at") AS "said_at"
              FROM "dlrs" AS "t2"
              WHERE
                COALESCE("t2"."message_id", "t2"."gateway_message_id") IS NOT NULL
            ) AS "t5"
            GROUP BY
              1
          ) AS "t9"
            ON "t3"."message_id" = "t9"."reported_id"
        ) AS "t10"
      ) AS "t11"
    ) AS "t12"
  ) AS "t13"
) AS "t14";
COMMENT ON COLUMN outcomes.message_id IS 'Ours, as in messages; of a message that only DLRs tell of, the gateway''s id.';
COMMENT ON COLUMN outcomes.campaign_id IS 'The message''s campaign; of a message that only DLRs tell of, their tag.';
COMMENT ON COLUMN outcomes.state IS 'delivered, failed, queued, unknown, no_dlr, refused, unclear or unsent; what DLRs say wins over the submit response.';
COMMENT ON COLUMN outcomes.error_code IS 'Smallest code among the DLRs of the best status; null when they name none.';
COMMENT ON COLUMN outcomes.final_at IS 'Earliest done_at (else received_at) of the best status, or the refusal; null until final.';
COMMENT ON COLUMN outcomes.latency_s IS 'Seconds from submission to the final DLR, may be negative; null until delivered or failed.';
COMMENT ON COLUMN outcomes.n_dlrs IS 'DLRs received, repetitions included.';
COMMENT ON COLUMN outcomes.has_conflict IS 'DLRs say delivered and failed, or a DLR came for a message that was refused.';
COMMENT ON COLUMN outcomes.batch_id IS 'What one send took in; made from the content of the batch file.';
COMMENT ON COLUMN outcomes.gateway IS 'Who the message was planned for, such as route_mobile; simulator where nothing was really sent.';
COMMENT ON COLUMN outcomes.route IS 'domestic (India, DLT applies) or international.';
COMMENT ON COLUMN outcomes.msisdn IS 'Recipient in E.164 digits without plus.';
COMMENT ON COLUMN outcomes.header IS 'Header (sender id).';
COMMENT ON COLUMN outcomes.entity_id IS 'DLT principal entity id.';
COMMENT ON COLUMN outcomes.template_id IS 'DLT template id.';
COMMENT ON COLUMN outcomes.body IS 'Text of the message.';
COMMENT ON COLUMN outcomes.encoding IS 'gsm7 or ucs2: how the body travels over the air.';
COMMENT ON COLUMN outcomes.n_segments IS 'Parts that the body takes over the air, each billed.';
COMMENT ON COLUMN outcomes.planned_at IS 'When the message was planned.';
COMMENT ON COLUMN outcomes.submit_result IS 'Best submit result: accepted, unclear, refused, unsent; null without any attempt.';
COMMENT ON COLUMN outcomes.submit_code IS 'Smallest code of the gateway with that result.';
COMMENT ON COLUMN outcomes.submitted_at IS 'Our first attempt with that result.';
COMMENT ON COLUMN outcomes.gateway_message_id IS 'The gateway''s id: from those submit responses, else from the DLRs.';
COMMENT ON COLUMN outcomes.raw_status IS 'Smallest word of the gateway among the DLRs of the best status.';
COMMENT ON COLUMN outcomes.mcc_mnc IS 'Operator: the largest that any DLR names.';
COMMENT ON COLUMN outcomes.cost IS 'The largest that any DLR names.';
COMMENT ON COLUMN outcomes.charge IS 'The largest that any DLR names.';
COMMENT ON COLUMN outcomes.age_s IS 'Seconds from submitted_at (else planned_at) to the time that is asked for.';
COMMENT ON COLUMN outcomes.is_overdue IS 'Whether it is no_dlr and at least as old as the horizon.';
COMMENT ON COLUMN outcomes.is_latency_negative IS 'Whether the report is dated before the submission.';
COMMENT ON COLUMN outcomes.is_dlr_only IS 'Whether no message of ours is known: only DLRs tell of it.';
COMMENT ON COLUMN outcomes.is_simulated IS 'Whether the simulator played the gateway.';
