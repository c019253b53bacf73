"""One running process: its database, clock, broker, relay, worker and jobs."""

import logging
import sys
from dataclasses import dataclass, field

from dramatiq import Broker, Worker

from cosmo import clock
from cosmo.actors import declare_deliver
from cosmo.broker import is_embedded, make_broker
from cosmo.builtin import kernel_jobs
from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.jobs import JobRunner, end_job_leases, module_jobs
from cosmo.migrating import migrate
from cosmo.relay import Relay, end_leases
from cosmo.settings import Settings

THREADS = 4
"""Worker threads of a process that works on deliveries."""
HAND_OVER = 0.0005
"""Seconds a thread may keep the interpreter from others. Each statement to the database gives it away; with
Python's own 5 ms a page would wait so long after every one of them while something else computes."""
_STOP_WITHIN = 20_000  # milliseconds
_log = logging.getLogger(__name__)


@dataclass
class Runtime:
    """`start()` to `stop()`. With an outside broker only `works=True` processes work and run jobs."""

    settings: Settings
    works: bool = False
    database: Database = field(init=False)
    broker: Broker = field(init=False)
    _relay: Relay = field(init=False)
    _worker: Worker | None = field(init=False, default=None)
    _jobs: JobRunner | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.database = Database(self.settings.database_url)
        self.database.files = self.settings.attachments
        self.broker = make_broker(self.settings.broker_url)
        deliver = declare_deliver(self.broker, self.database)
        self._relay = Relay(self.database, deliver.send)

    def start(self) -> None:
        """Migrate, wake the clock, then begin to work."""
        sys.setswitchinterval(HAND_OVER)
        for line in migrate(self.database):
            _log.info("migrated %s", line)
        with self.database.write() as session:
            clock.wake_up(session, self.settings.clock)
        if is_embedded(self.broker):
            self._take_over()
        if self.works or is_embedded(self.broker):
            self._begin_work()
        self._relay.start()

    def _take_over(self) -> None:
        """Messages lived in the memory of the process before us: all leases are over."""
        with self.database.write() as session:
            end_leases(session, wall_time())
            if self.database.dialect == "sqlite":
                end_job_leases(session)

    def _begin_work(self) -> None:
        self.broker.emit_after("process_boot")
        self._worker = Worker(self.broker, worker_threads=THREADS, worker_timeout=200)
        self._worker.start()
        self._jobs = JobRunner(self.database, [*kernel_jobs(self.settings), *module_jobs()])
        self._jobs.start()

    def stop(self) -> None:
        """Finish what is in hand; what is not done is due again for the next process."""
        if self._jobs is not None:
            self._jobs.stop()
        self._relay.stop()
        if self._worker is not None:
            self._worker.stop(timeout=_STOP_WITHIN)
        self.broker.close()
        self.database.dispose()
