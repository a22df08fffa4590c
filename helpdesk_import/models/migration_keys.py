from collections import defaultdict

MODULE = "__helpdesk_import__"


class MigrationKeys:
    """External ids of what came from an old desk: by them nothing comes twice.

    :param env: of an environment with raised rights
    :param str source: key of the old desk
    """

    def __init__(self, env, source):
        self._data = env["ir.model.data"]
        self._source = source

    def _get_name(self, model, old_id):
        return f"{self._source}_{model.replace('.', '_')}_{old_id}"

    def find(self, model, old_ids):
        """Ids here of records of the old desk, in one query.

        :param str model: as the old desk calls it
        :param old_ids: ids there
        :return: id here by id there; what has not come, or is gone, is left out
        :rtype: dict
        """
        names = {self._get_name(model, old_id): old_id for old_id in old_ids}
        if not names:
            return {}
        domain = [("module", "=", MODULE), ("name", "in", list(names))]
        found = self._data.search_fetch(domain, ["name", "res_id"])
        return {names[data.name]: data.res_id for data in found}

    def note(self, model, records):
        """Remember what came.

        :param str model: as the old desk calls it
        :param dict records: record here by id there
        """
        self._data._update_xmlids(
            [
                {
                    "xml_id": f"{MODULE}.{self._get_name(model, old_id)}",
                    "record": record,
                    "noupdate": True,
                }
                for old_id, record in records.items()
            ]
        )

    def find_shared(self, model, desk, old_ids):
        """Ids here of records that have the same external id on both sides, because
        both were imported from the same file, or exported.

        :param str model: has the same name on both sides
        :param desk: the old desk
        :param old_ids: ids there
        :rtype: dict
        """
        shared = ("__import__", "__export__")
        named = desk.search_read(
            "ir.model.data",
            [
                ("model", "=", model),
                ("res_id", "in", list(old_ids)),
                ("module", "in", shared),
            ],
            ["module", "name", "res_id"],
        )
        old_ids_of = defaultdict(list)
        for data in named:
            old_ids_of[data["module"], data["name"]].append(data["res_id"])
        domain = [
            ("model", "=", model),
            ("module", "in", shared),
            ("name", "in", [name for _module, name in old_ids_of]),
        ]
        found = self._data.search_fetch(domain, ["module", "name", "res_id"])
        return {
            old_id: data.res_id
            for data in found
            for old_id in old_ids_of.get((data.module, data.name), ())
        }
