"""From an ebook as Project Gutenberg publishes it to clean chapters of prose."""
