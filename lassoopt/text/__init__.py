"""Text for a screen: numbers and tables, the console that shows them, and the line of progress of long work."""
