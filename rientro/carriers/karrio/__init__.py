"""Real carriers by way of the library Karrio (the extra ``rientro[karrio]``), which the worker alone imports.

    offered.py       what the panel says of each carrier; imports nothing
    library.py       loads Karrio, closes its holes, and proves that they are closed
    transport.py     every byte to a carrier goes through here: one call, its routes, its deadline, its journal
    tokens.py        access tokens, kept under a hash
    adapter.py       the words of carriers/base.py, once for all
    outcomes.py      what an exchange means for a purchase
    parties.py       our addresses, parcels and customs in Karrio's words
    statuses.py      each carrier's tracking codes in ours
    dhl_parcel_de.py, ups.py, fedex.py, bpost.py, colissimo.py, tracking_only.py   one profile each

Karrio builds the requests and reads the errors; what a purchase came to is read here, from the answer itself.
"""
