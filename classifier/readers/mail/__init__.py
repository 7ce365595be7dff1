"""E-mails and pages saved as MHTML: files in parts, each with headers of its own (MIME)."""
