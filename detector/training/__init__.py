"""From annotated photographs to weights: data, augmentation, assignment, losses, distillation and the loop."""
