"""Run by ``odoo shell``, see ``devtools.odoo.Odoo.build_assets``: ``env`` is there."""

env["ir.qweb"]._pregenerate_assets_bundles()  # noqa: F821
env.cr.commit()  # noqa: F821
