"""A file becomes a document: a title and blocks in reading order. One file a family of formats, chosen by suffix.

A loader gets the bytes, read once: a file that changes meanwhile changes nothing. What cannot be read is an Unreadable
with the reason; what was left out of a readable file is a note.
"""

from bot.rag.loading.document import Document, load, readable

__all__ = ["Document", "load", "readable"]
