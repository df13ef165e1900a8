"""Object detection without a window: networks, engines, frames, pipeline, training and evaluation."""

from detector.opencv_setup import import_opencv

# Here, because this runs before any module of the package can import OpenCV itself.
import_opencv()
