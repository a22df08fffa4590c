import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class HelpdeskExport(Command):
    """Write all that the helpdesk and the addons on it keep into one archive."""

    name = "helpdesk_export"

    def run(self, arguments):
        """Write the archive, and say how many records of which model it has.

        :param arguments: of the command line
        """
        options = self._parse(arguments)
        os.umask(0o077)  # all of it is for who wrote it
        with Registry(options.database).cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            if "helpdesk.ticket" not in env:
                sys.exit(f"The helpdesk is not installed in {options.database}.")
            # Odoo runs this file as one of its own, before it knows any addon
            archive = import_module("odoo.addons.helpdesk_base.tools.archive")

            for model, number in archive.write_archive(env, options.file).items():
                sys.stdout.write(f"{number:>8} {model}\n")

    def _parse(self, arguments):
        self.parser.formatter_class = argparse.HelpFormatter
        self.parser.add_argument("-c", "--config", help="configuration file")
        self.parser.add_argument("-d", "--database", required=True)
        self.parser.add_argument(
            "file", type=Path, help="the archive, such as desk.zip"
        )
        options = self.parser.parse_args(arguments)
        if options.file.exists():
            self.parser.error(f"{options.file} is there already.")
        given = ["-c", options.config] if options.config else []
        config.parse_config(
            [*given, "-d", options.database, "--no-http"], setup_logging=True
        )
        return options
