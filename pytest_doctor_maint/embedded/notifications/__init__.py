"""Where services of the embedded cloud, and admin tools, hand in their notifications."""
