"""What a database has beside its records of business, as rows that can be compared."""

#: What the catalogue of PostgreSQL has: kind, table, name and definition. Conditions are
#: written otherwise once they were restored; the number in a sequence's name is its id;
#: Odoo has two opinions of the one foreign key, and changes it back and forth.
SCHEMA = """
    SELECT 'column', table_name::text, column_name::text, data_type::text
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION SELECT 'constraint', conrelid::regclass::text, conname::text,
                 CASE contype WHEN 'f' THEN pg_get_constraintdef(oid) ELSE '' END
      FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace AND contype != 'n'
       AND conname != 'rule_group_rel_group_id_fkey'
    UNION SELECT 'index', tablename::text, indexname::text,
                 split_part(indexdef, ' WHERE ', 1)
      FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT 'sequence', '', sequencename::text, ''
      FROM pg_sequences WHERE sequencename !~ '^ir_sequence_'
    UNION SELECT 'function', '', proname::text, ''
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace"""
#: Kind and name of everything that addons bring. Foreign keys are those of the tables:
#: what Odoo notes of them outlives any addon.
CATALOGUE = """
    SELECT 'model', model FROM ir_model
    UNION SELECT 'field', concat_ws(' ', model, name, ttype, relation, store, index)
      FROM ir_model_fields
    UNION SELECT 'selection', concat_ws(' ', model, field.name, value)
      FROM ir_model_fields_selection choice JOIN ir_model_fields field
        ON field.id = choice.field_id
    UNION SELECT 'constraint', name || ' ' || type FROM ir_model_constraint
     WHERE type != 'f'
    UNION SELECT 'relation', name FROM ir_model_relation
    UNION SELECT 'view', concat_ws(' ', model, type, name, key, active) FROM ir_ui_view
    UNION SELECT 'menu', name->>'en_US' FROM ir_ui_menu
    UNION SELECT 'window', concat_ws(' ', name->>'en_US', res_model, domain, context)
      FROM ir_act_window
    UNION SELECT 'server action', concat_ws(' ', name->>'en_US', state, code)
      FROM ir_act_server
    UNION SELECT 'report', report_name FROM ir_act_report_xml
    UNION SELECT 'client action', tag FROM ir_act_client
    UNION SELECT 'url', url FROM ir_act_url
    UNION SELECT 'sequence', code FROM ir_sequence
    UNION SELECT 'cron', concat_ws(' ', cron_name, interval_number, interval_type, active)
      FROM ir_cron
    UNION SELECT 'rule', concat_ws(' ', model, rule.name, active, domain_force)
      FROM ir_rule rule JOIN ir_model ON ir_model.id = model_id
    UNION SELECT 'access', concat_ws(' ', model, access.name, perm_read, perm_write,
                                     perm_create, perm_unlink)
      FROM ir_model_access access JOIN ir_model ON ir_model.id = model_id
    UNION SELECT 'group', concat_ws(' ', privilege.name->>'en_US', grp.name->>'en_US')
      FROM res_groups grp LEFT JOIN res_groups_privilege privilege
        ON privilege.id = grp.privilege_id
    UNION SELECT 'privilege', name->>'en_US' FROM res_groups_privilege
    UNION SELECT 'category', name->>'en_US' FROM ir_module_category
    UNION SELECT 'parameter', key FROM ir_config_parameter
    UNION SELECT 'default', concat_ws(' ', model, name, json_value)
      FROM ir_default JOIN ir_model_fields field ON field.id = field_id
    UNION SELECT 'mail template', name->>'en_US' FROM mail_template
    UNION SELECT 'subtype', concat_ws(' ', res_model, name->>'en_US')
      FROM mail_message_subtype
    UNION SELECT 'activity type', concat_ws(' ', res_model, name->>'en_US')
      FROM mail_activity_type
    UNION SELECT 'asset', concat_ws(' ', bundle, path) FROM ir_asset
    UNION SELECT 'paper', name FROM report_paperformat
    UNION SELECT 'embedded action', name->>'en_US' FROM ir_embedded_actions
    UNION SELECT 'tour', name FROM web_tour_tour
    UNION SELECT 'implied', concat_ws(' ', above.name->>'en_US', below.name->>'en_US')
      FROM res_groups_implied_rel
      JOIN res_groups above ON above.id = gid JOIN res_groups below ON below.id = hid
"""
#: What addons say of their own records: external id, model and, of a view, its content;
#: the ids of actions are others in each database.
OWN = r"""
    SELECT data.module, data.name, data.model,
           regexp_replace(view.arch_db->>'en_US', '\d+', '0', 'g')
      FROM ir_model_data data
      LEFT JOIN ir_ui_view view ON data.model = 'ir.ui.view' AND view.id = data.res_id
     WHERE data.module IN ({addons}) AND data.model != 'ir.model.inherit'"""


def quoted(addons):
    """Return names as SQL has them in a list."""
    return ", ".join(f"'{addon}'" for addon in addons)


def catalogue(odoo, database):
    """Return what addons brought, as a set.

    :param odoo: the Odoo that has the database
    :param database: its name
    """
    return rows(odoo, database, CATALOGUE)


def schema(odoo, database):
    """Return what the tables are like, as a set."""
    return rows(odoo, database, SCHEMA)


def own_records(odoo, database, addons):
    """Return the external ids of addons, as a set."""
    return rows(odoo, database, OWN.format(addons=quoted(addons)))


def rows(odoo, database, statement):
    """Return the rows of a statement as a set of tuples."""
    return set(map(tuple, odoo.query(database, statement)))
