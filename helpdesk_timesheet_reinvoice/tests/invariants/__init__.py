"""The machine that plays random sequences of operations and checks that no hour is
lost, billed twice or moved silently.

``facts`` reads what is true in the database, ``checks`` says what must be true,
``world`` carries out operations of stock Odoo, ``desk`` those of tickets and ``tasks``
those of stock tasks; ``machine`` plays them. Nothing here imports an addon, so the
same machine runs where only stock modules are installed.
"""
