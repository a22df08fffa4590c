"""Pages in a real Chromium that notice errors and keep pictures."""

import contextlib
import re

import pytest

#: Viewports as (width, height).
DESKTOP = (1366, 900)
PHONE = (390, 844)
SIZES = {"desktop": DESKTOP, "phone": PHONE}
#: A test that is clicked at each size; the phone's clicks are left to the deep run.
EACH_SIZE = pytest.mark.parametrize(
    "size", ["desktop", pytest.param("phone", marks=pytest.mark.deep)]
)
#: Console errors that say nothing about our screens.
HARMLESS = (
    r"favicon",
    # A page that is left cancels what it was loading.
    r"net::ERR_ABORTED",
    r"ConnectionLostError|Connection .*lost",
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


class Browser:
    """Chromium, started once for all tests.

    :param chromium: a Playwright browser
    :param artifacts: directory pictures are kept in
    """

    def __init__(self, chromium, artifacts):
        self.chromium = chromium
        self.artifacts = artifacts
        self.errors = []
        self._contexts = []

    def page(self, served, login=None, password=None, size=DESKTOP):
        """Open a page of a served database, logged in if a login is given.

        Console errors and uncaught exceptions are collected and fail the test at its
        end; see :meth:`expect_errors` for a test that provokes them.

        :param served: the ``served`` or ``served_demo`` fixture
        :param login: user; the password is the login unless given
        :param size: ``DESKTOP`` or ``PHONE``
        """
        context = self.chromium.new_context(
            base_url=served.url,
            viewport={"width": size[0], "height": size[1]},
            has_touch=size[0] < 768,
            is_mobile=size[0] < 768,
            locale="en-US",
        )
        context.set_default_timeout(30_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self._note(f"uncaught: {error}"))
        if login:
            self.log_in(page, login, password or login)
        return page

    def log_in(self, page, login, password):
        """Log in as the form does, without waiting for a page: the next one is the
        first that is loaded."""
        form = page.request.get("/web/login").text()
        values = {"login": login, "password": password}
        values["csrf_token"] = re.search(r'name="csrf_token" value="(\w+)"', form)[1]
        answer = page.request.post("/web/login", form=values, max_redirects=0)
        assert answer.status == 303, f"{login} cannot log in"

    def shot(self, page, name, full_page=False):
        """Save a picture as ``.dev/artifacts/screens/<name>.png``."""
        path = self.artifacts / "screens" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, full_page=full_page, animations="disabled")
        return path

    @contextlib.contextmanager
    def expect_errors(self, pattern):
        """Allow console errors that match, inside the block only."""
        before = len(self.errors)
        yield
        kept = [text for text in self.errors[before:] if not re.search(pattern, text)]
        self.errors[before:] = kept

    def close_pages(self):
        """Close what a test opened; return the errors it met."""
        for context in self._contexts:
            context.close()
        errors, self.errors, self._contexts = self.errors, [], []
        return errors

    def _note_console(self, message):
        if message.type == "error":
            self._note(f"console: {message.text}")

    def _note(self, text):
        if not any(re.search(rule, text) for rule in HARMLESS):
            self.errors.append(text)
