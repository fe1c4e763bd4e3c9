"""The floor that every translator has to beat: the band's sound from what the transcriber hears, by plain L1."""
