"""A motion JPEG stream of the sample with the time of sending in every picture, from a process of its own.

python -m benchmarks.mjpeg_process --fps 60     prints its port, then serves until its input is closed
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.time_stamp import stamp
from detector.frames import Frame, open_source

PICTURES = 60
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=looktwice\r\n\r\n"


@contextmanager
def served(fps: float) -> Iterator[str]:
    """The address of such a stream, for as long as the context lasts."""
    command = [sys.executable, "-m", "benchmarks.mjpeg_process", "--fps", str(fps)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/live"
        process.stdin.close()


def sample_pictures() -> list[NDArray[np.uint8]]:
    """The first pictures of the sample, BGR."""
    source = open_source("sample")
    pictures = []
    for _ in range(PICTURES):
        frame = source.read()
        assert isinstance(frame, Frame)
        pictures.append(np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR), np.uint8))
    source.close()
    return pictures


def stream_to(connection: socket.socket, pictures: list[NDArray[np.uint8]], fps: float) -> None:
    """Send picture after picture at `fps` until the other side hangs up; who is slow to take them is not waited for."""
    connection.sendall(HEAD)
    due_s, number = time.monotonic(), 0
    while True:
        image = pictures[number % len(pictures)]
        stamp(image, time.monotonic())
        jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
        head = b"--looktwice\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
        connection.sendall(head + jpeg + b"\r\n")
        number += 1
        due_s = max(due_s + 1 / fps, time.monotonic() - 1 / fps)
        time.sleep(max(0.0, due_s - time.monotonic()))


def serve(listener: socket.socket, fps: float) -> None:
    """Stream to whoever connects, one after the other."""
    pictures = sample_pictures()
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.recv(4096)
        try:
            stream_to(connection, pictures, fps)
        except OSError:
            connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fps", type=float, default=60.0)
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener, options.fps), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    # Whoever started this closes the pipe when they are done, or die.
    sys.stdin.read()


if __name__ == "__main__":
    main()
