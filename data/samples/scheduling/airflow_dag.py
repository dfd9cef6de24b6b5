"""Airflow DAG that runs the notebooks unchanged.

Before the first run: `.venv/bin/python -m ipykernel install --name rmanalytics`.
"""

from datetime import datetime

from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.sdk import DAG

SMS = "/srv/sms"

with DAG("sms_report", schedule="30 1 * * *", start_date=datetime(2026, 11, 1), catchup=False):  # noqa: DTZ001
    for name in ("campaign_delivery",):
        PapermillOperator(
            task_id=name,
            input_nb=f"{SMS}/notebooks/{name}.ipynb",
            output_nb=f"{SMS}/data/reports/{name}-{{{{ ds }}}}.ipynb",
            parameters={"home": f"{SMS}/data", "since": "{{ ds }}", "until": "{{ ds }}"},
            kernel_name="rmanalytics",
            language_name="python",
        )
