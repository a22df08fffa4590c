"""An old server, asked by XML-RPC or JSON-2. Plain Python: knows nothing of tickets."""

import json
import xmlrpc.client
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

import requests

# Seconds to wait for the connection, and for each piece of an answer.
TIMEOUT = 60
# No batch is larger; what sends more is no desk.
MAX_ANSWER = 512 * 1024 * 1024
MAX_DETAIL = 300
ACCESS_DENIED = 3


class OldDeskError(Exception):
    """What went wrong with the old server, as a sentence.

    :param bool is_missing: the old server has no such model or method
    """

    def __init__(self, message, is_missing=False):
        super().__init__(message)
        self.is_missing = is_missing


class OldDesk:
    """A connection to one database of an old server.

    :param str url: http or https address
    :param str database: its name
    :param str login: of the user that reads, for XML-RPC
    :param str secret: API key, or password
    :param str protocol: ``xmlrpc`` or ``json2``
    :param translate: ``env._`` of who is told what went wrong
    """

    def __init__(self, url, database, login, secret, protocol, translate):
        self._url = url.rstrip("/")
        self._database = database
        self._login = login
        self._secret = secret
        self._is_json = protocol == "json2"
        self._ = translate
        self._user_id = None
        self._fields = {}
        self._http = requests.Session()
        # an address is what was typed: no proxy, no .netrc of the server
        self._http.trust_env = False

    def close(self):
        self._http.close()

    # === CALLS === #

    def read_version(self):
        """Version of the old server.

        :return: such as ``16.0``
        :rtype: str
        :raise OldDeskError: if it does not answer
        """
        answer = self._call_xmlrpc("common", "version", ())
        version = answer.get("server_version") if isinstance(answer, dict) else None
        if not isinstance(version, str):
            raise OldDeskError(self._("At this address answers no Odoo. Check it."))
        return version

    def read_fields(self, model):
        """Fields of an old model.

        :return: description by name; nothing if there is no such model
        :rtype: dict
        """
        if model not in self._fields:
            try:
                answer = self._call(
                    model, "fields_get", attributes=["type", "relation", "string"]
                )
                self._fields[model] = self._check(answer, dict)
            except OldDeskError as error:
                if not error.is_missing:
                    raise
                self._fields[model] = {}
        return self._fields[model]

    def keep_known(self, model, names):
        """Those of the fields that this version of the old server has.

        :rtype: list[str]
        """
        known = self.read_fields(model)
        return [name for name in names if name in known]

    def search_read(self, model, domain, names, limit=None, order="id"):
        """Read records, archived ones as well; fields that are not there are left out.

        :rtype: list[dict]
        """
        answer = self._call(
            model,
            "search_read",
            domain=domain,
            fields=self.keep_known(model, names),
            limit=limit,
            order=order,
            context={"active_test": False, "lang": "en_US"},
        )
        return self._check_rows(answer)

    def read_records(self, model, ids, names):
        """Read records that were found.

        :rtype: list[dict]
        """
        return self._check_rows(self._call(model, "read", ids=list(ids), fields=names))

    def search_count(self, model, domain):
        """Count records, archived ones as well.

        :rtype: int
        """
        answer = self._call(
            model, "search_count", domain=domain, context={"active_test": False}
        )
        return self._check(answer, int)

    def _check(self, answer, kind):
        """What was answered, if it is what was asked for."""
        if not isinstance(answer, kind):
            raise self._get_unreadable()
        return answer

    def _check_rows(self, answer):
        rows = self._check(answer, list)
        if not all(isinstance(row, dict) and "id" in row for row in rows):
            raise self._get_unreadable()
        return rows

    def _call(self, model, method, **kwargs):
        if self._is_json:
            return self._call_json(model, method, kwargs)
        if self._user_id is None:
            self._user_id = self._log_in()
        args = [kwargs.pop(name) for name in ("ids", "domain") if name in kwargs]
        request = (
            self._database,
            self._user_id,
            self._secret,
            model,
            method,
            args,
            kwargs,
        )
        return self._call_xmlrpc("object", "execute_kw", request)

    def _log_in(self):
        request = (self._database, self._login, self._secret, {})
        uid = self._call_xmlrpc("common", "authenticate", request)
        if not uid:
            raise self._get_denied()
        return uid

    # === PROTOCOLS === #

    def _call_xmlrpc(self, service, method, params):
        body = xmlrpc.client.dumps(params, method, allow_none=True).encode()
        headers = {"Content-Type": "text/xml"}
        status, data = self._post(f"/xmlrpc/2/{service}", body, headers)
        if status != 200:
            raise self._get_no_answer(status)
        try:
            return xmlrpc.client.loads(data, use_builtin_types=True)[0][0]
        except xmlrpc.client.Fault as fault:
            raise self._get_fault(fault) from None
        except (ExpatError, ValueError, TypeError, xmlrpc.client.Error, IndexError):
            raise self._get_unreadable() from None

    def _call_json(self, model, method, kwargs):
        kwargs = {name: value for name, value in kwargs.items() if value is not None}
        headers = {
            "Authorization": f"bearer {self._secret}",
            "Content-Type": "application/json",
            "X-Odoo-Database": self._database,
        }
        body = json.dumps(kwargs).encode()
        status, data = self._post(f"/json/2/{model}/{method}", body, headers)
        if status == 401:
            raise self._get_denied()
        try:
            answer = json.loads(data)
        except ValueError:
            raise (
                self._get_unreadable() if status == 200 else self._get_no_answer(status)
            ) from None
        if status == 200:
            return answer
        message = answer.get("message") if isinstance(answer, dict) else None
        raise self._get_refused(str(message or status), is_missing=status == 404)

    def _post(self, path, body, headers):
        """Send a request; nothing is followed that leads elsewhere."""
        try:
            with self._http.post(
                self._url + path,
                data=body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                pieces, size = [], 0
                for piece in response.iter_content(1 << 20):
                    size += len(piece)
                    if size > MAX_ANSWER:
                        raise self._get_unreadable()
                    pieces.append(piece)
                return response.status_code, b"".join(pieces)
        except UnicodeEncodeError:  # no header takes such a key, or database
            raise self._get_denied() from None
        except requests.Timeout:
            raise OldDeskError(
                self._("%(host)s does not answer in time.", host=self._host)
            ) from None
        except (requests.RequestException, OSError):
            raise OldDeskError(
                self._(
                    "%(host)s cannot be reached. Check the address, and that the old "
                    "server runs.",
                    host=self._host,
                )
            ) from None

    # === ERRORS === #

    @property
    def _host(self):
        return urlsplit(self._url).netloc.rpartition("@")[2]

    def _get_denied(self):
        return OldDeskError(
            self._("The old server refuses database, login or API key. Check them.")
        )

    def _get_no_answer(self, status):
        if 300 <= status < 400:
            return OldDeskError(
                self._(
                    "%(host)s sends calls elsewhere. Enter the address at which the old "
                    "server answers itself, with https if it asks for it.",
                    host=self._host,
                )
            )
        return OldDeskError(
            self._(
                "%(host)s answers with HTTP status %(status)s. Check the address.",
                host=self._host,
                status=status,
            ),
            is_missing=status == 404 and self._is_json,
        )

    def _get_unreadable(self):
        return OldDeskError(
            self._("What %(host)s answers cannot be read.", host=self._host)
        )

    def _get_refused(self, detail, is_missing=False):
        return OldDeskError(
            self._("The old server refuses: %(reason)s", reason=detail[:MAX_DETAIL]),
            is_missing=is_missing,
        )

    def _get_fault(self, fault):
        lines = str(fault.faultString).strip().splitlines() or [""]
        is_missing = "doesn't exist" in lines[-1] or lines[-1].startswith("KeyError")
        if fault.faultCode == ACCESS_DENIED:
            return self._get_denied()
        return self._get_refused(lines[-1], is_missing)
