"""What is measured by a command: `buqi bench`."""
