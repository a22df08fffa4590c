"""Several people who call a served database at the same moment."""

import dataclasses
import threading
import time
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from xml.parsers.expat import ExpatError

from helpers.rpc import Rpc

#: A connection that was cut off, before an answer, within it or with an empty one.
BROKEN = (OSError, HTTPException, xmlrpc.client.ProtocolError, ExpatError)


@dataclasses.dataclass
class Call:
    """What came of one call: its answer, the sentence it was refused with, or neither
    if the connection broke."""

    name: str
    seconds: float
    answer: object = None
    refusal: str = ""
    broken: str = ""

    @property
    def accepted(self):
        return not self.refusal and not self.broken


class OneTry(xmlrpc.client.Transport):
    """Send a call once. The standard transport sends it a second time when the
    connection breaks, and then nobody knows which of the two was carried out."""

    def request(self, host, handler, request_body, verbose=False):
        return self.single_request(host, handler, request_body, verbose)


class OneTryRpc(Rpc):
    """A client that tells when a call was cut off."""

    def __init__(self, url, database, login, password=None):
        super().__init__(url, database, login, password)
        self._models = xmlrpc.client.ServerProxy(
            f"{url}/xmlrpc/2/object", transport=OneTry()
        )


def call(name, function, *arguments):
    """Make one call and time it."""
    start = time.monotonic()
    result = Call(name, 0.0)
    try:
        result.answer = function(*arguments)
    except xmlrpc.client.Fault as fault:
        result.refusal = fault.faultString
    except BROKEN as error:
        result.broken = repr(error)
    result.seconds = time.monotonic() - start
    return result


def together(*functions):
    """Run functions at the same moment, each in a thread; return their results."""
    barrier = threading.Barrier(len(functions))

    def run(function):
        barrier.wait()
        return function()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


class Crowd:
    """Agents of a desk, each with a client of their own.

    :param desk: a :class:`helpers.desk.Desk`
    :param int count: how many
    """

    def __init__(self, desk, count):
        self.desk = desk
        logins = [f"{desk.tag}_crowd_{number}" for number in range(count)]
        groups = [
            desk.admin.ref("helpdesk_base.group_helpdesk_user"),
            desk.admin.ref("hr_timesheet.group_hr_timesheet_user"),
        ]
        values = [
            {
                "name": login,
                "login": login,
                "password": login,
                "group_ids": [(6, 0, groups)],
            }
            for login in logins
        ]
        user_ids = desk.admin.call(
            "res.users", "create", values, context={"no_reset_password": True}
        )
        desk.admin.create(
            "hr.employee",
            [
                {"name": login, "user_id": user_id}
                for login, user_id in zip(logins, user_ids, strict=True)
            ],
        )
        server = desk.server
        self.clients = [
            OneTryRpc(server.url, server.database, login) for login in logins
        ]

    def log(self, tickets, hours, count, limit=90, field="helpdesk_ticket_id"):
        """Let every agent log on an own ticket as fast as the server answers.

        :param list tickets: ids, one for each agent
        :param field: of a line that names the ticket; ``task_id`` for tasks
        :param float hours: of each line
        :param int count: lines of each agent
        :param float limit: seconds after which nobody begins another line
        :return: the calls; each line is named like its call
        """
        end = time.monotonic() + limit

        def log_as(place):
            client, ticket = self.clients[place], tickets[place]
            calls = []
            for number in range(count):
                if time.monotonic() > end:
                    break
                name = f"{client.login} {ticket} {number}"
                values = {
                    "name": name,
                    field: ticket,
                    "unit_amount": hours,
                    "date": self.desk.today,
                }
                calls.append(call(name, client.create, "account.analytic.line", values))
            return calls

        places = range(len(self.clients))
        lists = together(*(lambda place=place: log_as(place) for place in places))
        return [one for calls in lists for one in calls]
