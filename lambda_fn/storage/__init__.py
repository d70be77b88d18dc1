"""Where stories and bundles are kept."""
