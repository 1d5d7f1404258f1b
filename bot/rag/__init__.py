"""The company's documents as the last step before "I do not know": read, found again, answered from with citations."""
