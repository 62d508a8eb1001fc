"""Sendcloud, for merchants who keep a contract there: many European carriers behind one adapter."""
