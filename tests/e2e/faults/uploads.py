# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads as registries keep them that follow distribution-spec 1.1 to the letter.

Debian's registry loses an upload whose connection broke. Behind `proxy.py --uploads FORM`
uploads stay: their bytes are kept here, and the registry gets a blob when it is whole. FORM
is a comma-separated list, and may be empty:

    min=N     OCI-Chunk-Min-Length is N; a smaller piece that is not the last one: 416
    stuck     Range keeps naming the first piece
    no-patch  405 to every PATCH
    no-status 405 to a GET of the upload; a piece at the wrong place is told its Range
    bare      Location has no query
"""

import http.client
import re
import threading

UPLOAD = re.compile(r"^(/v2/.+/blobs/uploads/)kept-(\d+)")


class Uploads:
    def __init__(self, form):
        fields = dict(f.partition("=")[::2] for f in form.split(",") if f)
        self.min = int(fields.get("min") or 0)
        self.is_stuck = "stuck" in fields
        self.no_patch = "no-patch" in fields
        self.no_status = "no-status" in fields
        self.query = "" if "bare" in fields else "?_state=s3cr3t"
        self.lock = threading.Lock()
        self.kept, self.first, self.serial = {}, {}, 0

    def range_of(self, number):
        size = len(self.kept[number])
        if self.is_stuck:
            size = min(size, self.first.get(number, size))
        return f"0-{max(size - 1, 0)}"

    def answer(self, handler, status, number, action="-", path=None):
        headers = [("Range", self.range_of(number)),
                   ("Location", path or handler.path.partition("?")[0] + self.query)]
        if self.min and handler.command == "POST":
            headers.append(("OCI-Chunk-Min-Length", str(self.min)))
        handler.finish_with(status, b"", headers)
        handler.note(status, 0, action)

    def open(self, handler):
        with self.lock:
            self.serial += 1
            number = self.serial
        self.kept[number] = bytearray()
        self.answer(handler, 202, number, "kept", f"{handler.path.partition('?')[0]}kept-{number}{self.query}")

    def take(self, handler, number, rule):
        """The body, as far as it comes. The connection may break: what came stays."""
        kept, before = self.kept[number], len(self.kept[number])
        for piece in handler.request_body():
            if rule and rule.name == "cut-upload":
                left = int(rule.value) - (len(kept) - before)
                if len(piece) > left:
                    kept += piece[:left]
                    handler.note(0, 0, "cut-upload")
                    raise ConnectionError
            kept += piece
            handler.slow(rule, len(piece))
        self.first.setdefault(number, len(kept))

    def patch(self, handler, number, rule):
        if self.no_patch:
            handler.finish_with(405)
            handler.note(405, 0, "no-patch")
            return
        start = int(handler.headers.get("Content-Range", "0-0").partition("-")[0])
        if start != len(self.kept[number]):
            self.answer(handler, 416, number, "range")
            return
        self.take(handler, number, rule)
        self.answer(handler, 202, number, rule.name if rule else "-")

    def put(self, handler, number, rule):
        self.take(handler, number, rule)
        digest = re.search(r"[?&]digest=([^&]*)", handler.path).group(1)
        prefix = UPLOAD.match(handler.path).group(1)
        status, body, place = self.store(handler.state.upstream, prefix, digest, number)
        headers = [("Location", place)] if place else []
        handler.finish_with(status, body, headers)
        handler.note(status, len(body), rule.name if rule else "-")

    def store(self, upstream, prefix, digest, number):
        connection = http.client.HTTPConnection(upstream, timeout=120)
        try:
            connection.request("POST", prefix)
            opened = connection.getresponse()
            opened.read()
            place = re.sub(r"^https?://[^/]*", "", opened.getheader("Location"))
            connection.request("PUT", f"{place}&digest={digest}", bytes(self.kept[number]),
                               {"Content-Type": "application/octet-stream"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status == 201:
                del self.kept[number]
            return answer.status, body, answer.getheader("Location")
        finally:
            connection.close()

    def mount(self, handler):
        """True when the registry had the blob, and this is said."""
        connection = http.client.HTTPConnection(handler.state.upstream, timeout=120)
        try:
            connection.request("POST", handler.path)
            answer = connection.getresponse()
            answer.read()
            place = re.sub(r"^https?://[^/]*", "", answer.getheader("Location"))
            if answer.status == 201:
                handler.finish_with(201, b"", [("Location", place)])
                handler.note(201, 0, "-")
                return True
            connection.request("DELETE", place)
            connection.getresponse().read()
            return False
        finally:
            connection.close()

    def serve(self, handler, rule):
        """True when the request was about an upload."""
        if handler.command == "POST" and "/blobs/uploads/" in handler.path:
            if "mount=" not in handler.path or not self.mount(handler):
                self.open(handler)
            return True
        found = UPLOAD.match(handler.path)
        if not found:
            return False
        number = int(found.group(2))
        if number not in self.kept:
            handler.finish_with(404, b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}')
            handler.note(404, 0, "gone")
        elif handler.command == "GET" and self.no_status:
            handler.finish_with(405)
            handler.note(405, 0, "no-status")
        elif handler.command == "GET":
            self.answer(handler, 204, number)
        elif handler.command == "DELETE":
            del self.kept[number]
            handler.finish_with(204)
            handler.note(204, 0, "-")
        elif handler.command == "PATCH":
            self.patch(handler, number, rule)
        else:
            self.put(handler, number, rule)
        return True
