"""Write tagged policies and reports as text for terminals, HTML, Markdown, JSON and tables."""
