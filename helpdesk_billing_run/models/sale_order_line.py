from typing import NamedTuple

from odoo import fields, models


class Forecast(NamedTuple):
    """What a run would bill of an item, if it were made now.

    ``quantity`` is in the unit of the item, ``amount`` without and ``tax`` of taxes in
    the currency of the order, ``amount_company`` without taxes in the company's.
    """

    quantity: float
    amount: float
    tax: float
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
        amount = tax = amount_company = 0.0
        for line in base_lines:
            details = line["tax_details"]
            amount += details["total_excluded_currency"]
            amount += details["delta_total_excluded_currency"]
            amount_company += details["total_excluded"]
            amount_company += details["delta_total_excluded"]
            tax += sum(data["tax_amount_currency"] for data in details["taxes_data"])
        return Forecast(
            sum(quantities),
            currency.round(amount),
            currency.round(tax),
            company.currency_id.round(amount_company),
        )
