"""Looking inside a network while it runs: its layers, their feature maps, and what explains them."""
