import { getColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";
import {
    JournalDashboardGraphField,
    journalDashboardGraphField,
} from "@web/views/fields/journal_dashboard_graph/journal_dashboard_graph_field";

/** Two bars a week: tickets opened and closed. */
export class TrendGraphField extends JournalDashboardGraphField {
    getBarChartConfig() {
        const scheme = cookie.get("color_scheme");
        const { labels, series } = this.data;
        return {
            type: "bar",
            data: {
                labels,
                datasets: series.map(({ label, data }, index) => ({
                    label,
                    data,
                    backgroundColor: getColor(index ? 9 : 1, scheme, "odoo"),
                })),
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                plugins: {
                    legend: {
                        position: "bottom",
                        labels: { boxWidth: 10, boxHeight: 10, padding: 4 },
                    },
                    tooltip: { mode: "index", intersect: false, caretSize: 0 },
                },
                scales: {
                    x: {
                        grid: { display: false },
                        ticks: { maxTicksLimit: 4, maxRotation: 0, align: "inner" },
                    },
                    y: { display: false, beginAtZero: true, suggestedMax: 4 },
                },
            },
        };
    }
}

registry.category("fields").add("helpdesk_trend_graph", {
    ...journalDashboardGraphField,
    component: TrendGraphField,
});
