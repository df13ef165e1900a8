"""A local server of a motion JPEG stream that can stall, die, come back, be slow and never answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

import cv2
import numpy as np

HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=looktwice\r\n\r\n"

LOGIN_WANTED = b'HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="camera"\r\nContent-Length: 0\r\n\r\n'


def numbered_jpeg(number: int, size_wh: tuple[int, int] = (64, 48)) -> bytes:
    """A gray picture whose value grows by one a frame."""
    width, height = size_wh
    return cv2.imencode(".jpg", np.full((height, width, 3), number % 256, np.uint8))[1].tobytes()


class MjpegServer:
    """Serves numbered pictures at any path of `address`; use as a context, or `close` it.

    flowing: while clear, connections stay open but nothing is sent. answering: while clear, requests are accepted and
    never answered. frame_s: pause between pictures. last: after so many pictures a connection ends (None: never).
    wants_login: refuses whoever sends no user and password. answer: sent instead of a stream, such as an error or a
    page. picture: makes the n-th JPEG. sent: pictures in all. connections: how many requests came.
    """

    def __init__(self, picture: Callable[[int], bytes] = numbered_jpeg, frame_s: float = 0.01) -> None:
        self.picture, self.frame_s = picture, frame_s
        self.flowing, self.answering = threading.Event(), threading.Event()
        self.flowing.set()
        self.answering.set()
        self.last: int | None = None
        self.wants_login = False
        self.answer: bytes | None = None
        self.sent = self.connections = 0
        self.requests: list[bytes] = []
        self._down = threading.Event()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.port = 0
        self.come_back()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/live"

    def come_back(self) -> None:
        """Listen again, at the same port."""
        self._down = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept, self._listener, self._down)

    def die(self) -> None:
        """Drop every connection and refuse new ones."""
        self._down.set()
        for connection in [self._listener, *self._open]:
            shut(connection)
        self._open.clear()
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()

    def close(self) -> None:
        self.die()

    def __enter__(self) -> MjpegServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="mjpeg server", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, down: threading.Event) -> None:
        while not down.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if down.is_set():
                shut(connection)
                return
            self._open.append(connection)
            self._start(self._serve, connection, down)

    def _serve(self, connection: socket.socket, down: threading.Event) -> None:
        try:
            request = connection.recv(4096)
            self.requests.append(request)
            self.connections += 1
            if not self._wait(self.answering, down):
                return
            refused = self.wants_login and b"Authorization:" not in request
            answer = LOGIN_WANTED if refused else self.answer
            if answer is not None:
                connection.sendall(answer)
                return
            connection.sendall(HEAD)
            self._stream(connection, down)
        except OSError:
            # The other side hung up, or this side died.
            pass
        finally:
            shut(connection)

    def _stream(self, connection: socket.socket, down: threading.Event) -> None:
        count = 0
        while self._wait(self.flowing, down) and (self.last is None or count < self.last):
            jpeg = self.picture(self.sent)
            head = b"--looktwice\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            connection.sendall(head + jpeg + b"\r\n")
            self.sent += 1
            count += 1
            if down.wait(self.frame_s):
                return

    @staticmethod
    def _wait(event: threading.Event, down: threading.Event) -> bool:
        """Wait for `event`; False when the server goes down first."""
        while not event.wait(0.02):
            if down.is_set():
                return False
        return not down.is_set()


def shut(connection: socket.socket) -> None:
    # It may never have been connected, or be gone already.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
