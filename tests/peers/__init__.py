"""Stand-ins for the vendors' servers, with the behaviour their documents describe, and real peers."""
