"""The language model: a bundle, its graph, its tokens and how one is sampled."""
