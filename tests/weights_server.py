"""A server on this machine that gives the files of a folder, as torchvision's gives its weights."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torchvision.models import detection

from detector.downloads import torch_hub_folder
from detector.families import torchvision_published
from detector.families.torchvision_published import PUBLISHED

SMALL = "fasterrcnn_mobilenet_v3_large_320_fpn"


class WeightsServer(ThreadingHTTPServer):
    """Holds every file halfway until `go` is set."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.asked = folder, []
        self.halfway, self.go = threading.Event(), threading.Event()

    @property
    def host(self) -> str:
        """What `torchvision_published.HOST` is to be."""
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(BaseHTTPRequestHandler):
    server: WeightsServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        content = (self.server.folder / self.path.strip("/")).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        half = len(content) // 2
        try:
            self.wfile.write(content[:half])
            self.wfile.flush()
            self.server.halfway.set()
            self.server.go.wait(120)
            self.wfile.write(content[half:])
        except OSError:
            return  # who asked has gone

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[WeightsServer]:
    server = WeightsServer(folder)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.go.set()
        server.shutdown()
        server.server_close()


def publish_untrained(monkeypatch: pytest.MonkeyPatch, server: WeightsServer) -> Path:
    """Let the server give weights of SMALL that have learned nothing; gives where they will be kept.

    TORCH_HOME has to name a folder of the test's own.
    """
    network = detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)
    made = server.folder / "made.pth"
    torch.save({name: x.half() if x.is_floating_point() else x for name, x in network.state_dict().items()}, made)
    prefix = hashlib.sha256(made.read_bytes()).hexdigest()[:8]
    file = made.rename(server.folder / f"untrained-{prefix}.pth")
    monkeypatch.setattr(torchvision_published, "HOST", server.host)
    monkeypatch.setitem(PUBLISHED, SMALL, replace(PUBLISHED[SMALL], file=file.name, mib=file.stat().st_size / 2**20))
    return torch_hub_folder() / file.name
