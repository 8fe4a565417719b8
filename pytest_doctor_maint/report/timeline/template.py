"""The jinja2 template of the SVG of a timeline. Everything that comes from a history is escaped."""

TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{{ width }}" height="{{ height }}" \
viewBox="0 0 {{ width }} {{ height }}" font-family="Helvetica, Arial, sans-serif" font-size="10">
  <rect width="{{ width }}" height="{{ height }}" fill="#ffffff"/>
  <text x="12" y="24" font-size="14" font-weight="bold" fill="#1a202c">{{ title }}</text>
  <g stroke="#e2e8f0" fill="#718096">
  {% for x, text in ticks %}
    <line x1="{{ x }}" y1="{{ top - 8 }}" x2="{{ x }}" y2="{{ bottom }}"/>
    <text x="{{ x }}" y="{{ top - 14 }}" text-anchor="middle" stroke="none">{{ text }}</text>
  {% endfor %}
  </g>
  {% for row in rows %}
  <g>
    <text x="12" y="{{ row.y + 12 }}" font-size="11" fill="#1a202c">{{ row.label }}</text>
    {% if row.note %}
    <text x="{{ left - 10 }}" y="{{ row.y + 12 }}" text-anchor="end" fill="#718096">{{ row.note }}</text>
    {% endif %}
    <line x1="12" y1="{{ row.y + row.height + 5 }}" x2="{{ right }}" y2="{{ row.y + row.height + 5 }}" \
stroke="#edf2f7"/>
    {% for bar in row.bars %}
    <rect x="{{ bar.x }}" y="{{ bar.y + 1 }}" width="{{ bar.width }}" height="{{ bar.height - 2 }}" \
fill="{{ bar.colour }}" stroke="#4a5568" stroke-width="0.4"><title>{{ bar.tip }}</title></rect>
    {% if bar.label %}
    <text x="{{ bar.label_x }}" y="{{ bar.y + 13 }}" fill="{{ bar.ink }}">{{ bar.label }}</text>
    {% endif %}
    {% endfor %}
  </g>
  {% endfor %}
  {% for x, line, colour, word in legend %}
  <rect x="{{ x }}" y="{{ bottom + 10 + line * lane }}" width="10" height="10" fill="{{ colour }}" stroke="#4a5568" \
stroke-width="0.4"/>
  <text x="{{ x + 14 }}" y="{{ bottom + 19 + line * lane }}" fill="#4a5568">{{ word }}</text>
  {% endfor %}
</svg>
"""
