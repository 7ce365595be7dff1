"""Tagged policies and reports become text for a terminal, JSON, JSON lines or CSV; nothing is computed here.

A format is a pair of functions: what opens and closes the output, and what one policy adds to it.
"""
