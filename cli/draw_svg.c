/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draw_svg.h"

#include "markup.h"

#include <math.h>
#include <string.h>

#define HALF_HEIGHT (HOP_DRAWING_NODE_HEIGHT / 2)

hop_legend_text hop_draw_svg_legend(hop_legend_line line)
{
    switch (line) {
    case HOP_LEGEND_PATH:
        return (hop_legend_text){"e path", "the path"};
    case HOP_LEGEND_ALTERNATIVE:
        return (hop_legend_text){"e other", "other paths"};
    case HOP_LEGEND_NEEDED:
        return (hop_legend_text){"e", "updates that show every way"};
    case HOP_LEGEND_AT_PATH:
        return (hop_legend_text){"e at", "more updates of releases on the path"};
    case HOP_LEGEND_CONDITIONAL:
        return (hop_legend_text){"e cond", "dashed: conditional"};
    case HOP_LEGEND_COUNT:
        break;
    }
    return (hop_legend_text){"", ""};
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

void hop_draw_svg_add_rest(hop_buf *out, const hop_drawing *d)
{
    if (d->nodes_left_out == 0 && d->edges_left_out == 0)
        return;
    hop_buf_adds(out, "Not drawn: ");
    if (d->nodes_left_out > 0)
        hop_buf_addf(out, "%zu older release%s of the minors%s", d->nodes_left_out,
                     plural(d->nodes_left_out), d->edges_left_out > 0 ? "; " : "");
    if (d->edges_left_out > 0)
        hop_buf_addf(out, "%zu update%s between releases that are (--all-edges)",
                     d->edges_left_out, plural(d->edges_left_out));
    hop_buf_addc(out, '.');
}

void hop_draw_svg_add_markers(hop_buf *out)
{
    static const char *const names[] = {"path", "other", "risk"};
    hop_buf_adds(out, "<defs>\n");
    for (size_t i = 0; i < HOP_COUNT_OF(names); i++)
        hop_buf_addf(out,
                     "<marker id=\"head-%s\" class=\"head %s\" viewBox=\"0 0 8 8\" "
                     "refX=\"7\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" "
                     "markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
                     "<path d=\"M0 0L8 4L0 8z\"/></marker>\n",
                     names[i], names[i]);
    hop_buf_adds(out, "</defs>\n");
}

/* ---- updates ---- */

static const char *edge_classes(const hop_drawn_edge *e)
{
    switch (e->role) {
    case HOP_DRAWN_PATH:
        return e->is_conditional ? "e path cond" : "e path";
    case HOP_DRAWN_ALTERNATIVE:
        return e->is_conditional ? "e other cond" : "e other";
    case HOP_DRAWN_AT_PATH:
        return e->is_conditional ? "e at cond" : "e at";
    case HOP_DRAWN_CONTEXT:
        break;
    }
    return e->is_conditional ? "e cond" : "e";
}

/* Within a row: straight between neighbours, else an arc over the boxes between. */
static void add_row_line(hop_buf *out, const hop_drawn_node *a, const hop_drawn_node *b)
{
    bool to_right = a->x < b->x;
    double ax = a->x + (to_right ? a->width : -a->width) / 2;
    double bx = b->x + (to_right ? -b->width : b->width) / 2;
    double gap = fabs(bx - ax);
    if (gap < 28) {
        hop_buf_addf(out, "M%.1f %.1fL%.1f %.1f", ax, a->y, bx, b->y);
        return;
    }
    double rise = 10 + gap * 0.04;
    double top = a->y - HALF_HEIGHT - (rise > 30 ? 30 : rise);
    ax -= to_right ? 9 : -9;
    bx += to_right ? 9 : -9;
    double reach = gap < 120 ? gap / 4 : 30;
    hop_buf_addf(out, "M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", ax, a->y - HALF_HEIGHT,
                 ax + (to_right ? reach : -reach), top, bx - (to_right ? reach : -reach),
                 top, bx, b->y - HALF_HEIGHT);
}

static hop_point line_point(const hop_drawn_edge *e, const hop_drawn_node *a,
                            const hop_drawn_node *b, size_t i)
{
    if (i == 0)
        return (hop_point){a->x, a->y + HALF_HEIGHT};
    if (i > e->bend_count)
        return (hop_point){b->x, b->y - HALF_HEIGHT};
    return e->bends[i - 1];
}

/* Catmull and Rom's spline through the bends; the line leaves and arrives upright. */
static void add_way_down(hop_buf *out, const hop_drawn_edge *e, const hop_drawn_node *a,
                         const hop_drawn_node *b)
{
    size_t last = e->bend_count + 1;
    hop_point at = line_point(e, a, b, 0);
    hop_buf_addf(out, "M%.1f %.1f", at.x, at.y);
    for (size_t i = 0; i < last; i++) {
        hop_point to = line_point(e, a, b, i + 1);
        double third = (to.y - at.y) / 3;
        hop_point leave = {at.x, at.y + third}, arrive = {to.x, to.y - third};
        if (i > 0)
            leave.x += (to.x - line_point(e, a, b, i - 1).x) / 6;
        if (i + 1 < last)
            arrive.x -= (line_point(e, a, b, i + 2).x - at.x) / 6;
        hop_buf_addf(out, "C%.1f %.1f %.1f %.1f %.1f %.1f", leave.x, leave.y, arrive.x,
                     arrive.y, to.x, to.y);
        at = to;
    }
}

static void add_channels(hop_buf *out, hop_texts channels)
{
    hop_buf_adds(out, " data-channels=\"");
    for (size_t i = 0; i < channels.len; i++) {
        hop_buf_adds(out, i ? " " : "");
        hop_markup_add(out, channels.items[i]);
    }
    hop_buf_addc(out, '"');
}

static void add_edge_title(hop_buf *out, const hop_drawn_edge *e, const char *from,
                           const char *to)
{
    hop_buf_adds(out, "<title>");
    hop_markup_add(out, from);
    hop_buf_adds(out, " to ");
    hop_markup_add(out, to);
    if (e->is_conditional)
        hop_buf_adds(out, ", conditional: ");
    for (size_t i = 0; e->is_conditional && i < e->risk_count; i++) {
        hop_buf_adds(out, i ? ", " : "");
        hop_markup_add_prose(out, e->risks[i]->name);
    }
    hop_buf_adds(out, "</title>");
}

static void add_edge(hop_buf *out, const hop_drawing *d, const hop_drawn_edge *e)
{
    const hop_drawn_node *a = &d->nodes[e->from], *b = &d->nodes[e->to];
    hop_buf_addf(out, "<path class=\"%s\" data-from=\"", edge_classes(e));
    hop_markup_add(out, a->release->version);
    hop_buf_adds(out, "\" data-to=\"");
    hop_markup_add(out, b->release->version);
    hop_buf_addc(out, '"');
    add_channels(out, e->channels);
    hop_buf_adds(out, " d=\"");
    if (a->y >= b->y)
        add_row_line(out, a, b);
    else
        add_way_down(out, e, a, b);
    hop_buf_adds(out, "\">");
    add_edge_title(out, e, a->release->version, b->release->version);
    hop_buf_adds(out, "</path>\n");
}

/* ---- releases ---- */

static const char *node_role(const hop_drawn_node *n)
{
    if (n->role == HOP_DRAWN_PATH)
        return " path";
    if (n->role == HOP_DRAWN_ALTERNATIVE)
        return " other";
    if (n->is_from_start && !n->is_to_target)
        return " reached";
    if (n->is_to_target && !n->is_from_start)
        return " reaching";
    return "";
}

static const char *node_note(const hop_drawn_node *n)
{
    if (n->is_start)
        return n->is_target ? ", start and target" : ", the start";
    if (n->is_target)
        return ", the target";
    if (n->role == HOP_DRAWN_PATH)
        return ", on the path";
    if (n->role == HOP_DRAWN_ALTERNATIVE)
        return ", on another path";
    if (n->is_from_start && !n->is_to_target)
        return ", reached from the start";
    if (n->is_to_target && !n->is_from_start)
        return ", leads to the target";
    return "";
}

static void add_node_attributes(hop_buf *out, const hop_drawn_node *n)
{
    hop_buf_addf(out, "<g class=\"n%s%s%s\" data-version=\"", node_role(n),
                 n->is_start || n->is_target ? " end" : "",
                 n->release->is_prerelease ? " pre" : "");
    hop_markup_add(out, n->release->version);
    hop_buf_addc(out, '"');
    add_channels(out, n->channels);
    if (hop_markup_is_link(n->release->url)) {
        hop_buf_adds(out, " data-url=\"");
        hop_markup_add(out, n->release->url);
        hop_buf_addc(out, '"');
    }
    hop_buf_addf(out, " data-note=\"%s\">", node_note(n));
}

static void add_node(hop_buf *out, const hop_drawn_node *n)
{
    add_node_attributes(out, n);
    hop_buf_adds(out, "<title>");
    hop_markup_add(out, n->release->version);
    hop_buf_adds(out, node_note(n));
    for (size_t i = 0; i < n->channels.len; i++) {
        hop_buf_adds(out, i ? " " : "; ");
        hop_markup_add(out, n->channels.items[i]);
    }
    hop_buf_addf(out,
                 "</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                 "rx=\"4\"/><text x=\"%.1f\" y=\"%.1f\">",
                 n->x - n->width / 2, n->y - HALF_HEIGHT, n->width,
                 HOP_DRAWING_NODE_HEIGHT, n->x, n->y + 4);
    hop_markup_add(out, n->release->version);
    hop_buf_adds(out, "</text></g>\n");
}

static void add_band(hop_buf *out, const hop_drawing *d, size_t index)
{
    const hop_drawn_band *b = &d->bands[index];
    hop_buf_addf(out,
                 "<g class=\"band%s\"><rect x=\"0\" y=\"%.1f\" width=\"%.1f\" "
                 "height=\"%.1f\"/><text x=\"12\" y=\"%.1f\">",
                 index % 2 ? " odd" : "", b->top, d->width, b->bottom - b->top,
                 b->top + 20);
    hop_markup_add(out, b->label);
    hop_buf_adds(out, "</text></g>\n");
}

void hop_draw_svg_add_body(hop_buf *out, const hop_drawing *d)
{
    for (size_t i = 0; i < d->band_count; i++)
        add_band(out, d, i);
    hop_buf_adds(out, "<g class=\"edges\">\n");
    for (size_t i = 0; i < d->edge_count; i++)
        add_edge(out, d, &d->edges[i]);
    hop_buf_adds(out, "</g>\n<g class=\"nodes\">\n");
    for (size_t i = 0; i < d->node_count; i++)
        add_node(out, &d->nodes[i]);
    hop_buf_adds(out, "</g>\n");
}
