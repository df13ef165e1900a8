"""What stands in the way of feature maps, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.translation import tr

if TYPE_CHECKING:
    from gui.inspect.inspecting import Inspecting


def missing(inspecting: Inspecting, has_source: bool, trouble: str) -> str:
    """What is missing before maps can be seen; "" where they are there. `trouble`: why layers cannot be read."""
    model, layer = inspecting.model, inspecting.layer
    if not has_source:
        return tr("No source is open: the maps are those of its frames.")
    if model is None:
        return tr("No model answers yet: the maps are those of its layers.")
    name = model.info.name
    if not inspecting.can_be_read:
        text = tr("{model} runs on {engine}, which gives no feature maps. Models of torch or OpenVINO do.")
        return text.format(model=name, engine=model.engine)
    if trouble:
        return trouble
    if not inspecting.layers:
        return tr("Reading the layers of {model}").format(model=name)
    if layer is None:
        return tr("{model} has no layer with feature maps.").format(model=name)
    return "" if inspecting.maps is not None else tr("Waiting for the maps of {layer}").format(layer=layer.name)
