"""How much data the measurements run on."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Scale:
    """Sizes of the world, for each of the two flows.

    :param orders: sales orders of one item, spread over the customers
    :param tickets_per_order: tickets billed on each
    :param lines_per_ticket: timesheets of each
    :param invoices: posted invoices that have nothing to do with time
    :param growth: timesheets on one item, for the curves
    :param volume: tickets of the desk measurement
    :param rpc_seconds: length of an XML-RPC measurement
    :param repeat: samples of a short operation
    """

    name: str
    orders: int
    invoices: int
    repeat: int
    rpc_seconds: int
    tickets_per_order: int = 10
    lines_per_ticket: int = 5
    customers: int = 200
    agents: int = 20
    teams: int = 5
    growth: tuple = (0, 100, 1000, 10000)
    volume: int = 100_000
    volume_teams: int = 20


#: The month that a billing run invoices: 50,000 timesheets.
MONTH = Scale(
    "month", orders=1000, customers=1000, invoices=100, repeat=1, rpc_seconds=0
)
SCALES = {
    scale.name: scale
    for scale in (
        MONTH,
        Scale("small", orders=200, invoices=100, repeat=5, rpc_seconds=10),
        Scale("full", orders=2000, invoices=1000, repeat=15, rpc_seconds=30),
    )
}
