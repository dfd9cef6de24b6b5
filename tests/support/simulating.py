"""A request that is right, and a client that submits it over real HTTP."""

from __future__ import annotations

from typing import Any

import httpx

from rmanalytics import simulator

FIELDS = {
    "username": "acct",
    "password": "s3cret",
    "type": "0",
    "dlr": "1",
    "destination": "919800000001",
    "source": "TESTSM",
    "message": "Your code is 1234",
}
"""A request that is right."""


class Client:
    """Submits to one simulator over real HTTP."""

    def __init__(self, sim: simulator.Running, http: httpx.Client) -> None:
        self.sim = sim
        self.http = http

    def submit(self, name: str = "bulksms", **fields: str) -> str:
        """Return the answer to a POST form; a field given as "-" is left out."""
        form = {key: value for key, value in (FIELDS | fields).items() if value != "-"}
        return self.http.post(self.sim.endpoint(name), data=form).text

    def submit_json(self, value: Any, name: str = "jsonbulksms") -> Any:
        """Return the decoded answer to a JSON body."""
        answer = self.http.post(self.sim.endpoint(name), json=value)
        return answer.json() if "json" in answer.headers["content-type"] else answer.text
