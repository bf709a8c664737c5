"""The words of the house: frozen values and closed vocabularies, with no effects and no input or output."""
