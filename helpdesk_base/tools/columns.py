from odoo.tools.sql import column_exists, create_column


def add_columns(cr, table, kinds):
    """Add columns that are missing before the ORM does: it computes nothing for the rows
    of before. For ``_auto_init``.

    :param str table: name of the table
    :param dict kinds: type in PostgreSQL by name of the column
    :return: names of those that were missing
    :rtype: list[str]
    """
    missing = [name for name in kinds if not column_exists(cr, table, name)]
    for name in missing:
        create_column(cr, table, name, kinds[name])
    return missing
