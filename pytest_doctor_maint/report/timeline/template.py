"""The jinja2 template of the SVG. Everything that comes from a history is escaped.

The colours are in plain classes: the dark ones override the light ones in a media query, which a converter that does
not know it leaves out.
"""

#: The place of the style sheet in the template.
STYLE_SHEET = "@STYLE SHEET@"

TEMPLATE = """\
{% macro pill(each) %}
<g class="mark"{% if each.claims %} data-claims="{% for claim, count in each.claims %}{{ claim }}:{{ count }} \
{% endfor %}"{% endif %}><title>{{ each.tip }}</title>\
<rect class="pill" x="{{ each.x }}" y="{{ each.y }}" width="{{ each.width }}" height="12" rx="6"/>\
<text class="on-down" x="{{ each.x + 4 }}" y="{{ each.y + 9.5 }}" textLength="{{ each.length }}" \
lengthAdjust="spacingAndGlyphs">{{ each.text }}</text></g>
{% endmacro %}
{% macro words(x, y, text, length, style, size) %}
<text class="{{ style }}" x="{{ x }}" y="{{ y }}"{% if size != 10 %} font-size="{{ size }}"{% endif %} \
textLength="{{ length }}" lengthAdjust="spacingAndGlyphs">{{ text }}</text>
{% endmacro %}
<svg xmlns="http://www.w3.org/2000/svg" class="maint-timeline" width="{{ width }}" height="{{ picture.height }}" \
viewBox="0 0 {{ width }} {{ picture.height }}" role="img" aria-label="{{ picture.title }}" \
font-family="Helvetica, Arial, sans-serif" font-size="10">
<style>@STYLE SHEET@</style>
<defs>
<pattern id="maint-timeline-down" width="4" height="4" patternUnits="userSpaceOnUse">\
<rect class="down-ground" width="4" height="4"/><path class="down-lines" d="M0 0L4 4M4 0L0 4"/></pattern>
<pattern id="maint-timeline-disabled" width="6" height="6" patternUnits="userSpaceOnUse">\
<rect class="disabled-ground" width="6" height="6"/><path class="disabled-lines" d="M0 6L6 0"/></pattern>
</defs>
<rect class="ground" width="{{ width }}" height="{{ picture.height }}"/>
<g>
{% for x, text, left, length in picture.ticks %}
<line class="grid" x1="{{ x }}" y1="{{ picture.top }}" x2="{{ x }}" y2="{{ picture.bottom }}"/>
{{- words(left, picture.top - 5, text, length, "dim", 10) }}
{{- words(left, picture.bottom + 12, text, length, "dim", 10) }}
{% endfor %}
</g>
{% for block in picture.blocks %}
<g{% if block.label %} class="row{{ " strips" if block.has_strips }}"{% endif %} transform="translate(0 {{ block.y }})">
{% if block.label %}
<line class="rule" x1="{{ margin }}" y1="{{ block.height + 3 }}" x2="{{ right }}" y2="{{ block.height + 3 }}"/>
<g><title>{{ block.tip }}</title>
{{- words(margin, 11, block.label, widths(block.label, 11), "bad" if block.is_red else "ink", 11) }}
</g>
{{- words(margin, 23, block.note, widths(block.note, 10), "dim", 10) }}
{% endif %}
{% for bar in block.drawing.bars %}
<rect class="{{ bar.style }}" x="{{ bar.x }}" y="{{ bar.y }}" width="{{ bar.width }}" height="{{ bar.height }}">\
<title>{{ bar.tip }}</title></rect>
{% endfor %}
{% for line in block.drawing.lines %}
<line class="{{ line.style }}" x1="{{ line.x1 }}" y1="{{ line.y1 }}" x2="{{ line.x2 }}" y2="{{ line.y2 }}"/>
{% endfor %}
{% for text in block.drawing.texts %}
{{- words(text.x, text.y, text.text, text.length, text.style, text.size) }}
{% endfor %}
{% for each in block.drawing.pills %}
{{- pill(each) }}
{% endfor %}
</g>
{% endfor %}
</svg>
"""
