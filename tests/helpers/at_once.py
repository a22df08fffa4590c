"""Two requests that do not see each other, for the scripts of ``test_races``.

Real transactions, each with a snapshot of its own; nothing is rolled back.
"""

import threading
import time

from odoo import SUPERUSER_ID, api, service

#: Seconds after which the first request commits, whatever the second does.
PATIENCE = 1.5


def begin(registry, uid=SUPERUSER_ID):
    """Return the environment of a request that has taken its snapshot."""
    cr = registry.cursor()
    cr.execute("SELECT 1 FROM helpdesk_ticket LIMIT 1")
    return api.Environment(cr, uid, {})


def carry_out(env, act, *arguments):
    """Do what a request does: again, where PostgreSQL asks for it; then it is over.

    :param act: callable, given the environment and the arguments
    :return: what it returns
    """
    try:
        return service.model.retrying(lambda: act(env, *arguments), env)
    finally:
        env.cr.close()


def overlap(first, second, work, *arguments):
    """Commit a request while another one is at it.

    :param first: environment of the request that has done its work, not committed
    :param second: environment of the other one
    :param work: callable, given the second environment and the arguments: what the other
        one does. It is begun now, and the first one is committed as soon as it waits for
        a lock, or has ended.
    """
    thread = threading.Thread(target=work, args=(second, *arguments))
    pid = second.cr.connection.info.backend_pid
    thread.start()
    limit = time.monotonic() + PATIENCE
    with first.registry.cursor() as watcher:
        while thread.is_alive() and time.monotonic() < limit:
            watcher.execute(
                "SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted", [pid]
            )
            if watcher.rowcount:
                break
            thread.join(0.02)
    try:
        first.cr.commit()
    finally:
        first.cr.close()
        thread.join(60)
