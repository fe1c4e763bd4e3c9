"""The floor that every translator has to beat: the band's sound from what the listener hears, by plain L1."""
