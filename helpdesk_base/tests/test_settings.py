from lxml import etree

from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestSettings(TransactionCase):
    """Helpdesk > Configuration > Settings lists what can be added to the desk."""

    def _get_options(self):
        Settings = self.env["res.config.settings"]
        arch = etree.fromstring(Settings.get_view(view_type="form")["arch"])
        [block] = arch.xpath(
            "//app[@name='helpdesk_base']/block[@name='helpdesk_time']"
        )
        return block

    def test_each_option_is_an_addon(self):
        """A tick has to install something, and says what it is for."""
        modules = self.env["res.config.settings"]._get_classified_fields()["module"]
        modules = {f"module_{module.name}": module for module in modules}
        settings = self._get_options().xpath(".//setting")
        self.assertTrue(settings)
        for setting in settings:
            [field] = setting.xpath("./field")
            self.assertTrue(setting.get("help"))
            module = modules[field.get("name")]
            self.assertNotEqual(module.state, "uninstallable")
            self.assertEqual(setting.get("id"), module.name)

    def test_ticked_is_what_is_installed(self):
        settings = self.env["res.config.settings"].create({})
        for field in self._get_options().xpath(".//field"):
            name = field.get("name")
            module = self.env["ir.module.module"]._get(name.removeprefix("module_"))
            self.assertEqual(settings[name], module.state == "installed", name)

    def test_menu_is_for_who_may_install(self):
        menu = self.env.ref("helpdesk_base.helpdesk_menu_config_settings")
        manager = "helpdesk_base.group_helpdesk_manager"
        for groups, seen in ((manager, False), (f"{manager},base.group_system", True)):
            user = new_test_user(self.env, f"settings_{seen}", groups)
            self.assertEqual(
                menu.id in self.env["ir.ui.menu"].with_user(user)._visible_menu_ids(),
                seen,
            )
        self.assertEqual(menu.action.path, "helpdesk-settings")
