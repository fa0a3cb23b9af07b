#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reverse proxy in front of a registry that misbehaves as it is told.

    proxy.py --upstream HOST:PORT --log FILE [--seed N] [OPTION]… [--fault RULE]…

prints "listening on 127.0.0.1:PORT" once it is up. A RULE is METHOD PATTERN ACTION
[LIMIT]: the method (a regular expression, or "*" for any), a regular expression searched in
the path, what happens, and how often: xN the first N matching requests, eachN the first N
of every path, pF a share of them (0.3), nothing for always. The first rule that applies
acts. Actions instead of an answer of the registry:

    status=CODE[,retry-after=SECONDS|date=SECONDS][,html][,code=NAME]
    challenge         401 that wants a token
    close             close the connection without an answer
    hang              take the request and never answer
    limit=N[,CODE]    413 (or CODE) when the request's body is larger than N bytes
    redirect=HOST[,CODE]   the same path at another host, with a secret in its query;
                      HOST may be "self"
    lie[=CODE]        200 (or CODE) without asking whether it is true, and no length

and on the way of an answer:

    cut=N             close the connection after N bytes of the reply's body
    hang-body=N       fall silent after N bytes of the reply's body
    cut-upload=N      close the connection after N bytes of the request's body
    hang-upload=N     take no more after N bytes of the request's body, and never answer
    corrupt           change one byte in the middle of the reply's body
    stall=S           wait S seconds before the answer
    rate=N            N bytes per second in the body, whichever way it goes
    drip=N            the answer's body in pieces of N bytes, two seconds apart
    range=ignore|shift|total|refuse   only for requests with a Range: answer all of it, from
                      another byte, name another total, or 416
    location=relative|absolute|upstream|downgrade|HOST   of an upload; upstream: past
                      this proxy; downgrade: here, over http; HOST: over http at that host
    encoding=NAME, digest=DIGEST, clock=SECONDS   a false header
    no-digest         without Docker-Content-Digest
    no-length         chunked, without Content-Length
    bye               close the connection after the answer
    tags=paged|null|reversed   other forms of a list of tags

cut and hang-body work on tokens, too. --cert FILE and --key FILE: TLS. --silent N-M: nothing
is said on those connections, counted from 1, not even in the handshake. --link N: all bodies
together, whichever way they go, have N bytes per second.

--token USES and --token-ttl SECONDS ask for bearer tokens, give one to anybody at /token, and
take it back after so many requests or seconds; --token-form access_token|no-expires says
how it is handed out, last-scope that it is good for the last scope alone; --token-max-url N
answers 414 past N bytes. --no-auth answers 400 to a
request with credentials, as a signed URL does. --uploads keeps uploads as uploads.py says.

