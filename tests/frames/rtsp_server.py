"""A local RTSP server: a film as MPEG-TS in RTP, inside the connection (interleaved), as cameras send it over TCP."""

from __future__ import annotations

import socket
import struct
import threading
import time
from pathlib import Path

from tests.frames.mjpeg_server import shut

PACKETS_AT_ONCE = 7
PACKET_BYTES = 188
MPEG_TS = 33


class RtspServer:
    """Plays `film` (a .ts file) once to each who asks, evenly over `lasts_s`. Use as a context."""

    def __init__(self, film: Path, lasts_s: float) -> None:
        self._film, self._lasts_s = film.read_bytes(), lasts_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="rtsp server", daemon=True)]
        self._threads[0].start()
        self.methods: list[str] = []

    @property
    def address(self) -> str:
        return f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}/live"

    def __enter__(self) -> RtspServer:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in [self._listener, *self._open]:
            shut(connection)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), name="rtsp server", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection.makefile("rb") as lines:
                while request := self._request(lines):
                    method, number = request
                    self.methods.append(method)
                    connection.sendall(self._answer(method, number))
                    if method == "PLAY":
                        self._play(connection)
                        return
        except OSError:
            # The other side hung up.
            pass
        finally:
            shut(connection)

    @staticmethod
    def _request(lines) -> tuple[str, str] | None:
        first = lines.readline().decode().split()
        number = ""
        while (line := lines.readline().decode().strip()) != "":
            if line.lower().startswith("cseq:"):
                number = line.split(":")[1].strip()
        return (first[0], number) if first else None

    def _answer(self, method: str, number: str) -> bytes:
        head = {
            "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
            "DESCRIBE": "Content-Type: application/sdp\r\n",
            "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n",
        }.get(method, "Session: 1\r\n")
        body = ""
        if method == "DESCRIBE":
            body = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=live\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
            body += f"m=video 0 RTP/AVP {MPEG_TS}\r\na=control:track\r\n"
        return f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    def _play(self, connection: socket.socket) -> None:
        step = PACKETS_AT_ONCE * PACKET_BYTES
        count = -(-len(self._film) // step)
        for number in range(count):
            payload = self._film[number * step : (number + 1) * step]
            stamp = round(number / count * self._lasts_s * 90_000)
            packet = struct.pack(">BBHII", 0x80, MPEG_TS, number & 0xFFFF, stamp, 1) + payload
            connection.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
            time.sleep(self._lasts_s / count)
