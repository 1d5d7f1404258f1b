"""What neither FAQ nor documents know, looked up in the web if the operator allows it. Every address is checked."""
