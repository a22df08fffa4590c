"""What a person does in Odoo's screens, at desktop and phone width.

Everything is found by the words a person reads, so that a changed label is noticed.
"""

import re


class Clicks:
    """A user in front of a page.

    :param browser: the ``browser`` fixture
    :param page: a page of it, logged in
    :param name: how the pictures begin
    """

    def __init__(self, browser, page, name):
        self.browser = browser
        self.page = page
        self.name = name
        self.phone = page.viewport_size["width"] < 768
        self.shots = 0
        self._asked = set()
        page.on("request", self._note_request)
        for event in ("requestfinished", "requestfailed"):
            page.on(event, self._note_answer)

    # === GETTING AROUND === #

    def menu(self, app, *sections):
        """Open an app and go down its menus by their labels."""
        if self.phone:
            self._menu_on_phone(app, *sections)
        else:
            self._menu_on_desktop(app, *sections)
        self.settle()

    def _menu_on_desktop(self, app, *sections):
        self.page.locator(".o_navbar_apps_menu button").click()
        self._exact(".o-dropdown--menu .o_app", app).click()
        self._exact(".o_menu_brand", app).wait_for()
        self.settle()
        for number, label in enumerate(sections):
            place = ".o_menu_sections > *" if number == 0 else ".o-dropdown--menu > *"
            self._exact(place, label).click()

    def _menu_on_phone(self, app, *sections):
        self.page.locator(".o_menu_toggle").click()
        sidebar = self.page.locator(".o_app_menu_sidebar")
        sidebar.wait_for()
        if sidebar.get_by_text("All Apps").is_visible():
            sidebar.get_by_text("All Apps").click()
        self._exact(".o_app_menu_sidebar .o_app", app).click()
        sidebar.wait_for(state="detached")
        self.settle()
        if sections:
            self.page.locator(".o_menu_toggle").click()
            sidebar.wait_for()
            for label in sections[:-1]:
                assert sidebar.get_by_text(label, exact=True).first.is_visible()
            sidebar.get_by_text(sections[-1], exact=True).last.click()
            sidebar.wait_for(state="detached")

    def open(self, path):
        """Go to an address of the web client; return once it shows something."""
        self.page.goto(path)
        self.page.locator(".o_action_manager > *").first.wait_for()
        self.settle()

    def settle(self, quiet=300, limit=60_000):
        """Wait until the server answered everything the page asked for.

        :param quiet: milliseconds without a question before that is believed
        :param limit: milliseconds after which it is given up
        """
        waited = calm = 0
        while calm < quiet:
            self.page.wait_for_timeout(50)
            calm = 0 if self._asked else calm + 50
            waited += 50
            assert waited < limit, f"still loading: {self._asked}"

    def _note_request(self, request):
        if re.search(r"/web/(dataset|action|webclient|bundle)|/mail/data", request.url):
            self._asked.add(request)

    def _note_answer(self, request):
        self._asked.discard(request)

    def shot(self, what):
        """Keep a numbered picture; returns its path."""
        self.shots += 1
        return self.browser.shot(self.page, f"{self.name}-{self.shots:02d}-{what}")

    # === READING === #

    def field(self, name, within=".o_form_view"):
        """Return the element of a field, by default of the form."""
        return self.page.locator(f"{within} div[name='{name}']:visible").first

    def label(self, text):
        """Find a label of the form by its exact text; it must be there."""
        found = self._exact(".o_form_view label:visible", text)
        found.wait_for()
        return found

    def column(self, header, row):
        """Return what a row of the form's list shows in the column with this header.

        :param row: text of the row
        """
        heads = self.page.locator(".o_list_renderer:visible th")
        titles = [title.strip() for title in heads.all_inner_texts()]
        assert header in titles, f"there is no column {header}: {titles}"
        cells = (
            self.page.locator(".o_data_row").filter(has_text=row).first.locator("td")
        )
        return cells.nth(titles.index(header)).inner_text().strip()

    def cell(self, name, text):
        """Wait for a row of the form's list that shows a text in the cell of a field."""
        cells = self.page.locator(f".o_data_row td[name='{name}']:visible")
        cells.filter(has_text=text).first.wait_for()

    def state(self):
        """Return the state a document is in, by its status bar."""
        current = self.page.locator(
            ".o_statusbar_status .o_arrow_button_current:visible"
        )
        return current.first.inner_text().strip()

    def text(self):
        """Return all the words on the screen."""
        return self.page.locator("body").inner_text()

    def value(self, name, within=".o_form_view"):
        """Return what a field shows, by default of the form."""
        box = self.field(name, within)
        entry = box.locator("input, textarea")
        return entry.first.input_value() if entry.count() else box.inner_text().strip()

    def shows(self, name, text, limit=15_000):
        """Tell whether a field of the form comes to show a text in time."""
        for _number in range(limit // 100):
            if self.field(name).count() and self.value(name) == text:
                return True
            self.page.wait_for_timeout(100)
        return False

    def _exact(self, selector, text):
        """Locate by exact visible text; a label may end in the sign of its tooltip."""
        pattern = re.compile(rf"^\s*{re.escape(text)}\s*\??\s*$")
        return self.page.locator(selector).filter(has_text=pattern).first

    # === WRITING === #

    def tick(self, name, label):
        """Tick a checkbox that has this label."""
        if not self.is_ticked(name, label):
            self.field(name).locator("input[type=checkbox]").click()

    def is_ticked(self, name, label):
        """Tell whether a checkbox that has this label is ticked."""
        self.label(label)
        return self.field(name).locator("input[type=checkbox]").is_checked()

    def type(self, name, text, within=".o_form_view"):
        """Type into a field."""
        self.field(name, within).locator("input, textarea").first.fill(text)

    def open_record(self, name):
        """Follow the arrow beside a field to its record."""
        box = self.field(name)
        box.hover()
        box.locator(".o_external_button").click()
        self.settle()

    def open_row(self, text):
        """Open the record of a list or of cards that shows a text."""
        rows = self.page.locator(".o_data_row:visible, .o_kanban_record:visible")
        row = rows.filter(has_text=text).first
        # the words themselves: in the middle may be a widget of its own, and a tooltip
        # below the mouse
        self.page.mouse.move(0, 0)
        row.get_by_text(text).first.click()
        self.settle()

    def link(self, text):
        """Click what shows exactly these words."""
        self.page.get_by_text(text, exact=True).first.click()
        self.settle()

    def choose(self, name, text, within=None):
        """Choose a record by its name from a drop-down.

        On a phone most drop-downs are a dialog of cards instead.
        """
        entry = (within or self.field(name)).locator("input").first
        entry.click()
        if self.phone and entry.get_attribute("readonly") is not None:
            self._choose_in_dialog(text)
            return
        entry.fill(text)
        items = self.page.locator(".o-autocomplete--dropdown-item:visible")
        items.filter(has_text=text).first.click()
        self.settle()

    def _choose_in_dialog(self, text):
        self.settle()
        dialog = self.page.locator(".modal:visible").last
        search = dialog.locator(".o_searchview_input")
        if not search.is_visible():
            dialog.locator(".o_control_panel button:has(.fa-search)").click()
        search.fill(text)
        search.press("Enter")
        self.settle()
        cards = dialog.locator(".o_kanban_record:visible, .o_data_row:visible")
        cards.filter(has_text=text).first.click()
        self.settle()

    def save(self):
        """Save the form by hand."""
        self.page.locator(".o_form_button_save:visible").first.click()
        self.page.locator(".o_form_button_save:visible").first.wait_for(state="hidden")
        self.settle()

    def button(self, label):
        """Click a button of the form's status bar."""
        bar = self.page.locator(".o_statusbar_buttons")
        wanted = bar.get_by_role("button", name=label, exact=True)
        if not wanted.count():
            bar.locator(".dropdown-toggle").first.click()
            menu = self.page.locator(".o-dropdown--menu:visible")
            wanted = menu.get_by_role("button", name=label, exact=True)
        wanted.first.click()
        self.settle()

    def smart_button(self, label):
        """Click a smart button of the form."""
        wanted = self.page.locator(".oe_stat_button:visible").filter(has_text=label)
        if not wanted.count():
            self.page.locator(".o_button_more:visible").first.click()
        wanted.first.click()
        self.settle()

    def press(self, *labels):
        """Click what has exactly the first of these labels that comes to be there."""
        pattern = "|".join(re.escape(label) for label in labels)
        wanted = self.page.locator("a, button, .o-kanban-button-new").filter(
            visible=True
        )
        exact = re.compile(rf"^\s*(?:{pattern})\s*$")
        wanted.filter(has_text=exact).first.click()
        self.settle()

    def card_link(self, card, label):
        """Click a link on the card that has this title."""
        title = self.page.get_by_text(card, exact=True)
        cards = self.page.locator(".o_kanban_record:visible").filter(has=title)
        found = cards.first.get_by_role("button", name=label)
        if not found.count():
            found = cards.first.locator("a, button, .o-kanban-button-new").filter(
                has_text=label
            )
        found.first.click()
        self.settle()

    def search(self, text):
        """Search in the list that is open."""
        entry = self.page.locator(".o_searchview_input")
        if not entry.is_visible():
            self.page.locator(".o_control_panel button:has(.fa-search)").click()
        offers = self.page.locator(".o_searchview_autocomplete")
        entry.fill(text)
        offers.wait_for()
        entry.press("Enter")
        offers.wait_for(state="hidden")
        self.settle()

    def on_form(self):
        """Tell whether a form is open."""
        return self.page.locator(".o_form_view").is_visible()

    def dialog_button(self, label):
        """Click a button of the dialog that is open."""
        dialog = self.page.locator(".modal:visible").last
        dialog.get_by_role("button", name=label, exact=True).click()
        self.settle()

    def tab(self, label):
        """Open a page of the notebook."""
        self._exact(".o_notebook_headers a", label).click()
        self.settle()
