#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reverse proxy in front of a registry that misbehaves as it is told.

    proxy.py --upstream HOST:PORT --log FILE [--seed N] [--token USES] [--fault RULE]…

prints "listening on 127.0.0.1:PORT" once it is up. A RULE is METHOD PATTERN ACTION
[LIMIT]: the method (a regular expression, or "*" for any), a regular expression searched in
the path, what happens, and how often: xN the first N matching requests, eachN the first N
of every path, pF a share of them (0.3), nothing for always. Actions:

    status=CODE[,retry-after=SECONDS][,html]   answer without asking the registry
    cut=N         close the connection after N bytes of the reply's body
    cut-upload=N  close the connection after N bytes of the request's body
    corrupt       change one byte in the middle of the reply's body
    stall=S       wait S seconds before the answer

--token asks for a bearer token, gives one to anybody at /token, and takes it back after
USES requests, so that a client must fetch another in the middle of its work.

The log has one line per request: METHOD PATH STATUS BYTES ACTION.
"""

import argparse
import http.client
import random
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CHUNK = 65536
DROPPED = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"}


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

    def applies(self, method, path, dice):
        if not self.method.fullmatch(method) or not self.pattern.search(path):
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


class State:
    def __init__(self, options):
        self.upstream = options.upstream
        self.rules = [Rule(r) for r in options.fault]
        self.dice = random.Random(options.seed)
        self.lock = threading.Lock()
        self.log = open(options.log, "w", encoding="utf-8", buffering=1)
        self.token_uses, self.tokens, self.serial = options.token, {}, 0

    def rule_for(self, method, path):
        with self.lock:
            for rule in self.rules:
                if rule.applies(method, path, self.dice):
                    return rule
        return None

    def new_token(self):
        with self.lock:
            self.serial += 1
            self.tokens[f"token-{self.serial}"] = self.token_uses
            return f"token-{self.serial}"

    def token_is_good(self, header):
        with self.lock:
            token = (header or "").partition("Bearer ")[2]
            left = self.tokens.get(token, 0)
            self.tokens[token] = left - 1
            return left > 0

    def note(self, *fields):
        with self.lock:
            print(*fields, file=self.log)


class Cut(Exception):
    pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state = None

    def log_message(self, format, *args):
        pass

    def finish_with(self, status, body=b"", headers=()):
        self.drain()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def request_body(self):
        """The request's body in pieces, whatever its framing."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                left = size
                while left:
                    piece = self.rfile.read(min(left, CHUNK))
                    left -= len(piece)
                    yield piece
                self.rfile.readline()
                if size == 0:
                    return
        left = int(self.headers.get("Content-Length", 0))
        while left:
            piece = self.rfile.read(min(left, CHUNK))
            if not piece:
                raise Cut
            left -= len(piece)
            yield piece

    def drain(self):
        for _ in self.request_body():
            pass

    def challenge(self):
        realm = f"http://{self.headers['Host']}/token"
        self.finish_with(401, b'{"errors":[{"code":"UNAUTHORIZED","message":"token, please"}]}', [
            ("Content-Type", "application/json"),
            ("WWW-Authenticate", f'Bearer realm="{realm}",service="test",scope="repository:any:pull"'),
        ])
        self.state.note(self.command, self.path, 401, 0, "challenge")

    def answer_status(self, rule):
        headers = [("Content-Type", "text/html" if "html" in rule.arguments else "application/json")]
        if "retry-after" in rule.arguments:
            headers.append(("Retry-After", rule.arguments["retry-after"]))
        body = b"<html><body><h1>Sorry</h1>\x1b[31m</body></html>" if "html" in rule.arguments else b"{}"
        self.finish_with(int(rule.value), body, headers)
        self.state.note(self.command, self.path, rule.value, 0, rule.name)

    def serve(self):
        state = self.state
        if self.path.startswith("/token"):
            body = f'{{"token":"{state.new_token()}","expires_in":300}}'.encode()
            self.finish_with(200, body, [("Content-Type", "application/json")])
            state.note(self.command, "/token", 200, len(body), "-")
            return
        if state.token_uses and not state.token_is_good(self.headers.get("Authorization")):
            self.challenge()
            return
        rule = state.rule_for(self.command, self.path)
        if rule and rule.name == "status":
            self.answer_status(rule)
            return
        if rule and rule.name == "stall":
            time.sleep(float(rule.value))
        self.forward(rule)

    def forward(self, rule):
        upstream = http.client.HTTPConnection(self.state.upstream, timeout=120)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in DROPPED | {"expect", "authorization"} or (
                        name.lower() == "authorization" and not self.state.token_uses):
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
                self.state.note(self.command, self.path, 0, sent, "cut-upload")
                raise Cut
            upstream.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            sent += len(piece)
        if chunked:
            upstream.send(b"0\r\n\r\n")

    def send_reply(self, reply, rule):
        length = reply.getheader("Content-Length")
        whole = None
        if self.command != "HEAD" and length is None:
            whole = reply.read()
            length = str(len(whole))
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in DROPPED | {"content-length", "date", "server"}:
                self.send_header(name, value)
        if length is not None and reply.status != 204:
            self.send_header("Content-Length", length)
        self.end_headers()
        sent = 0
        if self.command != "HEAD":
            sent = self.send_body(reply, whole, int(length), rule)
        self.state.note(self.command, self.path, reply.status, sent, rule.name if rule else "-")

    def send_body(self, reply, whole, length, rule):
        sent = 0
        while sent < length:
            piece = whole if whole is not None else reply.read(min(CHUNK, length - sent))
            if not piece:
                raise Cut
            if rule and rule.name == "corrupt" and sent <= length // 2 < sent + len(piece):
                spot = length // 2 - sent
                piece = piece[:spot] + bytes([piece[spot] ^ 1]) + piece[spot + 1:]
            if rule and rule.name == "cut" and sent + len(piece) > int(rule.value):
                self.wfile.write(piece[:int(rule.value) - sent])
                self.wfile.flush()
                self.state.note(self.command, self.path, reply.status, int(rule.value), "cut")
                raise Cut
            self.wfile.write(piece)
            sent += len(piece)
        return sent

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (Cut, ConnectionError, ValueError, http.client.HTTPException):
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = serve


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--token", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[])
    Handler.state = State(parser.parse_args())
    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer.request_queue_size = 128
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
