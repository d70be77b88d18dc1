"""The story as pages to read: chapters, a table of contents, a feed; all of it can be made again from the archive."""