The log has one line per request: METHOD PATH STATUS BYTES SENT ACTION, bytes of the reply's
body and of the request's; PLAIN for what came to TLS without a handshake, EXPECT for who
wants to be told to go on.
"""

import argparse
import http.client
import json
import random
import re
import socket
import ssl
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from uploads import Uploads

CHUNK = 65536
LINK_CHUNK = 1000  # small enough that many connections share a slow link
DROPPED = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"}
SECRET = "X-Amz-Signature=s3cr3t"


class Rule:
    def __init__(self, text):
        fields = text.split()
        self.method = re.compile(fields[0].replace("*", ".*"))
        self.pattern = re.compile(fields[1])
        self.name, *arguments = fields[2].split(",")
        self.name, _, self.value = self.name.partition("=")
        self.arguments = dict(a.partition("=")[::2] for a in arguments)
        self.limit = fields[3] if len(fields) > 3 else ""
        self.total, self.per_path = 0, {}

    def concerns(self, method, path, headers):
        if not self.method.fullmatch(method) or not self.pattern.search(path):
            return False
        if self.name == "range" and "Range" not in headers:
            return False
        return self.name != "limit" or int(headers.get("Content-Length", 0)) > int(self.value)

    def applies(self, method, path, headers, dice):
        if not self.concerns(method, path, headers):
            return False
        if self.limit.startswith("p"):
            return dice.random() < float(self.limit[1:])
        if self.limit.startswith("each"):
            self.per_path[path] = self.per_path.get(path, 0) + 1
            return self.per_path[path] <= int(self.limit[4:])
        if self.limit.startswith("x"):
            self.total += 1
            return self.total <= int(self.limit[1:])
        return True


class Link:
    """So many bytes a second for all who ask; who asks first goes first."""

    def __init__(self, rate):
        self.rate, self.lock, self.free = rate, threading.Lock(), 0.0

    def take(self, size):
        with self.lock:
            self.free = max(self.free, time.monotonic()) + size / self.rate
            until = self.free
        time.sleep(max(0.0, until - time.monotonic()))


class State:
    def __init__(self, options):
        self.options = options
        self.upstream = options.upstream
        self.rules = [Rule(r) for r in options.fault]
        self.dice = random.Random(options.seed)
        self.lock = threading.Lock()
        self.log = open(options.log, "w", encoding="utf-8", buffering=1)
        self.asks_token = options.token > 0 or options.token_ttl > 0
        self.tokens, self.serial = {}, 0
        self.uploads = Uploads(options.uploads) if options.uploads is not None else None
        self.link = Link(options.link) if options.link else None
        self.chunk = LINK_CHUNK if self.link else CHUNK
        self.tls, self.scheme = None, "https" if options.cert else "http"
        if options.cert:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(options.cert, options.key)

    def rule_for(self, method, path, headers):
        with self.lock:
            for rule in self.rules:
                if rule.applies(method, path, headers, self.dice):
                    return rule
        return None

    def new_token(self, path):
        scope = parse_qs(urlsplit(path).query).get("scope", [""])[-1]
        with self.lock:
            self.serial += 1
            end = time.monotonic() + (self.options.token_ttl or 300)
            self.tokens[f"token-{self.serial}"] = [self.options.token or 1 << 60, end, scope]
            return f"token-{self.serial}"

    def token_is_good(self, header, path):
        with self.lock:
            token = self.tokens.get((header or "").partition("Bearer ")[2], [0, 0, ""])
            token[0] -= 1
            if self.options.token_form == "last-scope":
                repository = (token[2].split(":") + [""])[1]
                if repository and not path.startswith(f"/v2/{repository}/"):
                    return False
            return token[0] >= 0 and time.monotonic() < token[1]

    def note(self, *fields):
        with self.lock:
            print(*fields, file=self.log)


class Cut(Exception):
    pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state = None
    uploaded = 0

    def log_message(self, format, *args):
        pass

    def note(self, status, sent, action):
        self.state.note(self.command, self.path, status, sent, self.uploaded, action)

    def finish_with(self, status, body=b"", headers=(), rule=None):
        self.drain()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204 and not (rule and rule.name == "lie"):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if rule and rule.name in ("cut", "hang-body"):
            self.break_off(status, body, rule)
        if self.command != "HEAD":
            self.wfile.write(body)

    def break_off(self, status, body, rule):
        """What is left of the body, and never the rest."""
        self.wfile.write(body[:int(rule.value)])
        self.wfile.flush()
        if rule.name == "hang-body":
            self.hang(int(rule.value))
        self.note(status, int(rule.value), "cut")
        raise Cut

    def request_body(self):
        """The request's body in pieces, whatever its framing."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                left = size
                while left:
                    piece = self.rfile.read(min(left, self.state.chunk))
                    left -= len(piece)
                    yield piece
                self.rfile.readline()
                if size == 0:
                    return
        left = int(self.headers.get("Content-Length", 0)) - self.uploaded
        while left:
            piece = self.rfile.read1(min(left, self.state.chunk))
            if not piece:
                raise Cut
            if self.state.link:
                self.state.link.take(len(piece))
            left -= len(piece)
            self.uploaded += len(piece)
            yield piece

    def drain(self):
        for _ in self.request_body():
            pass

    def slow(self, rule, size):
        if rule and rule.name == "rate":
            time.sleep(size / float(rule.value))
        if rule and rule.name == "drip":
            time.sleep(2)

    # ---- answers that the registry is not asked for ----

    def challenge(self):
        realm = f"{self.state.scheme}://{self.headers['Host']}/token"
        self.finish_with(401, b'{"errors":[{"code":"UNAUTHORIZED","message":"token, please"}]}', [
            ("Content-Type", "application/json"),
            ("WWW-Authenticate", f'Bearer realm="{realm}",service="test",scope="repository:any:pull"'),
        ])
        self.note(401, 0, "challenge")

    def answer_token(self, rule):
        if 0 < self.state.options.token_max_url < len(self.path):
            self.finish_with(414)
            self.note(414, 0, "long")
            return
        form = self.state.options.token_form
        answer = {"access_token" if form == "access_token" else "token": self.state.new_token(self.path)}
        if form != "no-expires":
            answer["expires_in"] = self.state.options.token_ttl or 300
        body = json.dumps(answer).encode()
        self.path = "/token"
        self.finish_with(200, body, [("Content-Type", "application/json")], rule)
        self.note(200, len(body), "-")

    def answer_status(self, rule, status):
        headers = [("Content-Type", "text/html" if "html" in rule.arguments else "application/json")]
        if "retry-after" in rule.arguments:
            headers.append(("Retry-After", rule.arguments["retry-after"]))
        if "date" in rule.arguments:
            at = time.time() + float(rule.arguments["date"])
            headers.append(("Retry-After", formatdate(at, usegmt=True)))
        body = b"{}"
        if "html" in rule.arguments:
            body = b"<html><body><h1>Sorry</h1>\x1b[31m</body></html>"
        elif "code" in rule.arguments:
            error = {"code": rule.arguments["code"], "message": "no"}
            body = json.dumps({"errors": [error]}).encode()
        self.finish_with(status, body, headers)
        self.note(status, 0, rule.name)

    def redirect(self, rule):
        host = self.headers["Host"] if rule.value == "self" else rule.value
        joint = "&" if "?" in self.path else "?"
        status = int(next(iter(rule.arguments), 307))
        self.finish_with(status, b"", [("Location", f"http://{host}{self.path}{joint}{SECRET}")])
        self.note(status, 0, "redirect")

    def hang(self, sent):
        self.note(0, sent, "hang")
        self.wfile.flush()
        self.connection.settimeout(120)
        try:
            while self.connection.recv(CHUNK):
                pass  # until the client loses its patience
        except OSError:
            pass
        raise Cut

    def answer_alone(self, rule):
        """True when the rule is an answer of its own."""
        if rule.name == "status":
            self.answer_status(rule, int(rule.value))
        elif rule.name == "limit":
            rule.arguments["html"] = ""
            self.answer_status(rule, next((int(a) for a in rule.arguments if a.isdigit()), 413))
        elif rule.name == "challenge":
            self.challenge()
        elif rule.name == "close":
            self.note(0, 0, "close")
            raise Cut
        elif rule.name == "hang":
            self.hang(0)
        elif rule.name == "redirect":
            self.redirect(rule)
        elif rule.name == "lie":
            self.finish_with(int(rule.value or 200), rule=rule if self.command == "HEAD" else None)
            self.note(rule.value or 200, 0, "lie")
        elif rule.name == "range" and rule.value == "refuse":
            self.finish_with(416, b"", [("Content-Range", "bytes */0")])
            self.note(416, 0, "range")
        else:
            return False
        return True

    def serve(self):
        state, self.uploaded = self.state, 0
        if "Expect" in self.headers:
            state.note("EXPECT", self.path, 0, 0, 0, "-")
        rule = state.rule_for(self.command, self.path, self.headers)
        if rule and self.answer_alone(rule):
            return
        if self.path.startswith("/token"):
            self.answer_token(rule)
            return
        if state.options.no_auth and "Authorization" in self.headers:
            self.finish_with(400, b"Only one auth mechanism allowed")
            self.note(400, 0, "auth")
            return
        if state.asks_token and not state.token_is_good(self.headers.get("Authorization"), self.path):
            self.challenge()
            return
        if rule and rule.name == "stall":
            time.sleep(float(rule.value))
        if state.uploads and state.uploads.serve(self, rule):
            return
        self.forward(rule)

    # ---- the way to the registry and back ----

    def forward(self, rule):
        upstream = http.client.HTTPConnection(self.state.upstream, timeout=120)
        try:
            path = self.path.replace("?" + SECRET, "").replace("&" + SECRET, "")
            upstream.putrequest(self.command, path, skip_host=True, skip_accept_encoding=True)
            dropped = DROPPED | {"expect"}
            if self.state.asks_token:
                dropped.add("authorization")
            if rule and rule.name == "range":
                dropped.add("range")
            for name, value in self.headers.items():
                if name.lower() not in dropped:
                    upstream.putheader(name, value)
            self.send_request(upstream, rule)
            self.send_reply(upstream.getresponse(), rule)
        finally:
            upstream.close()

    def send_request(self, upstream, rule):
        chunked = "chunked" in self.headers.get("Transfer-Encoding", "").lower()
        if chunked:
            upstream.putheader("Transfer-Encoding", "chunked")
        upstream.endheaders()
        sent = 0
        for piece in self.request_body():
            if rule and rule.name == "cut-upload" and sent + len(piece) > int(rule.value):
                upstream.send(piece[:int(rule.value) - sent])
                self.note(0, 0, "cut-upload")
                raise Cut
            if rule and rule.name == "hang-upload" and sent + len(piece) > int(rule.value):
                self.hang(0)
            upstream.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            sent += len(piece)
            self.slow(rule, len(piece))
        if chunked:
            upstream.send(b"0\r\n\r\n")

    def change_location(self, value, rule):
        path = re.sub(r"^https?://[^/]*", "", value)
        if rule.value == "relative":
            return path
        places = {"upstream": f"http://{self.state.upstream}", "downgrade": f"http://{self.headers['Host']}",
                  "absolute": f"{self.state.scheme}://{self.headers['Host']}"}
        return places.get(rule.value, f"http://{rule.value}") + path

    def change_header(self, name, value, rule):
        if rule.name == "location" and name.lower() == "location":
            return self.change_location(value, rule)
        if rule.name == "digest" and name.lower() == "docker-content-digest":
            return rule.value
        return value

    def send_headers(self, reply, length, rule):
        for name, value in reply.getheaders():
            if rule and rule.name == "no-digest" and name.lower() == "docker-content-digest":
                continue
            if name.lower() not in DROPPED | {"content-length", "date", "server"}:
                self.send_header(name, self.change_header(name, value, rule) if rule else value)
        if rule and rule.name == "encoding":
            self.send_header("Content-Encoding", rule.value)
        if rule and rule.name == "bye":
            self.send_header("Connection", "close")
            self.close_connection = True
        if rule and rule.name == "no-length" and self.command != "HEAD":
            self.send_header("Transfer-Encoding", "chunked")
        elif length is not None and reply.status != 204:
            self.send_header("Content-Length", length)
        self.end_headers()

    def change_tags(self, body, rule):
        tags, link = json.loads(body).get("tags") or [], None
        if rule.value == "null":
            tags = None
        elif rule.value == "reversed":
            tags.sort(reverse=True)
        else:
            tags.sort()
            last = re.search(r"[?&]last=([^&]*)", self.path)
            tags = [t for t in tags if not last or t > last.group(1)]
            if len(tags) > 3:
                tags = tags[:3]
                link = f"<{self.path.split('?')[0]}?n=3&last={tags[-1]}>; rel=\"next\""
        return json.dumps({"name": "any", "tags": tags}).encode(), link

    def send_reply(self, reply, rule):
        length, link = reply.getheader("Content-Length"), None
        whole = None
        if self.command != "HEAD" and length is None:
            whole = reply.read()
            length = str(len(whole))
        if rule and rule.name == "tags" and reply.status == 200:
            whole, link = self.change_tags(whole or reply.read(), rule)
            length = str(len(whole))
        if rule and rule.name == "range" and rule.value != "ignore":
            self.send_wrong_range(reply, rule)
            return
        self.send_response(reply.status)
        if link:
            self.send_header("Link", link)
        self.send_headers(reply, length, rule)
        sent = 0
        if self.command != "HEAD":
            sent = self.send_body(reply, whole, int(length), rule)
        self.note(reply.status, sent, rule.name if rule else "-")

    def send_wrong_range(self, reply, rule):
        """The registry gave all of it: another part than was asked for goes on."""
        body = reply.read()
        start = int(re.search(r"bytes=(\d+)-", self.headers["Range"]).group(1))
        total = len(body) + (5 if rule.value == "total" else 0)
        if rule.value == "shift":
            start = max(0, start - 100)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{total}")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        self.wfile.write(body[start:])
        self.note(206, len(body) - start, "range")

    def write_piece(self, piece, rule):
        if rule and rule.name == "no-length":
            piece = b"%x\r\n%s\r\n" % (len(piece), piece)
        self.wfile.write(piece)

    def send_body(self, reply, whole, length, rule):
        sent = 0
        while sent < length:
            most = int(rule.value) if rule and rule.name == "drip" else self.state.chunk
            piece = whole if whole is not None else reply.read(min(most, length - sent))
            if not piece:
                raise Cut
            if rule and rule.name == "corrupt" and sent <= length // 2 < sent + len(piece):
                spot = length // 2 - sent
                piece = piece[:spot] + bytes([piece[spot] ^ 1]) + piece[spot + 1:]
            if rule and rule.name in ("cut", "hang-body") and sent + len(piece) > int(rule.value):
                self.wfile.write(piece[:int(rule.value) - sent])
                self.break_off(reply.status, b"", rule)
            if self.state.link:
                self.state.link.take(len(piece))
            self.write_piece(piece, rule)
            sent += len(piece)
            self.slow(rule, len(piece))
        if rule and rule.name == "no-length":
            self.wfile.write(b"0\r\n\r\n")
        return sent

    def date_time_string(self, timestamp=None):
        skew = next((float(r.value) for r in self.state.rules if r.name == "clock"), 0)
        return super().date_time_string(time.time() + skew)

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (Cut, ConnectionError, ValueError, http.client.HTTPException):
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = serve


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    connections = 0

    def get_request(self):
        connection, address = super().get_request()
        self.connections += 1
        if Handler.state.link:
            # What waits here has crossed the link, as far as the sender can see.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        return connection, (*address, self.connections)

    def finish_request(self, request, client_address):
        """In a thread of its own."""
        state = Handler.state
        first, _, last = (state.options.silent or "0-0").partition("-")
        if int(first) <= client_address[2] <= int(last):
            state.note("-", "-", 0, 0, 0, "silent")
            while request.recv(CHUNK):
                pass
            return
        if state.tls:
            try:
                request = state.tls.wrap_socket(request, server_side=True)
            except OSError:
                state.note("PLAIN", "-", 0, 0, 0, "-")
                return
        super().finish_request(request, client_address)
        request.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--token", type=int, default=0)
    parser.add_argument("--token-ttl", type=int, default=0)
    parser.add_argument("--token-form", default="")
    parser.add_argument("--token-max-url", type=int, default=0)
    parser.add_argument("--no-auth", action="store_true")
    parser.add_argument("--uploads")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--silent")
    parser.add_argument("--link", type=float)
    parser.add_argument("--fault", action="append", default=[])
    Handler.state = State(parser.parse_args())
    server = Server(("127.0.0.1", 0), Handler)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
