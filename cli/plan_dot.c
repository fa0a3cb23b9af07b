/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attributes as in Graphviz' documentation, "Node, Edge and Graph Attributes". */
#include "plan_report.h"

#include "markup.h"

static void add_node_style(hop_buf *out, const hop_drawn_node *n)
{
    if (n->role == HOP_DRAWN_PATH)
        hop_buf_adds(out, ", fillcolor=\"#0b5cad\", fontcolor=\"#ffffff\"");
    else if (n->role == HOP_DRAWN_ALTERNATIVE)
        hop_buf_adds(out, ", color=\"#0b7a66\", penwidth=2");
    else if (n->is_from_start && !n->is_to_target)
        hop_buf_adds(out, ", fillcolor=\"#dcebfb\"");
    else if (n->is_to_target && !n->is_from_start)
        hop_buf_adds(out, ", fillcolor=\"#fdebd3\"");
    if (n->is_start || n->is_target)
        hop_buf_adds(out, ", peripheries=2");
}

static void add_node(hop_buf *out, const hop_drawn_node *n)
{
    hop_buf_adds(out, "    ");
    hop_markup_add_dot(out, n->release->version);
    hop_buf_adds(out, " [tooltip=");
    HOP_AUTO_VALUE(hop_buf) tip = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&tip, n->release->version);
    for (size_t i = 0; i < n->channels.len; i++)
        hop_buf_addf(&tip, "%s%s", i ? " " : ": ", n->channels.items[i]);
    hop_markup_add_dot(out, hop_buf_get(&tip));
    add_node_style(out, n);
    if (hop_markup_is_link(n->release->url)) {
        hop_buf_adds(out, ", URL=");
        hop_markup_add_dot(out, n->release->url);
    }
    hop_buf_adds(out, "];\n");
}

static void add_bands(hop_buf *out, const hop_drawing *d)
{
    for (size_t b = 0; b < d->band_count; b++) {
        hop_buf_addf(out, "  subgraph cluster_%zu {\n    label=", b);
        hop_markup_add_dot(out, d->bands[b].label);
        hop_buf_adds(out, ";\n");
        for (size_t i = 0; i < d->node_count; i++)
            if (d->nodes[i].band == b)
                add_node(out, &d->nodes[i]);
        hop_buf_adds(out, "  }\n");
    }
}

static const char *edge_style(const hop_drawn_edge *e)
{
    switch (e->role) {
    case HOP_DRAWN_PATH:
        return e->is_conditional ? "color=\"#b3480a\", penwidth=3.5, style=dashed"
                                 : "color=\"#0b5cad\", penwidth=3.5";
    case HOP_DRAWN_ALTERNATIVE:
        return e->is_conditional ? "color=\"#0b7a66\", penwidth=2, style=dashed"
                                 : "color=\"#0b7a66\", penwidth=2";
    case HOP_DRAWN_AT_PATH: /* so many that they must not shape the picture */
        return e->is_conditional ? "constraint=false, color=\"#d5dae3\", style=dashed"
                                 : "constraint=false, color=\"#d5dae3\"";
    case HOP_DRAWN_CONTEXT:
        break;
    }
    return e->is_conditional ? "style=dashed" : "style=solid";
}

static void add_edge(hop_buf *out, const hop_drawing *d, const hop_drawn_edge *e)
{
    hop_buf_adds(out, "  ");
    hop_markup_add_dot(out, d->nodes[e->from].release->version);
    hop_buf_adds(out, " -> ");
    hop_markup_add_dot(out, d->nodes[e->to].release->version);
    hop_buf_addf(out, " [%s", edge_style(e));
    if (e->is_conditional && e->risk_count > 0) {
        HOP_AUTO_VALUE(hop_buf) names = hop_buf_init(HOP_BUF_TEXT);
        for (size_t i = 0; i < e->risk_count; i++)
            hop_buf_addf(&names, "%s%s", i ? ", " : "", e->risks[i]->name);
        hop_buf_adds(out, e->role == HOP_DRAWN_PATH ? ", label=" : ", tooltip=");
        hop_markup_add_dot(out, hop_buf_get(&names));
    }
    hop_buf_adds(out, "];\n");
}

void hop_plan_report_dot(const hop_plan *plan, const hop_drawing *d, hop_buf *out)
{
    HOP_AUTO_VALUE(hop_buf) headline = hop_buf_init(HOP_BUF_TEXT);
    hop_plan_report_headline(plan, &headline);
    hop_buf_adds(out, "digraph updates {\n  label=");
    hop_markup_add_dot(out, hop_buf_get(&headline));
    hop_buf_adds(out,
                 ";\n  labelloc=t;\n  node [shape=box, style=\"rounded,filled\", "
                 "fillcolor=\"#ffffff\", color=\"#a3adbf\", fontname=\"sans-serif\", "
                 "fontsize=11, height=0.25];\n"
                 "  edge [color=\"#a3adbf\", arrowsize=0.6];\n");
    add_bands(out, d);
    for (size_t i = 0; i < d->edge_count; i++)
        add_edge(out, d, &d->edges[i]);
    hop_buf_adds(out, "}\n");
}
