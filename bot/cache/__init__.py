"""Answers that were paid for once: given again only while they are fresh and only to the same question."""
