from . import website
from . import website_form
