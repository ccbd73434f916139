"""An OpenAI-compatible endpoint on this machine, for tests: what the endpoints share, and the tests that start them."""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def serve(answer, lifetime_s):
    """The endpoint itself, called as `ENDPOINT PORT_FILE [--seconds S]`.

    Writes its port into PORT_FILE once it listens. `answer(request)` gives what was asked for, of which each becomes a
    line of PORT_FILE.log, and the value to answer with, which takes S seconds. Ends by itself after so long.
    """
    port_file = sys.argv[1]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(seconds)
            asked, value = answer(request)
            with open(port_file + ".log", "a", encoding="utf-8") as log:
                log.writelines(json.dumps(text, ensure_ascii=False) + "\n" for text in asked)
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with open(port_file + ".new", "w", encoding="ascii") as file:
        file.write(str(server.server_address[1]))
    os.rename(port_file + ".new", port_file)
    threading.Timer(lifetime_s, lambda: os._exit(0)).start()
    server.serve_forever()


def wait_for(what, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.01)
    sys.exit("waited in vain")


def check(holds, what):
    if not holds:
        sys.exit(f"{Path(sys.argv[0]).name}: {what}")


class Running:
    """An endpoint that runs, and a folder to run the program in that has nothing of the user's."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = dict(os.environ, HOME=str(folder), no_proxy="*", DRAGOMAN_MODELS=str(folder))
        for variable in ("DRAGOMAN_CACHE", "XDG_CACHE_HOME", "DRAGOMAN_API_KEY", "OPENAI_API_KEY"):
            self.environment.pop(variable, None)
        self.port, self._log = folder / "port", folder / "port.log"

    def url(self):
        return f"http://127.0.0.1:{self.port.read_text()}/v1"

    def asked(self):
        """What it was asked for since forget()."""
        return self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []

    def forget(self):
        self._log.unlink(missing_ok=True)


@contextlib.contextmanager
def running(endpoint, seconds):
    """@param endpoint a file beside this one, which takes so long for an answer."""
    with tempfile.TemporaryDirectory() as name:
        here = Running(Path(name))
        server = subprocess.Popen([sys.executable, Path(__file__).resolve().parent / endpoint, here.port, "--seconds",
                                   str(seconds)])
        try:
            wait_for(here.port.exists)
            yield here
        finally:
            server.kill()
            server.wait()
