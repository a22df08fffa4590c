"""Odoo from its Debian package, without touching the system.

The mirror is the one the machine's own apt uses; package lists and downloads go to a
private directory, so neither root nor an ``apt-get update`` of the system is needed.
"""

import re
import shutil
import subprocess
from pathlib import Path

from devtools import proc
from devtools.ui import Problem, heartbeat

SUITE = "sid"
PACKAGES = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
)
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
#: Packaging slips (a second copy of the addons), metadata that would make pip fetch
#: Odoo's own pins, and 850 MB of translations.
LEAVE_OUT = (
    "./usr/lib/python3/dist-packages/addons",
    "./usr/lib/python3/dist-packages/doc",
    "./usr/lib/python3/dist-packages/setup",
    "*egg-info",
    "*/i18n/*.po",
    "*/i18n_extra/*.po",
    "./etc",
    "./usr/share/bug",
    "./usr/share/lintian",
)
LIBRARY = Path("usr/lib/python3/dist-packages")
#: Left out of the package for licence reasons although the web client lists it.
#: Without the file every browser test ends with a console error.
EMPTY_FILE = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def mirror():
    """Return the Debian mirror this machine's apt uses, or ``""``."""
    if not all(map(shutil.which, ("apt-get", "dpkg-deb", "tar"))):
        return ""
    lines = proc.output_of(
        [
            "apt-get",
            "indextargets",
            "--no-release-info",
            "--format",
            "$(TARGET_OF)|$(COMPONENT)|$(RELEASE)|$(SITE)",
        ]
    )
    for line in lines.splitlines():
        kind, component, release, site = (line.split("|") + [""] * 4)[:4]
        debian = "ubuntu" not in site
        if debian and kind == "deb" and component == "main":
            # Only a release proper: not bookworm-updates, not bookworm-security.
            if re.fullmatch("[a-z]+", release):
                return site
    return ""


def private_apt(directory):
    """Return apt options that keep everything below a directory."""
    for name in ("lists/partial", "archives/partial", "state"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::Etc::sourcelist": directory / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State": directory / "state",
        "Dir::State::Lists": directory / "lists",
        "Dir::Cache": directory,
        "Dir::Cache::archives": directory / "archives",
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Sandbox::User": "",
        "APT::Update::Post-Invoke": "",
        "APT::Update::Post-Invoke-Success": "",
        "Debug::NoLocking": "1",
    }
    return [part for key, value in options.items() for part in ("-o", f"{key}={value}")]


def download(site, directory, log, packages=PACKAGES):
    """Fetch packages into ``directory/deb``."""
    options = private_apt(directory)
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    (directory / "sources.list").write_text(f"deb {signed}{site} {SUITE} main\n")
    debs = directory / "deb"
    debs.mkdir()
    proc.run(
        ["apt-get", *options, "update"],
        log.with_suffix(".update.log"),
        "apt could not read Debian's package list.",
    )
    proc.run(
        ["apt-get", *options, "download", *packages],
        log.with_suffix(".download.log"),
        "apt could not download Odoo 19 from Debian.",
        cwd=debs,
    )
    return debs


def unpack(debs, target):
    """Unpack the packages into a directory, without what nobody needs."""
    left_out = [f"--exclude={pattern}" for pattern in LEAVE_OUT]
    for package in sorted(debs.glob("*.deb")):
        with heartbeat(lambda name=package.name: f"unpacking {name}"):
            unpack_one(package, target, left_out)
    missing = target / LIBRARY / EMPTY_FILE
    missing.parent.mkdir(parents=True, exist_ok=True)
    if not missing.exists():
        missing.write_text("")


def unpack_one(package, target, selection):
    """Unpack one package; dpkg-deb reads it, tar takes what the selection says."""
    reader = subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE
    )
    writer = subprocess.run(
        ["tar", "-x", "-C", str(target), "--no-same-owner", "--wildcards"] + selection,
        stdin=reader.stdout,
        capture_output=True,
        text=True,
    )
    reader.stdout.close()
    if reader.wait() or writer.returncode:
        raise Problem(
            f"{package.name} could not be unpacked: {writer.stderr.strip()[:200]}",
            "look for free disk space, then run the same command again.",
        )


def catalogues(site, target, languages, log):
    """Fetch Odoo's translations, which :func:`build` leaves out, and its manifests."""
    wanted = [f"./{LIBRARY}/odoo/addons/*/i18n/{name}.po" for name in languages]
    wanted.append(f"./{LIBRARY}/odoo/addons/*/__manifest__.py")
    for package in download(site, target, log, PACKAGES[:1]).glob("*.deb"):
        unpack_one(package, target, wanted)


def build(site, target, log):
    """Make an Odoo tree from the Debian package.

    :param site: the mirror
    :param target: empty directory to fill
    :param log: path the names of the logs derive from
    """
    work = target / "work"
    work.mkdir()
    unpack(download(site, work, log), target)
    shutil.rmtree(work, ignore_errors=True)
