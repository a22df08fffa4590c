"""What the web client asks the server for when it shows a view."""

from lxml import etree

from odoo.tools.safe_eval import safe_eval

LIST_LIMIT = 80
COUNT_LIMIT = 10001
ALWAYS = {"1", "True"}


_views = {}


def view_of(env, model, kind):
    """Return a view, loaded once as a web client does."""
    key = env.cr.dbname, env.uid, model, kind
    if key not in _views:
        _views[key] = View(env, model, kind)
    return _views[key]


class View:
    """A view as the web client loads it.

    :param env: environment of the user who looks
    :param model: name of the model
    :param kind: ``form``, ``list`` or ``kanban``
    """

    def __init__(self, env, model, kind):
        result = env[model].get_views([(False, kind)], {"toolbar": False})
        self.model = model
        self.uid = env.uid
        self.models = {name: data["fields"] for name, data in result["models"].items()}
        self.arch = etree.fromstring(result["views"][kind]["arch"])

    def specification(self):
        """Return the specification of ``web_read`` that the web client sends."""
        return self._specification(self.arch, self.model)

    def _specification(self, node, model):
        fields = self.models[model]
        spec = {}
        for field in self._own_fields(node):
            name = field.get("name")
            if name in fields:
                own = self._field_specification(field, fields[name])
                known = spec.get(name, {})
                spec[name] = own if len(own) >= len(known) else known
        for name, field in fields.items():
            if name in spec and field["type"] == "properties":
                parent = spec.get(field["definition_record"])
                if parent is not None:
                    parent.setdefault("fields", {})["display_name"] = {}
        return spec

    def _own_fields(self, node):
        """The field nodes of a view that are not those of a sub-view."""
        for child in node:
            if child.tag == "field":
                yield child
            elif isinstance(child.tag, str):
                yield from self._own_fields(child)

    def _field_specification(self, node, field):
        hidden = {node.get("invisible"), node.get("column_invisible")} & ALWAYS
        kind = field["type"]
        if kind in ("one2many", "many2many") and not hidden:
            return self._many_specification(node, field)
        if kind in ("many2one", "reference"):
            if hidden:
                return {"fields": {}}
            return {"fields": {"display_name": {}}, **self._context(node)}
        return {}

    def _many_specification(self, node, field):
        subviews = [child for child in node if child.tag in ("list", "kanban")]
        if subviews:
            related = self._specification(subviews[0], field["relation"])
            limit = int(subviews[0].get("limit", 40))
            spec = {"fields": related, "limit": limit, **self._context(node)}
            if subviews[0].get("default_order"):
                spec["order"] = subviews[0].get("default_order")
            return spec
        if "tags" in (node.get("widget") or ""):
            color = safe_eval(node.get("options") or "{}").get("color_field")
            related = {"display_name": {}, **({color: {}} if color else {})}
            return {"fields": related, **self._context(node)}
        if "avatar" in (node.get("widget") or ""):
            return {"fields": {"display_name": {}}}
        return {}

    def _context(self, node):
        """The part of a field's context that does not depend on the record."""
        try:
            context = safe_eval(node.get("context") or "{}", {"uid": self.uid})
        except (ValueError, NameError):
            return {}
        return {"context": context} if context else {}

    # === WHAT THE CLIENT CALLS === #

    def read(self, record):
        """Open a form."""
        return record.web_read(self.specification())

    def page(self, model, domain, order=None):
        """Open a list: its first page and the number of records."""
        order = order or self.arch.get("default_order")
        return model.web_search_read(
            domain,
            self.specification(),
            limit=LIST_LIMIT,
            order=order,
            count_limit=COUNT_LIMIT,
        )

    def pipeline(self, model, domain):
        """Open a kanban view by stage with its progress bars."""
        model = model.with_context(read_group_expand=True)
        result = model.web_read_group(
            domain,
            ["stage_id"],
            ["__count"],
            auto_unfold=True,
            unfold_read_specification=self.specification(),
            unfold_read_default_limit=LIST_LIMIT,
        )
        bar = self.arch.find(".//progressbar")
        if bar is not None:
            model.read_progress_bar(
                domain,
                "stage_id",
                {
                    "field": bar.get("field"),
                    "colors": safe_eval(bar.get("colors")),
                },
            )
        return result
