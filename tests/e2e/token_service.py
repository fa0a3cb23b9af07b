#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token service as docker-registry wants one: short-lived JWTs, signed by openssl.

    token_service.py --cert FILE --key FILE --log FILE [--user USER:PASSWORD]
        [--refresh TOKEN] [--lifetime SECONDS] [--tls-cert FILE --tls-key FILE] [--port N]

prints "listening on 127.0.0.1:PORT". GET /token takes Basic credentials, POST /token a
refresh token. Who shows the right ones gets all that is asked for; anybody else may pull.
The log has one line per request: METHOD SCOPES WHO STATUS, WHO being user, refresh,
anonymous or wrong. Distribution "Token Authentication Specification".
"""

import argparse
import base64
import http.server
import json
import ssl
import subprocess
import time
import urllib.parse
import uuid


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    options = log = certificate = None

    def log_message(self, *_):
        pass

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def sign(self, text):
        command = ["openssl", "dgst", "-sha256", "-sign", self.options.key]
        return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout

    def token(self, service, scopes, may_push):
        access = []
        for scope in scopes:
            kind, name, actions = scope.split(":")
            actions = [a for a in actions.split(",") if may_push or a == "pull"]
            access.append({"type": kind, "name": name, "actions": actions})
        now = int(time.time())
        claims = {
            "iss": "test", "sub": "", "aud": service, "access": access, "jti": str(uuid.uuid4()),
            "iat": now, "nbf": now - 1, "exp": now + self.options.lifetime,
        }
        head = {"typ": "JWT", "alg": "RS256", "x5c": [self.certificate]}
        text = encode(json.dumps(head).encode()) + "." + encode(json.dumps(claims).encode())
        return text + "." + encode(self.sign(text))

    def give(self, service, scopes, who):
        status = 401 if who == "wrong" else 200
        print(self.command, ",".join(scopes), who, status, file=self.log)
        if who == "wrong":
            return self.answer(401, {"details": "incorrect username or password"})
        token = self.token(service, scopes, who != "anonymous")
        name = "access_token" if who == "refresh" else "token"
        return self.answer(200, {name: token, "expires_in": self.options.lifetime})

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        who, header = "anonymous", self.headers.get("Authorization")
        if header:
            pair = base64.b64decode(header.partition("Basic ")[2]).decode()
            who = "user" if pair == self.options.user else "wrong"
        self.give(query.get("service", [""])[0], query.get("scope", []), who)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = urllib.parse.parse_qs(body)
        is_right = (
            form.get("grant_type") == ["refresh_token"]
            and form.get("refresh_token") == [self.options.refresh]
            and not self.headers.get("Authorization")
        )
        scopes = " ".join(form.get("scope", [])).split()
        self.give(form.get("service", [""])[0], scopes, "refresh" if is_right else "wrong")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--user", default="user:secret")
    parser.add_argument("--refresh", default="")
    parser.add_argument("--lifetime", type=int, default=300)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    Service.options = parser.parse_args()
    with open(Service.options.cert, encoding="ascii") as pem:
        Service.certificate = base64.b64encode(ssl.PEM_cert_to_DER_cert(pem.read())).decode()
    Service.log = open(Service.options.log, "a", encoding="utf-8", buffering=1)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", Service.options.port), Service)
    server.daemon_threads = True
    if Service.options.tls_cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(Service.options.tls_cert, Service.options.tls_key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


main()
