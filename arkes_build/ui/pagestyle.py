"""Keep how the page of sizes looks and moves: colours for light and dark, one short script."""

from __future__ import annotations

COLOURS = (
    ("#4c78c8", "#34589c"),
    ("#d9822b", "#9a5a1b"),
    ("#3f9d6b", "#2a7049"),
    ("#b85fa8", "#87437b"),
    ("#c2504d", "#913a38"),
    ("#7a8b3a", "#5b682a"),
    ("#4aa3b5", "#317685"),
    ("#8b93a1", "#565d69"),
)
"""Colour of what each line brought, for light and for dark; the last is that of the rest."""

_FILLS = "".join(
    f".c{at}{{fill:{light};background:{light}}}" for at, (light, _dark) in enumerate(COLOURS)
)
_DARK_FILLS = "".join(
    f".c{at}{{fill:{dark};background:{dark}}}" for at, (_light, dark) in enumerate(COLOURS)
)

STYLE = (
    ":root{color-scheme:light dark;--back:#fff;--front:#1c2026;--calm:#667080;--line:#dfe3e8}"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:1240px;padding:0 1rem;"
    "background:var(--back);color:var(--front)}"
    "h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:2rem}p{margin:.3rem 0}"
    ".hint{color:var(--calm);font-size:.85rem}"
    ".map{margin-top:1rem;border:1px solid var(--line);border-radius:6px;overflow:hidden}"
    "svg{display:block;width:100%;height:auto;font-family:system-ui,sans-serif}"
    "svg text{fill:#fff;pointer-events:none}"
    "svg rect{stroke:var(--back);stroke-width:1;vector-effect:non-scaling-stroke}"
    "rect.folder{fill:#000;fill-opacity:.1;stroke:#fff;stroke-opacity:.35;stroke-width:.5}"
    "svg>g{cursor:zoom-in}svg>g:hover>rect:first-of-type{filter:brightness(1.12)}"
    "svg.near>g{cursor:zoom-out}"
    ".legend{list-style:none;padding:0;margin:.8rem 0 0;display:flex;flex-wrap:wrap;"
    "gap:.2rem 1.2rem;font-size:.85rem}"
    ".legend span{display:inline-block;width:.8em;height:.8em;border-radius:2px;"
    "margin-right:.4em}"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}"
    "td{padding:.12rem .6rem .12rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;width:1%}"
    ".bar{width:22%}.bar div{height:.75em;border-radius:2px;background:#4c78c8}"
    f"{_FILLS}"
    "@media (prefers-color-scheme:dark){:root{--back:#15181d;--front:#e4e7eb;--calm:#98a1ad;"
    f"--line:#2b3038}}{_DARK_FILLS}}}"
)

SCRIPT = (
    "const svg=document.querySelector('svg'),whole=svg.getAttribute('viewBox'),"
    "[,,wide,high]=whole.split(' ').map(Number);let now=null;"
    # The view keeps its shape, so that the page does not move under the pointer.
    "const view=found=>{now=found;svg.classList.toggle('near',now!==null);"
    "if(!now){svg.setAttribute('viewBox',whole);return}"
    "const [x,y,w,h]=now.dataset.box.split(' ').map(Number),"
    "part=Math.min(1,Math.max(1.05*w/wide,1.05*h/high,.12)),"
    "left=Math.min(Math.max(0,x+w/2-part*wide/2),wide-part*wide),"
    "top=Math.min(Math.max(0,y+h/2-part*high/2),high-part*high);"
    "svg.setAttribute('viewBox',[left,top,part*wide,part*high].join(' '))};"
    "svg.addEventListener('click',event=>{const found=event.target.closest('[data-box]');"
    "view(found===now?null:found)});"
    "document.addEventListener('keydown',event=>{if(event.key==='Escape')view(null)});"
)
