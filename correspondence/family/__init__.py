"""What a family is sent: letters in plain words, on a screen or on paper, and the leaflets with them."""
