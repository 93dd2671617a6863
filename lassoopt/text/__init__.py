"""`text` makes text for a screen: numbers and tables, the console that shows them, and progress of long work."""
