"""What the rules of the machine choose from, and when they are offered."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition

HOURS = st.sampled_from(
    [1.0, 2.0, 0.25, 0.5, 1.5, 3.33, 0.1, 7.6, 8.0, 12.0, -0.5, -1.0, -2.0, 0.0]
)
FACTORS = st.sampled_from([0.5, 0.25, 1.5, 2.0, 0.0])
SHARES = st.sampled_from([1.0, 0.5, 0.1, 1.5, 0.0])
FEW = st.integers(0, 3)
MANY = st.integers(0, 9)
DAYS = st.integers(0, 2)
LIMITS = st.sampled_from([None, None, 0, 1, 2])
ENTRY = st.tuples(FEW, HOURS, FEW, DAYS)
OFFERS = st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True)


def when(condition):
    """Offer a rule only in states in which there is something to do."""
    return precondition(lambda self: condition(self.facts))


def with_move(*states):
    """Offer a rule only if a document is in one of these states."""
    return when(lambda facts: set(facts.moves.values()) & set(states))


def confirmed_orders(facts):
    """Ids of the orders that can be invoiced."""
    return {item.order for item in facts.items.values() if item.state == "sale"}


with_lines = when(lambda facts: facts.lines)
