from lxml import etree

ALWAYS = {"1", "True"}
X2MANY = ("one2many", "many2many")


class ScreenCommon:
    """What the web client asks for when it shows a view, hidden columns included."""

    def _arch(self, model, kind, view_id=False):
        """The view as the user of the model gets it, and the fields it names.

        :return: root node, and the descriptions of fields by model and name
        :rtype: tuple
        """
        views = model.get_views([(view_id, kind)])
        arch = etree.fromstring(views["views"][kind]["arch"])
        return arch, {name: data["fields"] for name, data in views["models"].items()}

    def _spec(self, model, kind, view_id=False):
        """Specification of a view's fields for ``web_read`` and its kin.

        :rtype: dict
        """
        arch, fields = self._arch(model, kind, view_id)
        return self._node_spec(arch, model._name, fields)

    def _node_spec(self, node, model, fields):
        spec = {}
        for child in node.iterchildren("*"):
            if child.tag != "field":
                spec.update(self._node_spec(child, model, fields))
                continue
            name = child.get("name")
            field = fields[model].get(name)
            if not field:
                continue
            hidden = {child.get("invisible"), child.get("column_invisible")} & ALWAYS
            spec[name] = {}
            if field["type"] == "many2one":
                spec[name] = {"fields": {} if hidden else {"display_name": {}}}
            elif field["type"] in X2MANY and not hidden:
                lists = child.findall("list")
                related = {"display_name": {}}
                if lists:
                    related = self._node_spec(lists[0], field["relation"], fields)
                spec[name] = {"fields": related, "limit": 40}
        return spec
