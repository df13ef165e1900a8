import pytest
import torch

from detector.networks.yolo import YoloOutput, anchor_points
from detector.training.losses import TeacherAnswer, hint_loss, teacher_loss, truth_loss

POINTS = anchor_points(64, 64)
COUNT = len(POINTS.strides)
TRUTH = torch.tensor([[[8.0, 8.0, 40.0, 40.0]]])
LABELS = torch.tensor([[1]])


def output(logits=-4.0, boxes=None, classes=3):
    """One photograph; every point says the same, unless told otherwise."""
    centres = POINTS.centres_xy
    default = torch.cat((centres - 8, centres + 8), dim=1)[None] if boxes is None else boxes
    class_logits = torch.full((1, COUNT, classes), float(logits)) if isinstance(logits, float) else logits
    return YoloOutput(class_logits.clone().requires_grad_(), default.clone().requires_grad_())


def inside_truth():
    x, y = POINTS.centres_xy.T
    return (x > 8) & (x < 40) & (y > 8) & (y < 40)


def test_truth_loss_is_near_zero_when_everything_is_right():
    inside = inside_truth()
    logits = torch.full((1, COUNT, 3), -12.0)
    logits[0, inside, 1] = 12.0
    # Points beyond the ten that the box takes are background; leave only ten sure.
    taken = inside.nonzero()[10:, 0]
    logits[0, taken, 1] = -12.0
    boxes = TRUTH.expand(1, COUNT, 4)
    losses = truth_loss(output(logits, boxes), POINTS, TRUTH, LABELS)
    assert float(losses["truth_box"].detach()) == pytest.approx(0, abs=1e-5)
    assert float(losses["truth_class"].detach()) == pytest.approx(0, abs=1e-3)


def test_truth_loss_pushes_the_class_up_inside_and_down_outside():
    made = output(boxes=TRUTH.expand(1, COUNT, 4))
    truth_loss(made, POINTS, TRUTH, LABELS)["truth_class"].backward()
    gradient = made.class_logits.grad[0]
    inside = inside_truth()
    assert int((gradient[inside, 1] < 0).sum()) == 10
    assert (gradient[~inside] > 0).all()
    assert (gradient[:, [0, 2]] > 0).all()


def test_truth_loss_pulls_boxes_towards_the_truth():
    short = TRUTH - torch.tensor([0.0, 0.0, 6.0, 0.0])  # the right side is 6 px too far left
    made = output(boxes=short.expand(1, COUNT, 4))
    truth_loss(made, POINTS, TRUTH, LABELS)["truth_box"].backward()
    gradient = made.boxes_xyxy.grad[0]
    touched = gradient.abs().sum(dim=1) > 0
    assert int(touched.sum()) == 10
    assert (gradient[touched, 2] < 0).all()  # descending moves it right


def test_without_truth_there_is_only_background():
    made = output()
    losses = truth_loss(made, POINTS, torch.zeros(1, 1, 4), torch.full((1, 1), -1))
    assert float(losses["truth_box"].detach()) == 0
    (losses["truth_class"] + losses["truth_box"]).backward()
    assert (made.class_logits.grad > 0).all()


def test_background_steps_back_where_the_teacher_sees_the_class():
    scores = torch.zeros(1, COUNT, 3)
    scores[0, 0, 2] = 0.8
    teacher = TeacherAnswer(scores, torch.zeros(1, COUNT, 4))
    gradients = []
    for told in (None, teacher):
        made = output()
        truth_loss(made, POINTS, TRUTH, LABELS, told)["truth_class"].backward()
        gradients.append(made.class_logits.grad[0])
    alone, guided = gradients
    assert float(guided[0, 2]) == pytest.approx(0.2 * float(alone[0, 2]), rel=1e-4)
    torch.testing.assert_close(guided[1:], alone[1:])


def test_teacher_loss_is_zero_when_the_student_says_the_same():
    scores = torch.rand(1, COUNT, 3) * 0.98 + 0.01
    boxes = output().boxes_xyxy.detach()
    losses = teacher_loss(output(scores.logit(), boxes), TeacherAnswer(scores, boxes))
    assert float(losses["teacher_class"].detach()) == pytest.approx(0, abs=1e-5)
    assert float(losses["teacher_box"].detach()) == pytest.approx(0, abs=1e-5)


def test_teacher_loss_moves_scores_towards_the_teachers():
    scores = torch.full((1, COUNT, 3), 0.018)
    scores[0, 3, 1] = 0.9
    scores[0, 4, 1] = 0.001
    made = output(-4.0)  # a score of 0.018
    teacher_loss(made, TeacherAnswer(scores, made.boxes_xyxy.detach()))["teacher_class"].backward()
    gradient = made.class_logits.grad[0]
    assert gradient[3, 1] < 0 < gradient[4, 1]
    assert abs(gradient[3, 1]) > 100 * abs(gradient[4, 1])


def test_teacher_boxes_count_by_score_and_not_below_the_floor():
    scores = torch.zeros(1, COUNT, 3)
    scores[0, 0, 0], scores[0, 1, 0], scores[0, 2, 0] = 0.8, 0.4, 0.09
    made = output()
    teacher = TeacherAnswer(scores, made.boxes_xyxy.detach() + torch.tensor([0.0, 0.0, 4.0, 0.0]))
    teacher_loss(made, teacher)["teacher_box"].backward()
    gradient = made.boxes_xyxy.grad[0]
    assert (gradient[2:] == 0).all()
    torch.testing.assert_close(gradient[0], 2 * gradient[1])


def test_hint_is_zero_for_the_same_pattern_and_two_for_its_opposite():
    teacher = [torch.randn(2, 4, side, side) for side in (8, 4)]
    assert float(hint_loss([3 * t + 1 for t in teacher], teacher)) == pytest.approx(0, abs=1e-5)
    assert float(hint_loss([-t for t in teacher], teacher)) == pytest.approx(2, abs=1e-5)


def test_hint_of_a_constant_map_is_finite():
    flat = torch.ones(1, 2, 4, 4, requires_grad=True)
    loss = hint_loss([flat], [torch.randn(1, 2, 4, 4)])
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(flat.grad).all()
