"""What is shipped beside the weights is of those weights, and small enough."""

import numpy as np
import pytest
from skimage import data

import weights
from detector.openvino_files import openvino_files, xml_of
from detector.registry import DEFAULT_MODEL, engines_of, load_detector, model_info

WEIGHTS = weights.path(f"{DEFAULT_MODEL}.safetensors")
MOST_BYTES_INT8 = 6_000_000


@pytest.mark.parametrize("precision", ["f32", "int8"])
def test_the_models_for_openvino_were_made_of_the_shipped_weights(precision):
    files = openvino_files(WEIGHTS)
    assert files is not None
    assert files.checked_xml(precision).is_file()


def test_the_int8_model_is_small():
    xml = xml_of(WEIGHTS, "int8")
    assert xml.stat().st_size + xml.with_suffix(".bin").stat().st_size <= MOST_BYTES_INT8


def test_by_itself_the_shipped_model_runs_on_openvino_and_finds_what_torch_finds():
    assert engines_of(model_info(DEFAULT_MODEL)) == ("openvino", "torch")
    frame = data.astronaut()[:288]
    found, expected = (
        load_detector(size=160, precision="f32", engine=engine).predict(frame) for engine in ("auto", "torch")
    )
    both = np.intersect1d(found.origin, expected.origin)
    # Those near the floor may lie on either side of it.
    assert len(both) > 0.9 * len(expected)
    rows = [np.isin(one.origin, both) for one in (found, expected)]
    np.testing.assert_allclose(found.scores[rows[0]], expected.scores[rows[1]], atol=0.01)
