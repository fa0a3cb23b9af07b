#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forward proxy: CONNECT for TLS, absolute URLs for plain HTTP.

    forward_proxy.py --log FILE [--login USER:PASSWORD] [--map NAME:PORT=HOST:PORT]…

prints "listening on 127.0.0.1:PORT". Only mapped names can be reached, others get 403; a
missing or wrong login gets 407. The log has one line per request: METHOD TARGET STATUS.
"""

import argparse
import base64
import http.server
import select
import socket
import urllib.parse


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    login, places, log = None, {}, None

    def log_message(self, *_):
        pass

    def note(self, target, status):
        print(self.command, target, status, file=self.log)

    def refuse(self, target, status, *headers):
        self.note(target, status)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def is_logged_in(self):
        expected = "Basic " + base64.b64encode((self.login or "").encode()).decode()
        return not self.login or self.headers.get("Proxy-Authorization") == expected

    def reach(self, target):
        """To the place of a name; None when the request was refused."""
        if not self.is_logged_in():
            self.refuse(target, 407, ("Proxy-Authenticate", 'Basic realm="way out"'))
        elif target not in self.places:
            self.refuse(target, 403)
        else:
            host, _, port = self.places[target].rpartition(":")
            return socket.create_connection((host, int(port)))
        return None

    def pump(self, other):
        pair = [self.request, other]
        while True:
            for ready in select.select(pair, [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (other if ready is self.request else self.request).sendall(data)

    def do_CONNECT(self):
        other = self.reach(self.path)
        if not other:
            return
        self.note(self.path, 200)
        with other:
            self.wfile.write(b"HTTP/1.1 200 let through\r\n\r\n")
            self.wfile.flush()
            try:
                self.pump(other)
            except OSError:
                pass
        self.close_connection = True

    def forward(self):
        url = urllib.parse.urlsplit(self.path)
        other = self.reach(f"{url.hostname}:{url.port or 80}")
        if not other:
            return
        self.note(self.path, 200)
        path = url._replace(scheme="", netloc="").geturl() or "/"
        head = f"{self.command} {path} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n"
        dropped = ("host", "connection", "proxy-connection", "proxy-authorization")
        for name, value in self.headers.items():
            if name.lower() not in dropped:
                head += f"{name}: {value}\r\n"
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with other:
            other.sendall(head.encode() + b"\r\n" + body)
            while data := other.recv(65536):
                self.wfile.write(data)
        self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = forward


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    parser.add_argument("--login")
    parser.add_argument("--map", action="append", default=[])
    options = parser.parse_args()
    Proxy.login = options.login
    Proxy.places = dict(m.split("=", 1) for m in options.map)
    Proxy.log = open(options.log, "a", encoding="utf-8", buffering=1)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.daemon_threads = True
    print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


main()
