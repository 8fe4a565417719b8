"""The jinja2 template of the diagram. Everything that comes from a history is escaped.

The picture has no script, no filter, no variable of CSS and no outline of text, so that simple converters draw it, too.
Names of classes begin with `sq-`, because a style sheet holds for the whole page that a picture is put into.
"""

TEMPLATE = """\
{% macro octagon(x, y) %}
<path class="sq-mark" d="M{{ x - 3 }} {{ y - 7 }}h6l4 4v6l-4 4h-6l-4-4v-6z"/>\
<path class="sq-cross" d="M{{ x - 3 }} {{ y - 3 }}l6 6m0-6l-6 6"/>
{% endmacro %}
{% macro text(item, class) %}
<text class="{{ class }}" x="{{ item.x }}" y="{{ item.y }}" text-anchor="{{ item.anchor }}">{{ item.text }}</text>
{% endmacro %}
<svg xmlns="http://www.w3.org/2000/svg" class="sq" width="{{ width }}" height="{{ height }}" \
viewBox="0 0 {{ width }} {{ height }}" role="img" aria-labelledby="sq-title sq-desc">
<title id="sq-title">{{ title }}</title>
<desc id="sq-desc">{{ description }}</desc>
<style>
.sq { font-family: "Liberation Sans", Arial, Helvetica, sans-serif; font-size: 11px }
.sq text { fill: #1a202c }
.sq .sq-big { font-size: 16px; font-weight: bold }
.sq .sq-bold { font-weight: bold }
.sq .sq-small { font-size: 10px }
.sq .sq-quiet { font-size: 10px; fill: #4a5568 }
.sq .sq-paper { fill: #ffffff }
.sq .sq-band { fill: #fed7d7 }
.sq .sq-head { fill: #e2e8f0 }
.sq .sq-life { stroke: #a0aec0; fill: none }
.sq .sq-active { fill: #bee3f8; stroke: #2b6cb0 }
.sq .sq-down { fill: url(#sq-hatch); stroke: #c53030 }
.sq .sq-message { stroke: #2b6cb0; fill: none; stroke-width: 1.8 }
.sq .sq-message-head { fill: #2b6cb0 }
.sq .sq-answer { stroke: #276749; fill: none; stroke-width: 1.4; stroke-dasharray: 6 3 }
.sq .sq-answer-head { stroke: #276749; fill: none; stroke-width: 1.4 }
.sq .sq-call { stroke: #4a5568; fill: none }
.sq .sq-call-head { fill: #4a5568 }
.sq .sq-note { fill: #edf2f7; stroke: #718096 }
.sq .sq-trouble { fill: #feebc8; stroke: #c05621; stroke-width: 1.4 }
.sq .sq-mark { fill: #c53030 }
.sq .sq-cross { stroke: #ffffff; stroke-width: 1.8; fill: none }
.sq .sq-good { stroke: #276749; stroke-width: 2; fill: none }
.sq .sq-unsure { stroke: #975a16; stroke-width: 1.4; fill: none }
.sq .sq-window { fill: #edf2f7; stroke: #718096 }
.sq .sq-used { fill: #90cdf4 }
.sq .sq-late { stroke: #c53030; stroke-width: 1.5 }
.sq .sq-point { fill: #1a202c }
@media (prefers-color-scheme: dark) {
.sq text { fill: #e2e8f0 }
.sq .sq-quiet { fill: #a0aec0 }
.sq .sq-paper { fill: #10151f }
.sq .sq-band { fill: #4a1d24 }
.sq .sq-head { fill: #263145 }
.sq .sq-life { stroke: #4a5568 }
.sq .sq-active { fill: #2a4365; stroke: #63b3ed }
.sq .sq-down { stroke: #fc8181 }
.sq .sq-message { stroke: #63b3ed }
.sq .sq-message-head { fill: #63b3ed }
.sq .sq-answer, .sq .sq-answer-head { stroke: #68d391 }
.sq .sq-call { stroke: #a0aec0 }
.sq .sq-call-head { fill: #a0aec0 }
.sq .sq-note { fill: #1d2636; stroke: #718096 }
.sq .sq-trouble { fill: #4a2f14; stroke: #f6ad55 }
.sq .sq-mark { fill: #fc8181 }
.sq .sq-cross { stroke: #10151f }
.sq .sq-good { stroke: #68d391 }
.sq .sq-unsure { stroke: #f6e05e }
.sq .sq-window { fill: #1d2636; stroke: #718096 }
.sq .sq-used { fill: #2c5282 }
.sq .sq-late { stroke: #fc8181 }
.sq .sq-point { fill: #e2e8f0 }
}
</style>
<defs><pattern id="sq-hatch" width="5" height="5" patternUnits="userSpaceOnUse">\
<rect class="sq-paper" width="5" height="5"/><path class="sq-late" d="M0 5L5 0"/></pattern></defs>
<rect class="sq-paper" width="{{ width }}" height="{{ height }}"/>
<text class="sq-big" x="{{ margin }}" y="28">{{ title }}</text>
<text x="{{ margin }}" y="47">{{ actors }}</text>
{% if outcome == "holds" %}
<path class="sq-good" d="M{{ margin + 1 }} 62l4 5l8-10"/>
{% elif outcome == "violated" %}
{{ octagon(margin + 7, 62) }}
{% else %}
<circle class="sq-unsure" cx="{{ margin + 7 }}" cy="62" r="7"/>
<text class="sq-bold" x="{{ margin + 7 }}" y="66" text-anchor="middle">?</text>
{% endif %}
<text class="sq-bold" x="{{ margin + 20 }}" y="66">{{ verdict }}</text>
{% for y, number, words, tip in findings %}
{% if number == "?" %}
<circle class="sq-unsure" cx="{{ margin + 7 }}" cy="{{ y - 4 }}" r="7"/>
<text class="sq-bold" x="{{ margin + 7 }}" y="{{ y }}" text-anchor="middle">?</text>
{% elif number %}
{{ octagon(margin + 7, y - 4) }}
<text class="sq-bold" x="{{ margin + 17 }}" y="{{ y }}">{{ number }}</text>
{% endif %}
<text x="{{ margin + 36 }}" y="{{ y }}"><title>{{ tip }}</title>{{ words }}</text>
{% endfor %}
{% for x in layout.columns.values() %}
<path class="sq-life" d="M{{ x }} {{ layout.begin }}V{{ layout.y }}"/>
{% endfor %}
{% for item in layout.names %}
<rect class="sq-paper" x="{{ item.x - 40 }}" y="{{ item.y - 11 }}" width="80" height="15"/>
{{ text(item, "sq-bold") }}
{% endfor %}
{% for y, words in layout.gaps %}
{% for x in layout.columns.values() %}
<path class="sq-paper" d="M{{ x - 6 }} {{ y + 6 }}l12-5v5l-12 5z"/>\
<path class="sq-life" d="M{{ x - 6 }} {{ y + 6 }}l12-5m0 5l-12 5"/>
{% endfor %}
<text class="sq-quiet" x="{{ left - 8 }}" y="{{ y + 9 }}" text-anchor="end">{{ words }} later</text>
{% endfor %}
{% for item in layout.activities %}
<rect class="{{ "sq-down" if item.is_trouble else "sq-active" }}" x="{{ item.x }}" y="{{ item.y }}" \
width="{{ lane }}" height="{{ item.height }}"/>
{% endfor %}
{% for item in layout.headings %}
<rect class="{{ "sq-band" if item.numbers else "sq-head" }}" x="{{ margin }}" y="{{ item.title.y - 13 }}" \
width="{{ width - 2 * margin }}" height="18"/>
{% if item.numbers %}
{{ octagon(margin + 9, item.title.y - 4) }}
<text class="sq-bold" x="{{ margin + 19 }}" y="{{ item.title.y }}">{{ item.numbers }}</text>
{% endif %}
{{ text(item.title, "sq-bold") }}
{{ text(item.note, "sq-quiet") }}
{% endfor %}
{% for item in layout.arrows %}
{% set y = item.y %}
<g><title>{{ item.tip }}</title>
{% if item.numbers %}
<rect class="sq-band" x="{{ margin }}" y="{{ y - 15 }}" width="{{ width - 2 * margin }}" height="19"/>
{{ octagon(margin + 9, y - 7) }}
<text class="sq-bold" x="{{ margin + 19 }}" y="{{ y - 3 }}">{{ item.numbers }}</text>
{% endif %}
<text class="sq-quiet" x="{{ left - 8 }}" y="{{ y - 3 }}" text-anchor="end">{{ item.clock }}</text>
{% if item.look == "note" or item.look == "across" %}
<rect class="sq-note" x="{{ item.begin }}" y="{{ y - 15 }}" width="{{ (item.end - item.begin) | round(1) }}" \
height="17" rx="{{ 3 if item.look == "note" else 9 }}"/>
{% elif item.look == "trouble" %}
<path class="sq-trouble" d="M{{ item.begin + 5 }} {{ y - 15 }}H{{ item.end - 5 }}l5 5v7l-5 5H{{ item.begin + 5 }}\
l-5-5v-7z"/>
{% else %}
{% set way = -1 if item.to_right else 1 %}
<path class="sq-{{ item.look }}" d="M{{ item.begin }} {{ y }}H{{ item.end }}"/>
{% if item.look == "answer" %}
<path class="sq-answer-head" d="M{{ item.end + 8 * way }} {{ y - 4 }}L{{ item.end }} {{ y }}l{{ 8 * way }} 4"/>
{% elif item.look == "message" %}
<path class="sq-message-head" d="M{{ item.end }} {{ y }}l{{ 9 * way }}-4v8z"/>
{% else %}
<path class="sq-call-head" d="M{{ item.end }} {{ y }}l{{ 7 * way }}-3v6z"/>
{% endif %}
<rect class="{{ "sq-band" if item.numbers else "sq-paper" }}" x="{{ item.label.x - item.half }}" y="{{ y - 15 }}" \
width="{{ 2 * item.half }}" height="12"/>
{% endif %}
{{ text(item.label, "sq-label") }}
{% if item.claims %}
<text class="sq-small" x="{{ bar_x }}" y="{{ y - 4 }}">{{ item.claims }}</text>
{% endif %}
{% if item.bar %}
{% set bar = item.bar %}
{% if bar.due > bar_x %}
<rect class="sq-window" x="{{ bar_x }}" y="{{ y - 12 }}" width="{{ bar.due - bar_x }}" height="9"/>
{% endif %}
{% if bar.answered is none and bar.is_late %}
<rect class="sq-down" x="{{ bar_x }}" y="{{ y - 12 }}" width="{{ bar_width }}" height="9"/>
{% elif bar.answered is not none %}
<rect class="sq-used" x="{{ bar_x }}" y="{{ y - 11 }}" width="{{ (bar.used - bar_x) | round(1) }}" height="7"/>
{% if bar.is_late %}
<rect class="sq-down" x="{{ bar.due }}" y="{{ y - 12 }}" width="{{ (bar.answered - bar.due) | round(1) }}" height="9"/>
{% endif %}
<path class="sq-point" d="M{{ bar.answered }} {{ y - 14 }}l5 6.5l-5 6.5l-5-6.5z"/>
{% endif %}
<text class="sq-small" x="{{ bar_x + bar_width + 10 }}" y="{{ y - 4 }}">{{ bar.text }}</text>
{% endif %}
</g>
{% endfor %}
{% for shape, x, words in legend %}
{% set y = layout.y + 16 %}
{% if shape == "message" %}
<path class="sq-message" d="M{{ x }} {{ y - 4 }}h22"/>\
<path class="sq-message-head" d="M{{ x + 26 }} {{ y - 4 }}l-9-4v8z"/>
{% elif shape == "answer" %}
<path class="sq-answer" d="M{{ x }} {{ y - 4 }}h26"/>\
<path class="sq-answer-head" d="M{{ x + 18 }} {{ y - 8 }}l8 4l-8 4"/>
{% elif shape == "trouble" %}
<path class="sq-trouble" d="M{{ x + 5 }} {{ y - 11 }}h16l5 4v6l-5 4h-16l-5-4v-6z"/>
{% elif shape == "mark" %}
{{ octagon(x + 13, y - 4) }}
{% elif shape == "window" %}
<rect class="sq-window" x="{{ x }}" y="{{ y - 9 }}" width="26" height="9"/>\
<rect class="sq-used" x="{{ x }}" y="{{ y - 8 }}" width="12" height="7"/>\
<path class="sq-point" d="M{{ x + 12 }} {{ y - 11 }}l5 6.5l-5 6.5l-5-6.5z"/>
{% elif shape == "late" %}
<rect class="sq-down" x="{{ x }}" y="{{ y - 9 }}" width="26" height="9"/>
{% else %}
<path class="sq-life" d="M{{ x + 7 }} {{ y - 4 }}l12-5m0 5l-12 5"/>
{% endif %}
<text class="sq-quiet" x="{{ x + 32 }}" y="{{ y }}">{{ words }}</text>
{% endfor %}
</svg>
"""
