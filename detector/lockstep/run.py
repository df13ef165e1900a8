"""The run: every model looks at every frame, and everything is written as it comes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from detector.comparison import NO_COMMON_CLASS
from detector.data.frame_truth import FrameTruths
from detector.errors import SourceError
from detector.files import write_atomically
from detector.frames import FrameSource, SourceInfo
from detector.lockstep.board import Layout, draw_board
from detector.lockstep.boxes import Image
from detector.lockstep.extent import Extent, frames_within
from detector.lockstep.film import Film, NoFilm, film_for
from detector.lockstep.lanes import Lane
from detector.lockstep.looks import Look, look_at
from detector.lockstep.page import page
from detector.lockstep.rows import BOX_COLUMNS, FRAME_COLUMNS, box_rows, frame_document, frame_rows
from detector.lockstep.stopping import Stopping
from detector.lockstep.summary import ModelFacts, ModelSummary, Summary, Tally, as_document
from detector.lockstep.truth import Measuring
from detector.lockstep.worst import Worst
from detector.writers import CsvWriter, JsonLinesWriter, partial_path

FILM_APART_S = 1.0
STOPPED = "It was stopped before the end; this is of what was done until then."


@dataclass(frozen=True)
class Order:
    """What to do. output: a folder that exists. iou: from which on boxes go together. video: whether to draw it."""

    output: Path
    extent: Extent
    iou: float
    video: bool = True


@dataclass(frozen=True)
class Outcome:
    """summary: None where there was no frame at all; nothing is left in the folder then. trouble: of the source, or "".

    stopped: by Ctrl-C. written: whole files.
    """

    summary: Summary | None
    trouble: str
    stopped: bool
    written: tuple[Path, ...] = ()


class _Files:
    """The tables that grow with every frame, and the film."""

    def __init__(self, folder: Path, film: Film) -> None:
        self.film = film
        self._frames = CsvWriter(folder / "frames.csv", FRAME_COLUMNS)
        self._lines = JsonLinesWriter(folder / "frames.jsonl")
        self._boxes = CsvWriter(folder / "detections.csv", BOX_COLUMNS)
        self._tables = (self._frames, self._lines, self._boxes)

    def write(self, look: Look, lanes: Sequence[Lane]) -> None:
        self._frames.write(frame_rows(look, lanes))
        self._lines.write([frame_document(look, lanes)])
        self._boxes.write(list(box_rows(look, lanes)))

    def finish(self) -> list[Path]:
        for table in self._tables:
            table.finish()
        return [table.path for table in self._tables] + self.film.finish()

    def close(self) -> None:
        """What is not finished stays under its partial name."""
        for table in self._tables:
            table.close()
        self.film.close()

    def discard(self) -> None:
        """Nothing came."""
        self.close()
        for table in self._tables:
            partial_path(table.path).unlink()


class _Sums:
    """Everything that is kept of the frames for the summary."""

    def __init__(self, lanes: Sequence[Lane], info: SourceInfo, with_truth: bool) -> None:
        self.tally = Tally(lanes)
        self.worst = Worst(apart_s=0.0 if info.kind == "images" else FILM_APART_S)
        self.measuring = Measuring([lane.class_names for lane in lanes]) if with_truth else None

    def add(self, look: Look, draw: Callable[[], Image]) -> None:
        self.tally.add(look)
        self.worst.add(look, draw)
        if self.measuring is not None and look.truth is not None:
            self.measuring.add({place: answer.candidates for place, answer in look.answers.items()}, look.truth)


def run_lockstep(
    source: FrameSource,
    lanes: Sequence[Lane],
    facts: Sequence[ModelFacts],
    about: Mapping[str, str],
    order: Order,
    truths: FrameTruths | None = None,
    not_loaded: Sequence[ModelSummary] = (),
    advance: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda sentence: None,
) -> Outcome:
    """Let the lanes look at the source's frames and write everything into `order.output`.

    Args:
        facts: of each lane's model. about: what stands at the top of the summary.
        truths: annotations by frame name. not_loaded: models that are only told of in the summary.
        advance: called after each frame. say: called with a sentence when a model fails.

    Raises:
        OutputError: something cannot be written; what was written before stays readable under partial names.
    """
    trouble = ""
    film = film_for(source.info, order.output, order.extent.every) if order.video else NoFilm()
    sums = _Sums(lanes, source.info, truths is not None)
    layout: Layout | None = None
    with closing(_Files(order.output, film)) as files, Stopping() as stopping:
        try:
            for look in _looks(source, lanes, order, truths, lambda: stopping.asked, say):
                layout = layout or Layout.of(len(lanes), look.frame.size_wh)
                draw = partial(draw_board, look, lanes, layout)
                files.write(look, lanes)
                if order.video:
                    film.write(look.frame, draw())
                sums.add(look, draw)
                advance()
        except SourceError as error:
            trouble = str(error)
        trouble = trouble or source.trouble
        if layout is None:
            files.discard()
            return Outcome(None, trouble, stopping.asked)
        written = files.finish()
        notes = _notes(sums, lanes, trouble, stopping.asked, truths, not_loaded)
        summary = _summed(sums, facts, about, notes, not_loaded, source.info.kind != "images")
        written += _write_summary(order.output, summary)
    return Outcome(summary, trouble, stopping.asked, tuple(written))


def _looks(
    source: FrameSource,
    lanes: Sequence[Lane],
    order: Order,
    truths: FrameTruths | None,
    stop: Callable[[], bool],
    say: Callable[[str], None],
) -> Iterator[Look]:
    """Frame by frame, until the extent ends or no model is left."""
    told: set[str] = set()
    for number, frame in enumerate(frames_within(source, order.extent, stop)):
        if number == 0:
            # What an engine does once only shall not count as the first frame's milliseconds.
            for lane in lanes:
                lane.answer(frame)
        truth = truths.of(frame.name, frame.size_wh) if truths is not None else None
        look = look_at(frame, lanes, order.iou, truth)
        for lane in lanes:
            if lane.failure and lane.title not in told:
                told.add(lane.title)
                say(lane.failure)
        if not look.answers:
            return
        yield look


def _notes(
    sums: _Sums,
    lanes: Sequence[Lane],
    trouble: str,
    stopped: bool,
    truths: FrameTruths | None,
    not_loaded: Sequence[ModelSummary],
) -> Iterator[str]:
    """What a reader of the summary has to know beside its figures."""
    if stopped:
        yield STOPPED
    if trouble:
        yield f"Of the source: {trouble}"
    yield from (model.failure for model in not_loaded)
    yield from (lane.failure for lane in lanes if lane.failure)
    for pair in sums.tally.pairs(None):
        if pair.class_agnostic:
            yield f"{pair.first} and {pair.second}: {NO_COMMON_CLASS}"
    if truths is not None:
        missing = sums.tally.frames - sums.tally.annotated
        if missing:
            yield f"{missing} of {sums.tally.frames} frames have no annotations that fit them and are not judged."
        if truths.trouble:
            yield f"Of the annotations: {truths.trouble}"


def _summed(
    sums: _Sums,
    facts: Sequence[ModelFacts],
    about: Mapping[str, str],
    notes: Iterable[str],
    not_loaded: Sequence[ModelSummary],
    timed: bool,
) -> Summary:
    measured = sums.measuring.result() if sums.measuring is not None else None
    notes = list(notes)
    if measured is not None and measured.left_out:
        notes.append(f"AP leaves out {', '.join(measured.left_out)}: not every model knows these classes.")
    return Summary(
        dict(about),
        sums.tally.frames,
        (*sums.tally.models(facts, measured), *not_loaded),
        sums.tally.pairs(measured),
        tuple(sums.worst.frames),
        tuple(notes),
        sums.tally.annotated,
        measured,
        timed,
    )


def _write_summary(folder: Path, summary: Summary) -> list[Path]:
    as_json, as_page = folder / "summary.json", folder / "summary.html"
    write_atomically(as_json, json.dumps(as_document(summary), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    write_atomically(as_page, page(summary))
    return [as_json, as_page]
