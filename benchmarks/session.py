"""One sample: one rolled-back request, counted and timed."""

import contextlib
import dataclasses
import gc
import threading
import time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import close_db


@dataclasses.dataclass
class Sample:
    """What one request cost, and its SQL statements with their parameters."""

    queries: int
    ms: float
    cpu_ms: float
    statements: list


class Session:
    """Requests on one database.

    :param database: its name
    """

    def __init__(self, database):
        self.registry = Registry(database)

    def close(self):
        """Close the connections, so that the database can be dropped."""
        close_db(self.registry.db_name)

    @contextlib.contextmanager
    def request(self, uid=SUPERUSER_ID, commit=False):
        """Give the environment of a new cursor, rolled back unless told to commit."""
        with contextlib.closing(self.registry.cursor()) as cr:
            env = api.Environment(cr, uid, {"lang": "en_US", "tz": "UTC"})
            try:
                yield env
                if commit:
                    cr.commit()
            finally:
                cr.rollback()

    def sample(self, uid, prepare, run):
        """Measure a request: cold record cache, warm ormcaches, without COMMIT.

        :param uid: user of the request
        :param prepare: called with the environment before the measurement
        :param run: called with the environment and what ``prepare`` returned
        :rtype: Sample
        """
        statements = []

        def note(_cursor, query, parameters, _start, _delay):
            statements.append((str(query), parameters))

        with self.request(uid) as env:
            argument = prepare(env)
            env.cr.flush()
            env.transaction.clear()
            env.cr.cache.clear()
            gc.collect()
            thread = threading.current_thread()
            thread.query_hooks = (note,)
            count, start, cpu = (
                env.cr.sql_log_count,
                time.perf_counter(),
                time.process_time(),
            )
            try:
                run(env, argument)
                env.cr.flush()
                return Sample(
                    env.cr.sql_log_count - count,
                    (time.perf_counter() - start) * 1000,
                    (time.process_time() - cpu) * 1000,
                    statements,
                )
            finally:
                thread.query_hooks = ()
