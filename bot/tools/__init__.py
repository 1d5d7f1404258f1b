"""What a model may ask to be done: the company's own systems and the web, each with its arguments checked."""
