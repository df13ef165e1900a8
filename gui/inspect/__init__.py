"""The feature map inspector's parts of the window. How channels are ordered, scaled and laid out is in
`detector.inspection.ordering`, `contrast` and `mosaic`: the command `inspect` draws the same pictures."""
