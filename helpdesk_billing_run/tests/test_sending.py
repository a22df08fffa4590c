from unittest.mock import patch

from odoo.tests import tagged

from .run_common import RunCommon


@tagged("post_install", "-at_install")
class TestSending(RunCommon):
    """Who gets no mail is known before; who gets one gets the work along."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_a.email = "alpha@example.com"
        cls.customer_b.email = False

    def _new_sending_run(self, **values):
        values = {"post_invoices": True, "send_invoices": True, **values}
        return self._new_run(**values)

    def _unsent(self, run):
        return run.line_ids.filtered("unsent_reason")

    def test_listed_before_and_skipped(self):
        run = self._new_sending_run()
        unsent = self._unsent(run)
        self.assertEqual(unsent.sale_line_id, self.item_b)
        self.assertIn("no e-mail address", unsent.unsent_reason)
        self.assertEqual(run.unsent_count, 1)
        self.assertEqual(run.action_view_unsent()["domain"], [("id", "in", unsent.ids)])
        moves = self._run(run)
        by_item = {move.invoice_line_ids.sale_line_ids: move for move in moves}
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertTrue(by_item[self.item_a].sending_data)
        self.assertFalse(by_item[self.item_b].sending_data)
        self.assertIn("no e-mail address", self._unsent(run).unsent_reason)
        self.customer_b.email = "beta@example.com"
        self.env.invalidate_all()
        self.assertFalse(self._unsent(run), "it can be sent from the invoice now")

    def test_mended_before(self):
        run = self._new_sending_run()
        self.customer_b.email = "beta@example.com"
        run.invalidate_recordset()
        run.line_ids.invalidate_recordset()
        self.assertFalse(run.unsent_count)

    def test_customer_who_wants_another_way(self):
        self.customer_a.invoice_sending_method = "manual"
        run = self._new_sending_run()
        self.assertEqual(run.unsent_count, 2)
        self.assertIn("by hand", " ".join(self._unsent(run).mapped("unsent_reason")))

    def test_nothing_is_said_where_nothing_is_sent(self):
        run = self._new_run()
        self.assertEqual((run.unsent_count, len(self._unsent(run))), (0, 0))

    # === WORK REPORT === #

    def _attached(self, move):
        """Names of the reports that stock is to make for the mail."""
        send = self.env["account.move.send"]
        template = send._get_default_mail_template_id(move)
        data = send._get_default_mail_attachments_widget(move, template)
        return [one["dynamic_report"] for one in data if one.get("dynamic_report")]

    def test_work_report_of_time_only(self):
        report = self.env.ref("sale_timesheet.timesheet_report_account_move")
        moves = self._run(self._new_sending_run())
        move = moves.filtered("sending_data")
        self.assertEqual(self._attached(move), [report.report_name])
        move.timesheet_ids.sudo().timesheet_invoice_id = False
        self.assertEqual(self._attached(move), [], "no time, no report")
        self.env.ref("account.email_template_edi_invoice").report_template_ids = report
        self.assertEqual(self._attached(move), [])

    def test_no_work_report_where_not_wanted(self):
        moves = self._run(self._new_sending_run(attach_work_report=False))
        self.assertEqual(self._attached(moves.filtered("sending_data")), [])

    def test_work_report_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer_a.lang = "fr_FR"
        move = self._run(self._new_sending_run()).filtered("sending_data")
        send, langs = self.env["account.move.send"], []
        Report = self.env.registry["ir.actions.report"]

        def render(reports, name, ids, **_kwargs):
            langs.append((name, reports.env.lang))
            return b"x", "pdf"

        settings = send._get_default_sending_settings(move, from_cron=True)
        with patch.object(Report, "_render", render):
            send._generate_dynamic_reports({move: settings})
        name = "sale_timesheet.report_timesheet_account_move"
        self.assertEqual(langs, [(name, "fr_FR")])
