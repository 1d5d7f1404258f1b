"""Stand-ins for services that tests cannot reach: real servers on loopback that speak the real wire format."""
