from odoo.tests import HttpCase, no_retry, tagged


def _hash(text):
    """The id by which the browser's test runner knows a suite."""
    result = 0
    for char in text:
        result = ((result << 5) - result + ord(char)) & 0xFFFFFFFF
    return f"{result:08x}"


class ComponentCase(HttpCase):
    """Unit tests of our JavaScript, see ``static/tests``."""

    def _run(self, preset):
        suite = _hash("@helpdesk_timesheet_reinvoice")
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000&id={suite}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )


@tagged("post_install", "-at_install")
class TestComponents(ComponentCase):
    @no_retry
    def test_desktop(self):
        self._run("desktop")


@tagged("post_install", "-at_install", "deep")
class TestComponentsOnPhone(ComponentCase):
    browser_size = "375x667"
    touch_enabled = True

    @no_retry
    def test_phone(self):
        self._run("mobile&tag=-headless")
