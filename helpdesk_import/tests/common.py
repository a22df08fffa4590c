from odoo.addons.helpdesk_base.tests.common import MANAGER
from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import ReinvoiceCommon

APPROVER = "hr_timesheet.group_hr_timesheet_approver"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {
    "has_headers": True,
    "quoting": '"',
    "separator": ",",
    "encoding": "utf-8",
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
}


class ImportCommon(ReinvoiceCommon):
    """Ida Import moves the desk: she administers it and may record time of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.importer = cls._new_user(
            "hd_import", f"{MANAGER},{APPROVER}", name="Ida Import", tz="UTC"
        )

    def _import(self, model, content, user=None, dryrun=False):
        """Import a file as the import screen does, with the fields that it proposes.

        :param content: text of a CSV, or bytes of a spreadsheet
        :return: the result, with the ``headings`` of the screen, and as ``unknown``
            those that no field was found for
        """
        is_text = isinstance(content, str)
        screen = self.env["base_import.import"].with_user(user or self.importer)
        screen = screen.create(
            {
                "res_model": model,
                "file": content.encode() if is_text else content,
                "file_name": "file.csv" if is_text else "file.xlsx",
                "file_type": "text/csv" if is_text else XLSX,
            }
        )
        preview = screen.parse_preview(dict(OPTIONS))
        headers = preview["headers"]
        paths = ["/".join(preview["matches"].get(i, [])) for i in range(len(headers))]
        options = {**OPTIONS, **preview["options"]}
        result = screen.execute_import(
            [path or False for path in paths], headers, options, dryrun=dryrun
        )
        result["headings"] = headers
        result["unknown"] = [
            name for name, path in zip(headers, paths, strict=True) if not path
        ]
        return result

    def _load(self, model, names, *rows, user=None):
        """Import rows by call."""
        records = self.env[model].with_user(user or self.importer)
        return records.load(names, [list(row) for row in rows])

    def assertRefused(self, result, regex):
        self.assertFalse(result["ids"])
        self.assertRegex(" ".join(m["message"] for m in result["messages"]), regex)
