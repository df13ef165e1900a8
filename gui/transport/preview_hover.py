"""Shows the frame under the pointer of the timeline."""

from __future__ import annotations

from PySide6.QtCore import QObject

from gui.playback import Playback, clock_text
from gui.translation import tr
from gui.transport.previews import Previews
from gui.transport.timeline import Timeline
from gui.transport.tips import PreviewTip


class PreviewHover(QObject):
    """The tip is on the screen exactly while the pointer is in the timeline; pictures that arrive never change that."""

    def __init__(self, timeline: Timeline, playback: Playback, previews: Previews) -> None:
        super().__init__(timeline)
        self.timeline, self.playback, self.previews = timeline, playback, previews
        self.tip: PreviewTip | None = None
        timeline.hovered.connect(self._hovered)
        previews.arrived.connect(self._arrived)

    def use(self, text: str | None) -> None:
        """Show frames of this source from now on."""
        self.previews.use(text)
        if self.tip is not None:
            self.tip.forget_picture()

    def _hovered(self, index: int) -> None:
        if index < 0:
            self.previews.forget()
            if self.tip is not None:
                self.tip.hide()
            return
        if self.tip is None:
            self.tip = PreviewTip(self.timeline.window())
        self.tip.text.setText(self._text(index))
        self.tip.set_picture(self.previews.picture(index))
        # While scrubbing, the canvas shows the frame itself; the processor is wanted there.
        if not self.timeline.scrubbing:
            self.previews.wish(index)
        self.tip.stand_above(self.timeline, self.timeline.x_of(index))
        self.tip.show()

    def _arrived(self, index: int) -> None:
        if self.tip is not None and not self.tip.isHidden() and index == self.timeline.hover_index:
            self.tip.set_picture(self.previews.picture(index))

    def _text(self, index: int) -> str:
        frame = tr("frame {n}").format(n=index + 1)
        time_s = self.playback.time_of(index)
        return frame if time_s is None else f"{clock_text(time_s)}   {frame}"
