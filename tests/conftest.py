"""Fixtures of the tests that no single addon owns.

They drive real server processes from outside; ``make test`` prepares what they need
(``make test ARGS="--only root -k something"`` runs some of them).

``served``
    a running server on 127.0.0.1 with the addons, without demo data. It is started once for a file (Odoo's test cases end all processes they find at their
    end): create your own records, do not count on being alone.
    ``served.url``, ``served.database``, ``served.log`` (path), ``served.query(sql)``
    and ``served.shell(code)`` (Python with ``env``; commit yourself).
``rpc(login="admin", password=None, on=None)``
    an XML-RPC client, see :class:`helpers.rpc.Rpc`. ``rpc().new_user(login, groups)``
    makes a least-privileged user and logs in as that user.
``json2(*logins, on=None)``
    a JSON-2 client with an API key of that user (default admin), see
    :class:`helpers.rpc.Json2`; a list of clients for several users.
``browser``
    ``page = browser.page(served, login="admin", size=PHONE)`` (``from helpers.web
    import DESKTOP, PHONE``), a Playwright page; ``browser.shot(page, "name")`` keeps
    a picture. Console errors fail the test.
``new_database(name, template="plain")``
    a database of its own, dropped afterwards: ``.install()``, ``.update()``,
    ``.uninstall()``, ``.query()``, ``.shell()``, ``.loud_lines()``. Templates:
    ``plain``, ``demo`` (stock modules), ``addons`` (ours installed, no demo data).
``artifacts``
    a directory that is kept after the run.
"""

import secrets
import signal

import pytest
from passlib.context import CryptContext

from devtools import paths, proc
from devtools.browser import find as find_chromium
from devtools.served import Served
from helpers.bench import SERVER_OPTIONS, VARIABLE, Bench
from helpers.rpc import Json2, Rpc
from helpers.web import ARGUMENTS, Browser

#: What ``res.users.apikeys._generate`` writes, which no call from outside may ask for.
MAKE_KEY = """
    INSERT INTO res_users_apikeys (name, user_id, expiration_date, key, index)
    SELECT 'test', id, now() + interval '1 day', '{hashed}', '{index}'
      FROM res_users WHERE login = '{login}'"""
KEYS = CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=1)


@pytest.fixture(scope="session")
def bench():
    """Return the prepared Odoo; see :class:`helpers.bench.Bench`."""
    prepared = Bench.prepared()
    if prepared is None:
        pytest.fail(f"{VARIABLE} is not set: run these tests by `make test`")
    return prepared


@pytest.fixture(scope="session")
def artifacts():
    """Return the directory of what the tests leave to look at."""
    paths.ARTIFACTS.mkdir(parents=True, exist_ok=True)
    return paths.ARTIFACTS


class ServedDatabase(Served):
    """A served database that can also be asked directly."""

    def __init__(self, database, log):
        super().__init__(database.odoo, database.name, log, options=SERVER_OPTIONS)
        self.query = database.query
        self.shell = database.shell
        self.keys = {}

    def stop(self):
        """End it at once: what it would still finish is dropped with the database."""
        if self.process:
            proc.stop(self.process, signal.SIGKILL)

    def make_keys(self, *logins):
        """Return API keys of users by login, made where there is none yet."""
        for login in set(logins) - set(self.keys):
            key = self.keys[login] = secrets.token_hex(20)
            values = {"hashed": KEYS.hash(key), "index": key[:8], "login": login}
            self.query(MAKE_KEY.format(**values))
        return self.keys


@pytest.fixture(scope="module")
def served(bench):
    """Serve a database with the addons and no demo data."""
    database = bench.database("served", "addons")
    log = paths.ARTIFACTS / f"{database.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    with ServedDatabase(database, log) as server:
        yield server
    database.drop()


@pytest.fixture
def rpc(request):
    """Return a function that logs in over XML-RPC."""

    def connect(login="admin", password=None, on=None):
        server = on or request.getfixturevalue("served")
        return Rpc(server.url, server.database, login, password)

    return connect


@pytest.fixture
def json2(request):
    """Return a function that makes JSON-2 clients with API keys of some users."""

    def connect(*logins, on=None):
        logins = logins or ("admin",)
        server = on or request.getfixturevalue("served")
        keys = server.make_keys(*logins)
        made = [Json2(server.url, server.database, keys[login]) for login in logins]
        return made if len(made) > 1 else made[0]

    return connect


@pytest.fixture(scope="module")
def chromium():
    """Start Chromium once."""
    program = find_chromium()
    if not program:
        pytest.skip("there is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(
            executable_path=program, args=list(ARGUMENTS)
        )
        yield instance
        instance.close()


@pytest.fixture
def browser(chromium, artifacts):
    """Open pages; fail the test when they met errors."""
    opened = Browser(chromium, artifacts)
    yield opened
    errors = opened.close_pages()
    assert not errors, "the browser met errors:\n" + "\n".join(errors)


@pytest.fixture
def new_database(bench):
    """Return a function that makes databases of the test's own."""
    made = []

    def make(name, template="plain"):
        database = bench.database(name, template)
        made.append(database)
        return database

    yield make
    for database in made:
        database.drop()
