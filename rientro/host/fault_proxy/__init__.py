"""A server between an adapter and its carrier that breaks the line in every way we know, on request and by seed.

It speaks plain HTTP/1.1 on 127.0.0.1, hands each request on once, and remembers what it saw: how often a purchase
went over the wire is counted here, by neither of the two parties. `tests/faults` plays the matrix through it,
`script/crash` cuts the network with it.
"""
