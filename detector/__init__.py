"""Object detection without a window: networks, engines, frames, pipeline, training and evaluation."""
