"""What a random hand does, by part of the window: each deed chooses at random and gives the act."""

from __future__ import annotations

from benchmarks.deeds import canvas, choosing, controls, lanes, sources, window
from benchmarks.hand import Deed

DEEDS: tuple[Deed, ...] = (
    Deed("trigger", 2200, controls.trigger),
    Deed("key", 1000, canvas.key_on_canvas),
    Deed("slide", 900, controls.slide),
    Deed("wheel", 900, canvas.wheel),
    Deed("drag", 500, canvas.drag_canvas),
    Deed("hover", 900, canvas.hover_canvas),
    Deed("click on the canvas", 700, canvas.click_canvas),
    Deed("pinch", 300, canvas.pinch),
    Deed("menu of the canvas", 100, canvas.canvas_menu),
    Deed("menu", 60, controls.open_menu),
    Deed("press a button", 500, controls.click),
    Deed("choose", 150, controls.choose),
    Deed("spin", 150, controls.spin),
    Deed("type", 100, controls.type_words),
    Deed("tick", 500, choosing.tick_class),
    Deed("search", 100, choosing.search_class),
    Deed("own preset", 30, choosing.own_preset),
    Deed("scrub", 200, controls.scrub),
    Deed("lanes", 200, lanes.on_lanes),
    Deed("speed", 100, sources.set_speed),
    Deed("model", 30, choosing.choose_model),
    Deed("open", 40, sources.open_good),
    Deed("open where none is", 200, sources.open_where_none),
    Deed("open what is bad", 30, sources.open_bad),
    Deed("open something live", 40, sources.open_live),
    Deed("switch ten times", 4, sources.switch_ten_times),
    Deed("drop", 30, sources.drop_something),
    Deed("cancel", 20, sources.cancel_opening),
    Deed("happen", 60, sources.something_happens),
    Deed("resize", 100, window.resize),
    Deed("dock", 60, window.change_dock),
    Deed("tab", 100, window.change_tab),
    Deed("theme", 10, window.change_theme),
    Deed("rebind", 30, window.rebind),
)
"""Everything, with how often of about 10,000."""
