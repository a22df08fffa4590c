from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models


class Forecast(NamedTuple):
    """What a run would bill of an item, if it were made now.

    ``quantity`` is in the unit of the item, ``amount`` without and ``tax`` of taxes in
    the currency of the order, ``amount_company`` and ``tax_company`` in the company's.
    """

    quantity: float
    amount: float
    tax: float
    amount_company: float
    tax_company: float


class Billed(NamedTuple):
    """What invoices bill for some time of an item: its hours, and their share of the
    amounts without taxes, in the currency of the order and in the company's."""

    hours: float
    amount: float
    amount_company: float


class SaleOrderLine(models.Model):
    """What the open time of an item will cost."""

    _inherit = "sale.order.line"

    def _read_forecast(self, run):
        """What a run would bill of these items, to the cent: its invoices are computed
        by the methods that make them, and not made. A constant number of queries.

        :param TimeRun run: what it takes
        :return: :class:`Forecast` by item id, without items of which it takes nothing
        :rtype: dict
        """
        quantities = self._read_quantities_of_run(run)
        items = self.browse(quantities)
        items.order_id.mapped("currency_id")
        base_lines, invoices = {}, {}
        rates = items._get_rates_of_today()
        for item in items:
            own = [
                item._prepare_base_line_for_taxes_computation(
                    quantity=quantity, rate=rates[item.company_id, item.currency_id]
                )
                for quantity in quantities[item.id]
            ]
            base_lines[item.id] = own
            company = item.company_id
            self.env["account.tax"]._add_tax_details_in_base_lines(own, company)
            if sum(quantities[item.id]) > 0:
                key = (company, item.order_id._get_invoice_key(run))
                invoices.setdefault(key, []).extend(own)
            else:
                self.env["account.tax"]._round_base_lines_tax_details(own, company)
        for (company, _key), lines in invoices.items():
            self.env["account.tax"]._round_base_lines_tax_details(lines, company)
        return {
            item.id: item._get_forecast(quantities[item.id], base_lines[item.id])
            for item in items
        }

    def _get_rates_of_today(self):
        """Rates that invoices of today get, by company and currency.

        :rtype: dict
        """
        today = fields.Date.context_today(self)
        return {
            (company, currency): currency._get_conversion_rate(
                company.currency_id, currency, company, today
            )
            for company, currency in {
                (item.company_id, item.currency_id) for item in self
            }
        }

    def _get_forecast(self, quantities, base_lines):
        """Add up what the invoice lines of this item bill.

        :param list quantities: one for each invoice line
        :param list base_lines: of the computation of taxes, rounded
        :rtype: Forecast
        """
        currency, company = self.currency_id, self.company_id
        amount = tax = amount_company = tax_company = 0.0
        for line in base_lines:
            details = line["tax_details"]
            amount += details["total_excluded_currency"]
            amount += details["delta_total_excluded_currency"]
            amount_company += details["total_excluded"]
            amount_company += details["delta_total_excluded"]
            tax += sum(data["tax_amount_currency"] for data in details["taxes_data"])
            tax_company += sum(data["tax_amount"] for data in details["taxes_data"])
        return Forecast(
            sum(quantities),
            currency.round(amount),
            currency.round(tax),
            company.currency_id.round(amount_company),
            company.currency_id.round(tax_company),
        )

    @api.model
    def _read_billed(self, domain):
        """What was billed for some time. A constant number of queries.

        :param Domain domain: on ``account.analytic.line``
        :return: :class:`Billed` by item
        :rtype: dict
        """
        Line = self.env["account.analytic.line"]
        groups = Line._read_group(
            domain & Line._domain_time("billed"),
            ["so_line", "timesheet_invoice_id"],
            ["billable_hours:sum"],
        )
        items = self.browse({item.id for item, *_rest in groups})
        moves = self.env["account.move"].browse({move.id for _i, move, _h in groups})
        figures = {
            (move, item): amounts
            for move, item, *amounts in self.env["account.move.line"]._read_group(
                [("move_id", "in", moves.ids), ("sale_line_ids", "in", items.ids)],
                ["move_id", "sale_line_ids"],
                ["quantity:sum", "amount_currency:sum", "balance:sum"],
            )
        }
        result = defaultdict(lambda: Billed(0.0, 0.0, 0.0))
        for item, move, hours in groups:
            quantity, *amounts = figures.get((move, item), (0.0, 0.0, 0.0))
            billed = items.browse(item.id)._get_hours(quantity)
            share = hours / billed if billed else 0.0
            add = (hours, *(-amount * share for amount in amounts))
            result[item] = Billed(*map(sum, zip(result[item], add, strict=True)))
        return dict(result)
