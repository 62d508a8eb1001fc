"""The one page of the sandbox: its labels, and buttons that scan them. Works without JavaScript."""

import json
from collections.abc import Sequence
from datetime import datetime
from html import escape

from rientro.host.sandbox_carrier.prices import amount
from rientro.host.sandbox_carrier.store import Row

BUTTONS = [
    ("handed_in", "Handed in"),
    ("in_transit", "In transit"),
    ("delivered", "Delivered"),
]
RARER = [
    ("delayed", "Delayed"),
    ("exception", "Problem"),
    ("back_to_sender", "Back to sender"),
    ("lost", "Lost"),
]
SHOWN = {
    "created": ("Printed, not seen yet", "mute"),
    "voided": ("Voided", "mute"),
    "HANDED_IN": ("Handed in", "info"),
    "IN_TRANSIT": ("In transit", "info"),
    "CUSTOMS": ("At customs", "info"),
    "DELAYED": ("Delayed", "warn"),
    "EXCEPTION": ("Problem", "bad"),
    "DELIVERED": ("Delivered", "ok"),
    "BACK_TO_SENDER": ("Back to sender", "bad"),
    "LOST": ("Lost", "bad"),
}
STYLE = """
:root { --paper: #f4f3ee; --surface: #fff; --line: #e3e1d9; --edge: #85837a; --ink: #1d1e1b;
  --ink-2: #53544c; --accent: #0b5a6e; --on-accent: #fff; --ok: #1c673d; --ok-soft: #e2f1e6;
  --info: #22508f; --info-soft: #e7eef8; --warn: #7a4b00; --warn-soft: #fbefd5; --bad: #a0261e;
  --bad-soft: #fbe8e5; --mute: #53544c; --mute-soft: #eeece5;
  --stripe: #e2c27f; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --paper: #161714; --surface: #1f201d; --line: #34352f;
  --edge: #7d7e74; --ink: #f0efe9; --ink-2: #b6b6ac; --accent: #7cc4d4; --on-accent: #10201f;
  --ok: #93d5a9; --ok-soft: #193322; --info: #a8c6ef; --info-soft: #1a2a40; --warn: #e9c27a;
  --warn-soft: #392a10; --bad: #f0a59d; --bad-soft: #411d1a; --mute: #b6b6ac; --mute-soft: #2a2b27;
  --stripe: #6b5322; } }
* { box-sizing: border-box; margin: 0; }
body { font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--ink);
  background: var(--paper); }
main, header > div { max-inline-size: 62rem; margin-inline: auto; padding-inline: 1.25rem; }
header { background: var(--surface); border-block-end: 1px solid var(--line); }
header::before { content: ""; display: block; block-size: .5rem;
  background: repeating-linear-gradient(-45deg, var(--stripe) 0 12px, var(--surface) 12px 24px); }
header > div { display: flex; flex-wrap: wrap; gap: .75rem 2rem; align-items: center;
  justify-content: space-between; padding-block: 1.25rem; }
h1 { font-size: 1.375rem; letter-spacing: -.015em; line-height: 1.2; }
header p { color: var(--ink-2); font-size: .875rem; }
form.find { display: flex; gap: .5rem; }
input { font: inherit; min-inline-size: 13rem; padding: .5rem .75rem; border: 1px solid var(--edge);
  border-radius: .375rem; background: var(--surface); color: inherit; }
main { padding-block: 1.5rem 4rem; }
.count { color: var(--ink-2); font-size: .875rem; margin-block-end: .75rem; }
ol { list-style: none; padding: 0; display: grid; gap: .75rem; }
li { background: var(--surface); border: 1px solid var(--line); border-radius: .5rem;
  padding: 1rem 1.25rem; display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: center; }
.facts { flex: 1 1 20rem; min-inline-size: 0; display: grid; gap: .25rem; }
h2 { font: 600 1.0625rem/1.3 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace;
  display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; }
.road, .small { color: var(--ink-2); overflow-wrap: anywhere; }
.small { font-size: .8125rem; }
.badge { font: 550 .8125rem/1.4 system-ui, sans-serif; padding: .0625rem .5rem; border-radius: 99rem; }
.ok { color: var(--ok); background: var(--ok-soft); } .info { color: var(--info); background: var(--info-soft); }
.warn { color: var(--warn); background: var(--warn-soft); } .bad { color: var(--bad); background: var(--bad-soft); }
.mute { color: var(--mute); background: var(--mute-soft); }
.moves { display: flex; flex-wrap: wrap; gap: .5rem; }
button, .moves summary { font: inherit; font-size: .875rem; padding: .4375rem .875rem; border-radius: .375rem;
  border: 1px solid var(--edge); background: var(--surface); color: var(--ink); cursor: pointer; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 550; }
button:hover, summary:hover { filter: brightness(.95); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
summary { list-style: none; } summary::-webkit-details-marker { display: none; }
details { position: relative; } details[open] > summary { border-color: var(--accent); }
.more { position: absolute; inset-inline-end: 0; inset-block-start: calc(100% + .375rem); z-index: 1;
  display: grid; gap: .25rem; padding: .5rem; inline-size: max-content; background: var(--surface);
  border: 1px solid var(--line); border-radius: .5rem; box-shadow: 0 12px 32px -8px rgb(0 0 0 / 35%); }
.more button { inline-size: 100%; text-align: start; border-color: transparent; }
a { color: var(--accent); }
.empty { text-align: center; padding: 4rem 1rem; color: var(--ink-2); }
@media (max-width: 44rem) { button, summary { min-block-size: 2.75rem; }
  summary { padding-block: .625rem; } .more { inset-inline: 0 auto; } }
"""


