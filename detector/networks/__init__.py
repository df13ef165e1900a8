"""What is learned, in torch: the VGG backbone and the one-stage VGG-YOLO on top of it."""
