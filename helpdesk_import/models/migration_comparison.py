from collections import Counter, defaultdict

from .migration_batch import MigrationBatch, get_id


class MigrationComparison(MigrationBatch):
    """Some hundred tickets of the old desk beside what they are here."""

    def compare(self):
        """Count both sides.

        :return: tickets that differ: what differs, number, and both figures
        :rtype: list[tuple]
        """
        old, ours = defaultdict(Counter), defaultdict(Counter)
        for old_id in self._rows:
            old["ticket"][old_id] = 1
            ours["ticket"][old_id] = int(old_id in self._here)
        by_id = {here: old_id for old_id, here in self._here.items()}
        for entity, model, rows, here, name in (
            ("message", "mail.message", self._messages, self._messages_here, "res_id"),
            ("file", "ir.attachment", self._files, self._files_here, "ticket"),
        ):
            for row in rows.values():
                old[entity][row[name]] += 1
            found = self._env[model].browse(here.values())
            found.fetch(["res_id"])
            for record in found:
                ours[entity][by_id.get(record.res_id)] += 1
        self._compare_time(old, ours, by_id)
        return self._list_differences(old, ours)

    def _compare_time(self, old, ours, by_id):
        lines = self._env["account.analytic.line"].browse(self._time_here.values())
        here = dict(zip(self._time_here, lines, strict=True))
        for old_id, row in self._time.items():
            old["time"][get_id(row, "ticket_id")] += row["unit_amount"]
            line = here.get(old_id)
            if line:
                ticket_id = by_id.get(line.helpdesk_ticket_id.id)
                ours["time"][ticket_id] += line.unit_amount
            old_item = get_id(row, "so_line")
            if old_item and not self._is_billed_elsewhere(row):
                self._compare_item(row, line, old_item)

    def _compare_item(self, row, line, old_item):
        """Hours by order item, as far as this desk is to bill them."""
        name = f"item {self._mover.sales.get_item_name(old_item)}"
        self.figures.count(name, "old", row["unit_amount"])
        item = self._mover.sales.get_item(old_item)
        if line and item and line.so_line == item:
            self.figures.count(name, "ours", line.unit_amount)
        else:
            self.figures.count(name, "ours", 0)

    def _list_differences(self, old, ours):
        differences = []
        for entity in ("ticket", "message", "file", "time"):
            for old_id in {*old[entity], *ours[entity]}:
                there, here = old[entity][old_id], ours[entity][old_id]
                self.figures.count(entity, "old", there)
                self.figures.count(entity, "ours", here)
                if abs(there - here) > 0.001:
                    row = self._rows.get(old_id) or {}
                    number = row.get("number") or row.get("name") or "?"
                    differences.append((entity, number, there, here))
        return differences
