"""Send: a batch file to the gateway, every message once, whatever happens in between.

`send` does it all; `batch_file` and `rows` read and check the file, `batch` keeps it, `attempts` knows what was sent,
`attempt_index` (kept in an `index_file`) which segments need not be read for that, `row_ids` names rows without an id,
`resend` counts rounds, `plan` says what would be sent, `submit` hands over, `tally` counts, `render` makes it text.
"""

from rmanalytics.send.plan import CampaignPlan, Plan
from rmanalytics.send.rows import BadRow
from rmanalytics.send.run import Sent, send
from rmanalytics.send.tally import CodeCount, Summary, Tally

__all__ = ["BadRow", "CampaignPlan", "CodeCount", "Plan", "Sent", "Summary", "Tally", "send"]
