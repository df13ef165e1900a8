"""From annotated photographs to weights: augmentation, assignment, losses, distillation and the loop."""
