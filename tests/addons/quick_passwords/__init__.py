"""Passwords are hashed once instead of 600,000 times, as in Odoo's own test cases.

A server-wide module: the servers of the tests load it and nobody installs it. Half a
second each time somebody is made or logs in is a minute in all.
"""

from odoo.addons.base.models import res_users

res_users.MIN_ROUNDS = 1
