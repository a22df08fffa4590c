"""Filling tables fast: copies of a record the ORM made, with some values replaced."""

from odoo.tools import SQL


def clone(env, model, template, source, values):
    """Insert a copy of a record for each row of a query.

    The measurements need more rows than the ORM makes in a reasonable time; every
    value that is not replaced is as the ORM wrote it.

    :param model: name of the model
    :param template: record to copy
    :param SQL source: query whose columns the values may use as ``s.<column>``
    :param dict values: SQL expression by column
    :return: ids of the copies, ascending
    """
    env.flush_all()
    table = env[model]._table
    columns = _columns(env, table)
    chosen = [
        values[name] if name in values else SQL.identifier("t", name)
        for name in columns
    ]
    rows = env.execute_query(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s t CROSS JOIN (%s) s"
            " WHERE t.id = %s RETURNING id",
            SQL.identifier(table),
            SQL(", ").join(SQL.identifier(name) for name in columns),
            SQL(", ").join(chosen),
            SQL.identifier(table),
            source,
            template.id,
        )
    )
    env.invalidate_all()
    return sorted(row[0] for row in rows)


def _columns(env, table):
    """Return the names of a table's columns, without its id."""
    rows = env.execute_query(
        SQL(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s AND column_name != 'id'",
            table,
        )
    )
    return [name for (name,) in rows]


def pick(values, index):
    """Return the SQL that takes turns over a list of ids.

    :param values: ids
    :param SQL index: a number that grows from row to row
    """
    return SQL("(%s::int[])[1 + (%s) %% %s]", list(values), index, len(values))


def recompute(env, model, ids, names, batch=1000):
    """Compute stored fields of rows that were inserted behind the ORM's back."""
    records = env[model].browse(ids)
    for start in range(0, len(records), batch):
        part = records[start : start + batch]
        for name in names:
            env.add_to_compute(part._fields[name], part)
            part.modified([name])
        env.flush_all()
        env.invalidate_all()


def analyze(env):
    """Let PostgreSQL know how full the tables are."""
    env.flush_all()
    env.cr.execute("ANALYZE")
