"""What would be lost with the addons, as files that Odoo's import screen reads."""

import csv
import io
import json
import zipfile

from odoo.fields import Domain

#: Records that are read at once.
BATCH = 1000
#: What no import sets, and what opens a record to who knows it.
LEFT_OUT = {"id", "display_name", "write_uid", "write_date", "access_token"}
NO_COLUMN = {"one2many", "binary", "image"}
#: Types that have no text of their own in an export.
AS_JSON = {"json", "properties", "properties_definition"}
RELATIONS = {"many2one", "many2many"}
#: What tickets have beside their columns: messages, who follows, to-dos.
TALK = {
    "mail.message": "model",
    "mail.followers": "res_model",
    "mail.activity": "res_model",
    "rating.rating": "res_model",
}


def write_archive(env, file):
    """Write one table for each model of the helpdesk and the addons on it, one for each
    stock model they add columns to, the messages, followers, to-dos and files of their
    records.

    Records of stock get external ids, which stay: by them the tables find each other, and
    an import the records.

    :param env: environment of the superuser
    :param file: path of the archive, or a file
    :return: number of rows by name of the table
    :rtype: dict
    """
    Data = env["ir.model.data"]
    last = Data.search([], order="id desc", limit=1).id
    own, added = find_models(env)
    written = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for model in own:
            names = [name for name in env[model]._fields if is_column(env[model], name)]
            written[model] = write_table(archive, env[model], Domain.TRUE, names)
        for model, names in added.items():
            any_set = Domain.OR(Domain(name, "!=", False) for name in names)
            written[model] = write_table(archive, env[model], any_set, names)
        for model, of in TALK.items():
            if model in env:
                names = [x for x in env[model]._fields if is_column(env[model], x)]
                domain = Domain(of, "in", own)
                written[model] = write_table(archive, env[model], domain, names)
        written["ir.attachment"] = write_files(archive, env, own)
    # they would outlive their records
    Data.search(
        [("id", ">", last), ("module", "=", "__export__"), ("model", "in", own)]
    ).unlink()
    return written


def find_models(env):
    """Find what the helpdesk and the addons on it keep.

    :return: names of their own models, and names of their fields by stock model
    """
    desk = env["ir.module.module"].search([("name", "=", "helpdesk_base")])
    ours = set((desk + desk.downstream_dependencies()).mapped("name"))
    own, added = [], {}
    for model in sorted(env.registry):
        Model = env[model]
        if Model._abstract or Model._transient or not Model._auto or model in TALK:
            continue
        if Model._original_module in ours:
            own.append(model)
        else:
            names = [
                name for name, field in Model._fields.items()
                if set(field._modules) <= ours and field._modules
                and is_column(Model, name)
            ]  # fmt: skip
            added.update({model: names} if names else {})
    return own, added


def is_column(model, name):
    """Tell whether a field is stored and fits into a table. What the settings alone may
    read, such as keys of other servers, goes with its addon."""
    field = model._fields[name]
    is_secret = "base.group_system" in (field.groups or "").split(",")
    is_kept = field.store and name not in LEFT_OUT and not is_secret
    return is_kept and field.type not in NO_COLUMN


def write_table(archive, model, domain, names):
    """Write records as a table whose head the import screen understands.

    :return: number of rows
    """
    fields = model._fields
    plain = [name for name in names if fields[name].type not in AS_JSON]
    raw = [name for name in names if fields[name].type in AS_JSON]
    paths = ["id", *(f"{x}/id" if fields[x].type in RELATIONS else x for x in plain)]
    records = model.with_context(active_test=False).search(domain, order="id")
    with archive.open(f"{model._name}.csv", "w") as binary:
        text = io.TextIOWrapper(binary, "utf-8", newline="")
        table = csv.writer(text)
        table.writerow(["Database ID", *paths, *raw])
        for start in range(0, len(records), BATCH):
            batch = records[start : start + BATCH]
            # of many records to a field a list separated by commas, as imports want it
            rows = batch.with_context(import_compat=True).export_data(paths)["datas"]
            others = batch.read(raw) if raw else [{}] * len(batch)
            for record, row, other in zip(batch, rows, others, strict=True):
                more = [json.dumps(other[name], default=str) for name in raw]
                table.writerow([record.id, *row, *more])
            batch.invalidate_recordset()
        text.flush()
        text.detach()
    return len(records)


def write_files(archive, env, own):
    """Write the files of records, each named after its attachment, and a table of them.

    :return: number of files
    """
    files = env["ir.attachment"].search(
        [("res_model", "in", own), ("res_field", "in", [False, *file_fields(env, own)])]
    )
    names = ["name", "res_model", "res_id", "mimetype", "create_date"]
    with archive.open("ir.attachment.csv", "w") as binary:
        text = io.TextIOWrapper(binary, "utf-8", newline="")
        table = csv.writer(text)
        table.writerow(["file", *names])
        for file in files:
            table.writerow([f"files/{file.id}", *(file[name] for name in names)])
        text.flush()
        text.detach()
    for file in files:
        archive.writestr(f"files/{file.id}", file.raw or b"")
        file.invalidate_recordset()
    return len(files)


def file_fields(env, own):
    """Return the names of fields that are kept as attachments."""
    return {
        name
        for model in own
        for name, field in env[model]._fields.items()
        if field.type in ("binary", "image") and field.store
    }
