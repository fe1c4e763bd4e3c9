"""What two folders of songs hold, measured before anything is trained on them."""
