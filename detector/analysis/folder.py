"""Where the results of one source lie: one folder, every file by its own name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from detector.writers import partial_path


@dataclass(frozen=True)
class ResultFolder:
    """The files of one analysed source. What is not finished has `.part` before its ending."""

    path: Path

    @property
    def journal(self) -> Path:
        """What was found, frame by frame; everything else is made of it."""
        return self.path / "frames.jsonl"

    @property
    def unfinished_journal(self) -> Path:
        return partial_path(self.journal)

    @property
    def lock(self) -> Path:
        """Taken by whoever writes into this folder."""
        return self.path / ".looktwice.lock"

    @property
    def parts(self) -> Path:
        """Folder of the journals of stretches, while a long source is analysed in several places."""
        return self.path / "parts"

    @property
    def about(self) -> Path:
        """Source, model and settings of the tables."""
        return self.path / "about.json"

    @property
    def csv(self) -> Path:
        return self.path / "detections.csv"

    @property
    def json_lines(self) -> Path:
        return self.path / "detections.jsonl"

    @property
    def coco(self) -> Path:
        return self.path / "coco.json"

    @property
    def coco_images(self) -> Path:
        """The images and categories that the results in `coco` belong to."""
        return self.path / "coco_images.json"

    @property
    def mot(self) -> Path:
        return self.path / "mot.txt"

    @property
    def srt(self) -> Path:
        return self.path / "classes.srt"

    @property
    def vtt(self) -> Path:
        return self.path / "classes.vtt"

    @property
    def parquet(self) -> Path:
        return self.path / "detections.parquet"

    @property
    def tracks(self) -> Path:
        return self.path / "tracks.jsonl"

    @property
    def counts(self) -> Path:
        return self.path / "counts.json"

    @property
    def summary(self) -> Path:
        return self.path / "summary.json"

    @property
    def page(self) -> Path:
        return self.path / "summary.html"

    @property
    def video(self) -> Path:
        return self.path / "annotated.mp4"

    @property
    def pictures(self) -> Path:
        """Of a folder of photographs, these with their boxes."""
        return self.path / "annotated"
