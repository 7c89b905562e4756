"""What is counted of requests. Labels are routes and codes: never a path, an address or a person.

With PROMETHEUS_MULTIPROC_DIR the processes of one machine count into one folder (prometheus_client's multiprocess
mode); without it each counts for itself.
"""

from typing import Final

from prometheus_client import Counter, Histogram

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS: Final = Counter("jisr_http_requests", "Requests answered", ["method", "route", "status"])
REQUEST_SECONDS: Final = Histogram(
    "jisr_http_request_seconds", "Time to answer", ["method", "route"], buckets=SECONDS
)