def labels_page(labels: Sequence[Row], search: str, count: int) -> str:
    """The page as a whole."""
    rows = "".join(_row(label, search) for label in labels)
    body = f"<ol>{rows}</ol>" if labels else _empty(search)
    words = "1 label sold" if count == 1 else f"{count} labels sold"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sandbox carrier</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/style.css"></head><body>
<header><div><div><h1>Sandbox carrier</h1>
<p>A carrier for trying things out. Labels are tests; no parcel moves, nobody pays.</p></div>
<form class="find" role="search"><input type="search" name="q" aria-label="Find a label"
placeholder="Tracking number or name" value="{escape(search)}"><button>Find</button></form></div></header>
<main><p class="count">{words}{", newest first" if labels else ""}</p>{body}</main></body></html>"""


def _empty(search: str) -> str:
    if search:
        return (
            f'<p class="empty">Nothing found for “{escape(search)}”. <a href="/">Show all</a></p>'
        )
    return '<p class="empty">No label has been bought yet. They appear here as soon as one is.</p>'


def _row(label: Row, search: str) -> str:
    words = json.loads(label["request"])
    shown, tone = SHOWN.get(label["status"], (label["status"], "mute"))
    price = amount(label["price_minor"])
    bought = datetime.fromisoformat(label["created_at"])
    number = escape(label["tracking_number"])
    return f"""<li><div class="facts"><h2>{number} <span class="badge {tone}">{escape(shown)}</span></h2>
<p class="road">{_end(words["from"])} → {_end(words["to"])}</p>
<p class="small">{escape(label["reference"])} · {price["amount"]} {price["currency"]} ·
{bought:%d %b %Y, %H:%M} UTC · <a href="/control/paper?number={number}">Paper</a></p></div>
{_moves(label, search)}</li>"""


def _end(side: Row) -> str:
    return escape(f"{side['name'] or side['company']}, {side['city']} ({side['country']})")


def _moves(label: Row, search: str) -> str:
    if label["voided_at"] or label["status"] == "DELIVERED":
        return ""
    # The likely next step stands out; any order may be tried.
    done = {"created": 0, "HANDED_IN": 1}.get(label["status"], 2)
    usual = "".join(
        _button(label, search, status, words, main=place == done)
        for place, (status, words) in enumerate(BUTTONS)
    )
    rarer = "".join(_button(label, search, status, words) for status, words in RARER)
    more = f'<details><summary>More</summary><div class="more">{rarer}</div></details>'
    return f'<div class="moves">{usual}{more}</div>'


def _button(label: Row, search: str, status: str, words: str, *, main: bool = False) -> str:
    look = ' class="main"' if main else ""
    return (
        '<form method="post" action="/control/scan">'
        f'<input type="hidden" name="tracking_number" value="{escape(label["tracking_number"])}">'
        f'<input type="hidden" name="q" value="{escape(search)}">'
        f'<button{look} name="status" value="{status}">{words}</button></form>'
    )
