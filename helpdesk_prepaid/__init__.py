from . import controllers, models


def _know_packs(env):
    """Packs that were sold before are not news: what is used of them is told to nobody,
    what they will reach is."""
    items = env["sale.order.line"]
    packs = items.search(items._domain_packs())
    for level, reached in packs.grouped(lambda pack: pack._get_reached_level()).items():
        if level:
            reached.write({"pack_notified_level": level})


def _let_packs_go(env):
    """Nothing waits for a pack any more once nobody deals them."""
    env["account.analytic.line"]._let_all_count("waits_for_pack")
