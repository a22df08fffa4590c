import re
from collections import Counter, defaultdict
from datetime import date, datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import plaintext2html
from odoo.tools.convert import convert_file

TABLES = Path(__file__).parents[1] / "static" / "mapping"
HOURS = {"hours": 1.0, "minutes": 1 / 60, "seconds": 1 / 3600}
_PART = re.compile(r"^(.*?)\s*\[([1-9])\]$")
_WORD_ENDS = re.compile(r"[;\n]")
_XMLID = re.compile(r"^\w+\.\w+$")


def _fold(text):
    """A heading or word as it is compared."""
    return str(text).replace("\ufeff", "").strip().casefold()


class HelpdeskImportMapping(models.Model):
    """A row of the table that says what the columns of another desk's export are here.

    The rows of a desk are a CSV below ``static/mapping``, in the format that Odoo itself
    exports and imports. Whoever extends one does so there, or on the screen.
    """

    _name = "helpdesk.import.mapping"
    _description = "Column of Another Desk's Export"
    _inherit = "helpdesk.input.mixin"
    _order = "desk, res_model, sequence, id"
    _rec_name = "column_name"

    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=100)
    desk = fields.Char(required=True, help="Name of the desk that exports the file.")
    res_model = fields.Selection(
        selection=[("helpdesk.ticket", "Tickets"), ("account.analytic.line", "Time")],
        string="Brings",
        required=True,
        default="helpdesk.ticket",
    )
    column_name = fields.Char(
        string="Column",
        required=True,
        help="Heading in the export. Ticket Id | Number takes the first that is filled, "
        "Ticket Id + Agent puts them together, and Log Work[2] is the second of the parts "
        "that a cell has between semicolons: each such column is a row of its own.",
    )
    is_sign = fields.Boolean(
        string="Sign",
        help="A file that has all signs of a desk is read as its export.",
    )
    field_name = fields.Char(
        string="Field",
        required=True,
        help="Technical name of what the column becomes here, such as stage_id. For id, "
        "the External ID, the name of the desk is put in front.",
    )
    value_format = fields.Char(
        string="Written As",
        help="How dates are written, such as %d/%b/%y %I:%M %p, with | between several "
        "ways; for amounts of time hours, minutes or seconds.",
    )
    words = fields.Text(
        help="Their word = ours, with semicolons between. For a record, ours is its name "
        "or its External ID; nothing before the = is what empty cells become.",
    )

    field_label = fields.Char(string="Becomes", compute="_compute_labels")
    words_label = fields.Text(string="In Our Words", compute="_compute_labels")

    # === COMPUTE METHODS === #

    @api.depends("res_model", "field_name", "words")
    @api.depends_context("lang")
    def _compute_labels(self):
        """The row as people read it: the field by its label, records by their names."""
        for mapping in self:
            field = mapping._get_field()
            if mapping.field_name == "id":
                mapping.field_label = self.env._("External ID")
            elif field is not None:
                mapping.field_label = field._description_string(self.env)
            else:
                mapping.field_label = mapping.field_name
            empty = self.env._("(empty)")
            mapping.words_label = "\n".join(
                f"{theirs or empty} → {mapping._get_word_label(ours) or empty}"
                for theirs, ours in mapping._read_words()
            )

    def _get_word_label(self, ours):
        """One of our words as a screen shows it, such as a priority."""
        field = self._get_field()
        if field is None or field.type != "selection":
            return ours
        return dict(field._description_selection(self.env)).get(ours, ours)

    # === CONSTRAINT METHODS === #

    @api.constrains("res_model", "field_name")
    def _check_field_name(self):
        for mapping in self:
            name, _slash, rest = (mapping.field_name or "").partition("/")
            known = mapping._get_field()
            relational = known is not None and known.relational
            if name == "id" and not rest:
                continue
            if known is None or (rest and not (relational and rest in ("id", ".id"))):
                raise ValidationError(
                    self.env._(
                        "%(model)s have no field %(name)s to import.",
                        model=dict(self._fields["res_model"].selection)[
                            mapping.res_model
                        ],
                        name=mapping.field_name,
                    )
                )

    @api.constrains("res_model", "field_name", "value_format")
    def _check_value_format(self):
        for mapping in self.filtered("value_format"):
            field = mapping._get_field()
            if field is not None and field.type in ("date", "datetime"):
                mapping._check_date_formats()
            elif field is None or field.type != "float":
                raise ValidationError(
                    self.env._(
                        "Only dates and amounts of time are written as something."
                    )
                )
            elif mapping.value_format not in HOURS:
                raise ValidationError(
                    self.env._(
                        "Amounts of time are written as %(units)s, not as %(value)s.",
                        units=", ".join(HOURS),
                        value=mapping.value_format,
                    )
                )

    def _check_date_formats(self):
        now = datetime.now(timezone.utc)
        for pattern in self._get_date_formats():
            try:
                datetime.strptime(now.strftime(pattern), pattern)
            except (ValueError, re.error) as error:
                raise ValidationError(
                    self.env._(
                        "No date is written as %(pattern)s. Use codes such as %%d, %%m, "
                        "%%Y, %%H and %%M.",
                        pattern=pattern,
                    )
                ) from error

    @api.constrains("words")
    def _check_words(self):
        for mapping in self.filtered("words"):
            for pair in _WORD_ENDS.split(mapping.words):
                if pair.strip() and "=" not in pair:
                    raise ValidationError(
                        self.env._(
                            "Write “their word = ours”, with semicolons between, "
                            "instead of “%(pair)s”.",
                            pair=pair.strip(),
                        )
                    )

    # === TABLES === #

    @api.model
    def _load_tables(self):
        """Load the tables that come with the addon. Rows that are there stay as an
        administrator left them."""
        for path in sorted(TABLES.glob("*.csv")):
            name = f"static/mapping/{path.name}"
            convert_file(self.env, "helpdesk_import", name, {}, "update", noupdate=True)

    @api.model
    def get_import_templates(self):
        """Offer the tables that come with the addon, to write one for another desk.

        :return: ``label`` and ``template`` of each
        :rtype: list[dict]
        """
        return [
            {
                "label": self.env._("Table of %(desk)s", desk=desk.capitalize()),
                "template": f"/helpdesk_import/static/mapping/{path.name}",
            }
            for path in sorted(TABLES.glob("*.csv"))
            if (desk := path.stem.partition("-")[2])
        ]

    # === READING AN EXPORT === #

    @api.model
    def _find_table(self, res_model, headings):
        """The table that a file is read by: all its signs are there, and most columns.

        :param str res_model: what is imported
        :param list headings: first row of the file
        :return: those rows of the table whose columns the file has, or that know what an
            empty cell becomes
        :rtype: helpdesk.import.mapping
        """
        known = {_fold(heading) for heading in headings}
        best, most = self.browse(), 0
        tables = self.sudo().search([("res_model", "=", res_model)]).grouped("desk")
        for table in tables.values():
            signs = table.filtered("is_sign")
            found = table.filtered(lambda mapping: mapping._is_in(known))
            if signs and signs <= found and len(found) > most:
                most = len(found)
                always = table.filtered(lambda mapping: "" in mapping._get_words())
                best = table & (found | always)
        return best

    def _read_table(self, rows, options):
        """The rows of another desk's export, as an import takes them: a column for each
        of these mappings, then what the file has besides.

        :param list[list] rows: the file with its headings
        :param dict options: of the import screen
        :rtype: list[list]
        """
        headings, *data = rows
        positions = self._get_positions(headings)
        converters = [
            mapping._get_converter(data, positions, options) for mapping in self
        ]
        used = {i for m in self for name in m._get_names() for i in positions[name]}
        rest = [i for i in range(len(headings)) if i not in used]
        names = [mapping._get_heading(headings, positions) for mapping in self]
        result = [names + [headings[i] for i in rest]]
        for row, parts in self._split_rows(data, positions):
            translated = [convert(row, parts) for convert in converters]
            others = [row[i] if i < len(row) else "" for i in rest]
            result.append(translated + others)
        self._number_repeats(result)
        return result

    @api.model
    def _get_positions(self, headings):
        """Where the columns are. A heading that is there again at once is one column
        with several values; elsewhere in the file, it is of something else.

        :rtype: dict[str, list[int]]
        """
        positions = defaultdict(list)
        for index, heading in enumerate(map(_fold, headings)):
            if not positions[heading] or positions[heading][-1] == index - 1:
                positions[heading].append(index)
        return positions

    def _split_rows(self, data, positions):
        """Each row with the parts of its cell that has such: a row for each of these
        cells, and none for a row that has none."""
        cells = [cell for m in self for way in m._get_cells() for cell in way]
        count = max((part for _name, part in cells), default=0)
        if not count:
            yield from ((row, ()) for row in data)
            return
        columns = [i for name, part in cells if part for i in positions[name]]
        columns = sorted(set(columns))
        for row in data:
            for text in filter(None, (row[i] for i in columns if i < len(row))):
                # the first part is a text, which may have semicolons of its own
                parts = str(text).rsplit(";", count - 1)
                yield row, [""] * (count - len(parts)) + parts

    def _number_repeats(self, rows):
        """Desks that give time no key export twice the same ticket, person and moment:
        these are two pieces of work, told apart by their order."""
        column = next((i for i, m in enumerate(self) if m.field_name == "id"), None)
        if column is None or self[:1].res_model != "account.analytic.line":
            return
        seen = Counter()
        for row in rows[1:]:
            seen[row[column]] += 1
            if row[column] and seen[row[column]] > 1:
                row[column] += f"_{seen[row[column]]}"

    # === COLUMNS === #

    def _get_field(self):
        """Field that this column becomes, None for the External ID or an unknown one."""
        if self.res_model not in self.env:
            return None
        fields_ = self.env[self.res_model]._fields
        return fields_.get((self.field_name or "").partition("/")[0])

    def _get_cells(self):
        """What is put together, each in the ways it may be found.

        :return: lists of ``(column, part)``, part 0 for the whole cell
        :rtype: list[list[tuple]]
        """
        result = []
        for piece in (self.column_name or "").split(" + "):
            ways = []
            for name in piece.split(" | "):
                found = _PART.match(name.strip())
                ways.append(
                    (_fold(found[1]), int(found[2])) if found else (_fold(name), 0)
                )
            result.append(ways)
        return result

    def _get_names(self):
        return {name for ways in self._get_cells() for name, _part in ways}

    def _get_heading(self, headings, positions):
        """What the import screen calls this column: as the file does, of several ways the
        one that it has."""
        pieces = []
        for way in self._get_cells():
            found = [(i[0], part) for name, part in way if (i := positions.get(name))]
            pieces += [
                f"{headings[i]}[{p}]" if p else headings[i] for i, p in found[:1]
            ]
        return " + ".join(map(str, pieces)) or self.column_name

    def _is_in(self, known):
        """Whether a file with these headings has this column."""
        return all(any(name in known for name, _p in way) for way in self._get_cells())

    # === VALUES === #

    def _get_converter(self, data, positions, options):
        """A function that reads what this column is in a row.

        :rtype: collections.abc.Callable
        """
        self.ensure_one()
        field, words = self._get_field(), self._get_words()
        cells = self._get_cells()
        convert = self._get_type_converter(field, options)
        if field is not None and field.comodel_name == "res.partner":
            words = self._get_contact_words(data, positions) | words
        joint = "," if field is not None and field.type == "many2many" else ""

        def read(row, parts):
            values = [
                self._read_cell(row, parts, positions, way, joint) for way in cells
            ]
            if self.field_name == "id":
                return self._get_key(values)
            value = (
                values[0] if len(values) == 1 else " ".join(map(str, values)).strip()
            )
            value = value.strip() if isinstance(value, str) else value
            value = words.get(_fold(value), value)
            return convert(value) if value and convert else value

        return read

    @api.model
    def _read_cell(self, row, parts, positions, ways, joint):
        """The first of these ways to find a value that does; several columns of one
        name are put together by ``joint``, if it is given."""
        for name, part in ways:
            if part:
                found = [parts[part - 1]] if parts else []
            else:
                found = [row[i] for i in positions[name] if i < len(row) and row[i]]
            if joint and found:
                return joint.join(map(str, found))
            if found and found[0]:
                return found[0]
        return ""

    def _get_key(self, values):
        """External ID of a row, such as ``zammad_ticket_31093``."""
        if not any(values):
            return ""
        kind = "ticket" if self.res_model == "helpdesk.ticket" else "time"
        return re.sub(
            r"\W+", "_", "_".join(map(str, (self.desk, kind, *values)))
        ).lower()

    def _get_words(self):
        """Our words by theirs, as these are compared.

        :rtype: dict[str, str]
        """
        return {_fold(theirs): ours for theirs, ours in self._read_words()}

    def _read_words(self):
        """Pairs of words, theirs and ours; records that are named by External ID as they
        are called by who imports.

        :rtype: list[tuple]
        """
        field = self._get_field()
        model = field.comodel_name if field is not None else None
        pairs = []
        for pair in _WORD_ENDS.split(self.words or ""):
            theirs, equals, ours = map(str.strip, pair.rpartition("="))
            if model and _XMLID.match(ours):
                record = self.env.ref(ours, raise_if_not_found=False)
                if record and record._name == model and record.has_access("read"):
                    ours = record.display_name
            if equals:
                pairs.append((theirs, ours))
        return pairs

    def _get_contact_words(self, data, positions):
        """Contacts are exported by their plain name. Those whom it tells for sure, as
        they are called here.

        :rtype: dict[str, str]
        """
        columns = [i for name in self._get_names() for i in positions[name]]
        names = {str(row[i]).strip() for row in data for i in columns if i < len(row)}
        contacts = self.env["res.partner"].search(Domain("name", "in", list(names)))
        return {
            _fold(name): same.complete_name
            for name, same in contacts.grouped("name").items()
            if name and len(same) == 1
        }

    def _get_type_converter(self, field, options):
        """What a value of this kind of field needs, None for nothing."""
        kind = field.type if field is not None else None
        if kind in ("date", "datetime") and self.value_format:
            return lambda value: self._read_date(value, kind)
        if kind == "float" and self.value_format:
            mark = options.get("float_decimal_separator") or "."
            return lambda value: self._read_hours(value).replace(".", mark)
        if kind == "html":
            return lambda value: plaintext2html(str(value))
        if kind == "many2many":
            return lambda value: ",".join(
                filter(None, map(str.strip, value.split(",")))
            )
        return None

    def _get_date_formats(self):
        formats = (self.value_format or "").split("|")
        return [text.strip() for text in formats if text.strip()]

    def _read_date(self, value, kind):
        """A date as it is written in the export, in the time zone of who imports; the
        value itself if it is written in no known way: the import names its row.

        :rtype: datetime.date, datetime.datetime or str
        """
        moment = value
        if isinstance(value, str):
            text = re.sub(r"\s*(UTC|GMT)$", "+0000", value.strip())
            for pattern in self._get_date_formats():
                try:
                    moment = datetime.strptime(text, pattern)
                    break
                except ValueError:
                    continue
        if not isinstance(moment, date):
            return value
        if isinstance(moment, datetime):
            if moment.tzinfo:
                zone = ZoneInfo(self.env.user.tz or "UTC")
                moment = moment.astimezone(zone).replace(tzinfo=None)
            moment = moment.replace(microsecond=0)
            return moment.date() if kind == "date" else moment
        return moment

    def _read_hours(self, value):
        """Hours, as text: ``1.5``, ``1,5`` or ``01:30`` of the unit. What is none is
        left as it is: the import names its row."""
        text = str(value).strip()
        try:
            amount, scale = 0.0, 1.0
            for piece in text.replace(",", ".").split(":"):
                amount += float(piece) * scale
                scale /= 60
        except ValueError:
            return text
        return f"{amount * HOURS[self.value_format]:.6f}".rstrip("0").rstrip(".")
