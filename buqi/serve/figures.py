"""What Prometheus reads at ``/metrics``."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Figures:
    """Counters of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter("buqi_requests", "Requests", ["method", "route", "status"], registry=self.registry)
        self.seconds = Histogram(
            "buqi_request_seconds", "Time of a request", ["route"], buckets=BUCKETS, registry=self.registry
        )
        self.addresses = Counter("buqi_addresses", "Addresses by status", ["status"], registry=self.registry)
        self.refused = Counter("buqi_refused", "Requests refused", ["why"], registry=self.registry)
        self.tokens = Counter("buqi_tokens", "Tokens", ["kind"], registry=self.registry)
        self.queue = Gauge("buqi_queue", "What waits", ["queue"], registry=self.registry)
        self.jobs = Gauge("buqi_jobs", "Jobs by status", ["status"], registry=self.registry)

    def watch(self, name: str, count: Callable[[], float]) -> None:
        """Show a queue's length."""
        self.queue.labels(name).set_function(count)

    def text(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        return generate_latest(self.registry)
