"""The bot: tells an endless story one tweet at a time, and posts it, with no training code."""
