"""An HTTP proxy before a store that does what networks and busy stores do, as a file tells it.

Usage: faulty_proxy.py UPSTREAM_PORT FAULTS LOG

It listens on a free port of 127.0.0.1, which it prints. FAULTS is a JSON array of {"method", "has", "times", "do", …}: a request whose method is
"method" (any if left out) and whose target contains "has" (anything if left out) is given the fault, at most "times" times (always if left out). "do"
is one of:

    status   answer with "status", the header Retry-After "retry_after" and the body "body", without asking the store
    drop     read half of the body, then close the connection
    lose     have the store do it, then close the connection without an answer
    corrupt  change a byte of the body on its way
    slow     pass the body on at "rate" bytes a second
    hang     read nothing and say nothing

The file is read anew for every request. LOG gets one line of JSON for each: method, target without its signature, status or fault.
"""

import collections
import http.client
import http.server
import json
import sys
import threading
import time
import urllib.parse

PIECE = 65536


USED = collections.Counter()
LOCK = threading.Lock()


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def fault(self):
        with open(FAULTS) as file:
            faults = json.load(file)
        with LOCK:
            for number, fault in enumerate(faults):
                if fault.get("method", self.command) != self.command or fault.get("has", "") not in self.path:
                    continue
                key = json.dumps(fault, sort_keys=True)
                if USED[key] < fault.get("times", 1 << 60):
                    USED[key] += 1
                    return fault
        return {"do": None}

    def note(self, **members):
        parts = urllib.parse.urlsplit(self.path)
        query = "&".join(word for word in parts.query.split("&") if not word.startswith("X-Amz-"))
        target = parts.path + ("?" + query if query else "")
        line = json.dumps({"method": self.command, "target": target, **members})
        with LOCK, open(LOG, "a") as file:
            file.write(line + "\n")

    def hang_up(self):
        self.close_connection = True

    def handle_request(self):
        fault = self.fault()
        do = fault["do"]
        length = int(self.headers.get("Content-Length", 0))
        if do == "hang":
            self.note(fault=do)
            while True:
                time.sleep(3600)
        if do == "drop":
            self.rfile.read(length // 2)
            self.note(fault=do)
            return self.hang_up()
        if do == "status":
            self.rfile.read(length)
            body = fault.get("body", "").encode()
            self.send_response(fault["status"])
            if "retry_after" in fault:
                self.send_header("Retry-After", str(fault["retry_after"]))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            return self.note(fault=do, status=fault["status"])
        upstream = http.client.HTTPConnection("127.0.0.1", UPSTREAM, timeout=60)
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            upstream.putheader(name, value)
        upstream.endheaders()
        left = length
        while left > 0:
            piece = self.rfile.read(min(PIECE, left))
            if not piece:
                self.note(fault="client gone")
                upstream.close()
                return self.hang_up()
            if do == "corrupt" and left == length:
                piece = bytes([piece[0] ^ 1]) + piece[1:]
            if do == "slow":
                time.sleep(len(piece) / fault["rate"])
            upstream.send(piece)
            left -= len(piece)
        answer = upstream.getresponse()
        body = answer.read()
        if do == "lose":
            self.note(fault=do)
            return self.hang_up()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                self.send_header(name, value)
        size = answer.getheader("Content-Length", "0") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", size)
        self.end_headers()
        self.wfile.write(body)
        self.note(fault=do, status=answer.status)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_request


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


UPSTREAM, FAULTS, LOG = int(sys.argv[1]), sys.argv[2], sys.argv[3]
server = Server(("127.0.0.1", 0), Proxy)
print(server.server_port, flush=True)
server.serve_forever()
