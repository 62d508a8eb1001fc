"""A real Medusa 2 on this machine, for trying the adapter by hand: `script/medusa`."""
