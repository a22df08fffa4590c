from typing import NamedTuple

from odoo import models


class Work(NamedTuple):
    """What the choice of an item looks at, see ``_decide_item``.

    ``line`` is empty, and ``date`` False, where an open form of the ticket asks what
    will happen to time like this.
    """

    ticket: models.BaseModel
    project: models.BaseModel
    employee: models.BaseModel
    former: models.BaseModel
    date: object
    line: models.BaseModel
