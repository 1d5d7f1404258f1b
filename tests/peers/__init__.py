"""Stand-ins for servers that tests cannot reach, with the behaviour their documents describe, and real peers."""
