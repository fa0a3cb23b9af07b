/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan as one page. Nothing from outside reaches the buffer but through
 * hop_markup_add…(), nothing from outside is ever script, style or a name, and links lead
 * to http and https only. */
#include "plan_report.h"

#include <string.h>

#include "draw_svg.h"
#include "html_parts.h"
#include "markup.h"
#include "page.h"

void html_add_link(hop_buf *out, const char *url, const char *text)
{
    bool is_link = hop_markup_is_link(url);
    if (is_link) {
        hop_buf_adds(out, "<a rel=\"noreferrer\" href=\"");
        hop_markup_add(out, url);
        hop_buf_adds(out, "\">");
    }
    hop_markup_add(out, text);
    hop_buf_adds(out, is_link ? "</a>" : "");
}

/* ---- head ---- */

static void add_head(hop_buf *out, const char *headline)
{
    HOP_AUTO_VALUE(hop_buf) style = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) script = hop_buf_init(HOP_BUF_TEXT);
    hop_page_add_file(&style, &hop_page_css);
    hop_page_add_file(&style, &hop_page_drawing_css);
    hop_page_add_file(&script, &hop_page_js);
    hop_buf_adds(out,
                 "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"");
    hop_page_add_policy(out, hop_buf_get(&style), hop_buf_get(&script));
    hop_buf_adds(out, "\">\n<meta name=\"viewport\" content=\"width=device-width, "
                      "initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
                      "dark\">\n<title>");
    hop_markup_add(out, headline);
    hop_buf_addf(out, "</title>\n<style>%s</style>\n</head>\n", hop_buf_get(&style));
}

static void add_channels_read(hop_buf *out, const hop_plan *plan)
{
    if (plan->channels.len == 0)
        return;
    hop_buf_adds(out, "<p class=\"note\">Channels read: ");
    for (size_t i = 0; i < plan->channels.len; i++) {
        hop_buf_adds(out, i ? ", " : "");
        hop_markup_add(out, plan->channels.items[i]);
    }
    hop_buf_adds(out, "</p>\n");
}

static void add_header(hop_buf *out, const hop_plan *plan, const char *headline)
{
    static const char *const classes[] = {"ok", "ok", "risky", "bad", "bad"};
    hop_buf_addf(out, "<header class=\"%s\">\n<h1>", classes[plan->status]);
    hop_markup_add(out, headline);
    hop_buf_adds(out, "</h1>\n");
    add_channels_read(out, plan);
    hop_buf_adds(out, "</header>\n");
}

/* ---- the path ---- */

static const char *release_mark(const hop_release *r)
{
    return r->is_hotfix       ? " <em>hotfix</em>"
           : r->is_prerelease ? " <em>pre-release</em>"
                              : "";
}

static const char *pools_text(hop_pools pools)
{
    switch (pools) {
    case HOP_POOLS_UPDATE:
        return "follow";
    case HOP_POOLS_PAUSE:
        return "pause them before";
    case HOP_POOLS_STAY_PAUSED:
        return "stay paused";
    case HOP_POOLS_RESUME:
        return "unpause them after";
    }
    return "";
}

static void add_hop_cells(hop_buf *out, const hop_plan *plan, const html_risks *risks,
                          const hop_plan_edge *e)
{
    hop_buf_adds(out, "<td>");
    hop_markup_add(out, e->channel ? e->channel : "not known");
    hop_buf_adds(out, e->is_conditional ? "</td><td class=\"risky\">conditional: "
                      : e->risk_count   ? "</td><td>recommended, of no concern here: "
                                        : "</td><td>recommended");
    html_add_risk_links(out, risks, e);
    hop_buf_adds(out, "</td>");
    if (plan->workers == HOP_WORKERS_PAUSE)
        hop_buf_addf(out, "<td>%s</td>", pools_text(e->pools));
}

static void add_row(hop_buf *out, const hop_plan *plan, const html_risks *risks, size_t i)
{
    const hop_release *r = &plan->best.releases[i];
    bool has_pools = plan->workers == HOP_WORKERS_PAUSE;
    if (i == 0)
        hop_buf_adds(out, "<tr><td>start</td><th scope=\"row\">");
    else
        hop_buf_addf(out, "<tr><td>%zu</td><th scope=\"row\">", i);
    html_add_link(out, r->url, r->version);
    hop_buf_addf(out, "%s</th>", release_mark(r));
    if (i == 0)
        hop_buf_addf(out, "<td></td><td></td>%s", has_pools ? "<td></td>" : "");
    else
        add_hop_cells(out, plan, risks, &plan->best.edges[i - 1]);
    hop_buf_adds(out, "<td class=\"payload\"><code>");
    hop_markup_add(out, r->payload ? r->payload : "not known");
    hop_buf_adds(out, "</code></td></tr>\n");
}

static void add_support_note(hop_buf *out, const hop_route *route)
{
    bool is_supported = true;
    for (size_t i = 0; i < route->release_count; i++)
        is_supported = is_supported && !route->releases[i].is_prerelease;
    if (!is_supported)
        hop_buf_adds(out, "<p>This path goes over releases that are not generally "
                          "available. Updates from and to them are not supported.</p>\n");
}

static void add_path(hop_buf *out, const hop_plan *plan, const html_risks *risks)
{
    if (plan->best.release_count == 0)
        return;
    bool has_pools = plan->workers == HOP_WORKERS_PAUSE;
    hop_buf_addf(out,
                 "<section id=\"path\">\n<h2>%s</h2>\n<div class=\"wide\" "
                 "tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">hop</th><th "
                 "scope=\"col\">version</th><th scope=\"col\">channel to set</th><th "
                 "scope=\"col\">update</th>%s<th scope=\"col\">release "
                 "image</th></tr></thead>\n<tbody>\n",
                 plan->status == HOP_PLAN_NEEDS_RISKS ? "The path with the least risk"
                                                      : "The path",
                 has_pools ? "<th scope=\"col\">worker pools</th>" : "");
    for (size_t i = 0; i < plan->best.release_count; i++)
        add_row(out, plan, risks, i);
    hop_buf_adds(out, "</tbody>\n</table></div>\n");
    if (has_pools)
        hop_buf_addf(out, "<p>Worker nodes reboot %zu time%s.</p>\n",
                     plan->best.worker_updates,
                     plan->best.worker_updates == 1 ? "" : "s");
    add_support_note(out, &plan->best);
    hop_buf_adds(out, "</section>\n");
}

static void add_accept_flags(hop_buf *out, const hop_plan *plan)
{
    if (plan->status != HOP_PLAN_NEEDS_RISKS)
        return;
    hop_buf_adds(out,
                 "<section id=\"accept\">\n<h2>To take this path</h2>\n<p>Read the <a "
                 "href=\"#risks\">risks</a>, then plan again with</p>\n<pre "
                 "tabindex=\"0\"><code>");
    for (size_t i = 0; i < plan->needed_risks.len; i++) {
        HOP_AUTO_VALUE(hop_buf) word = hop_buf_init(HOP_BUF_TEXT);
        hop_buf_add_shell(&word, plan->needed_risks.items[i]);
        hop_buf_adds(out, i ? " \\\n--accept-risk " : "--accept-risk ");
        hop_markup_add(out, hop_buf_get(&word));
    }
    hop_buf_adds(out, "</code></pre>\n</section>\n");
}

/* ---- other paths ---- */

static void add_alternative(hop_buf *out, const html_risks *risks, const hop_route *r)
{
    hop_buf_adds(out, "<li>");
    for (size_t i = 0; i < r->release_count; i++) {
        hop_buf_adds(out, i ? " → " : "");
        hop_markup_add(out, r->releases[i].version);
    }
    for (size_t i = 0; i < r->hops; i++) {
        const hop_plan_edge *e = &r->edges[i];
        if (!e->is_conditional)
            continue;
        hop_buf_addf(out, "<br><span class=\"note\">hop %zu is conditional: ", i + 1);
        html_add_risk_links(out, risks, e);
        hop_buf_adds(out, "</span>");
    }
    hop_buf_adds(out, "</li>\n");
}

static void add_alternatives(hop_buf *out, const hop_plan *plan, const html_risks *risks)
{
    if (plan->status != HOP_PLAN_OK && plan->status != HOP_PLAN_NEEDS_RISKS)
        return;
    hop_buf_adds(out, "<section id=\"others\">\n<h2>Other paths</h2>\n<p>");
    if (strcmp(plan->path_count, "1") == 0) {
        hop_buf_adds(out, "No other path is as good.");
    } else {
        hop_buf_adds(out, "The path is one of ");
        hop_markup_add(out, plan->path_count);
        hop_buf_adds(out, " equally good ones; it has the newest releases.");
    }
    hop_buf_adds(out, "</p>\n");
    if (plan->alternative_count > 0) {
        hop_buf_adds(out, "<ol start=\"2\">\n");
        for (size_t i = 0; i < plan->alternative_count; i++)
            add_alternative(out, risks, &plan->alternatives[i]);
        hop_buf_adds(out, "</ol>\n");
    }
    hop_buf_adds(out, "</section>\n");
}

static void add_gates(hop_buf *out, const hop_plan *plan)
{
    if (plan->best.hops == 0)
        return;
    hop_buf_adds(
        out,
        "<section id=\"gates\">\n<h2>Acknowledgements</h2>\n<p>What an administrator has "
        "to acknowledge before a new minor (admin gates) is not in update graphs but in "
        "the releases themselves. <code>oc-hop mirror</code> reads it there and writes "
        "the patches and, in <code>RUNBOOK.md</code>, where each one belongs. Operators "
        "that state <code>olm.maxOpenShiftVersion</code> hold a new minor back as "
        "well.</p>\n</section>\n");
}

/* ---- the graph ---- */

static void add_toolbar(hop_buf *out, const hop_plan *plan)
{
    hop_buf_adds(out,
                 "<div class=\"tools\" role=\"toolbar\" aria-label=\"Graph\" hidden>\n"
                 "<label>Find <input type=\"search\" id=\"find\" placeholder=\"version\" "
                 "autocomplete=\"off\" spellcheck=\"false\"></label>\n"
                 "<output id=\"found\" for=\"find\"></output>\n"
                 "<label>Channel <select id=\"channel\"><option value=\"\">all</option>");
    for (size_t i = 0; i < plan->channels.len; i++) {
        hop_buf_adds(out, "<option>");
        hop_markup_add(out, plan->channels.items[i]);
        hop_buf_adds(out, "</option>");
    }
    hop_buf_adds(
        out, "</select></label>\n"
             "<label><input type=\"checkbox\" id=\"risky\" checked> conditional</label>\n"
             "<label><input type=\"checkbox\" id=\"at\" checked> more at the "
             "path</label>\n<span class=\"zoom\">"
             "<button type=\"button\" id=\"out\" aria-label=\"Zoom out\">−</button>"
             "<button type=\"button\" id=\"in\" aria-label=\"Zoom in\">+</button>"
             "<button type=\"button\" id=\"fit\">whole</button>"
             "<button type=\"button\" id=\"wide\">width</button></span>\n</div>\n");
}

static void add_legend(hop_buf *out, const hop_drawing *d)
{
    hop_buf_adds(out, "<ul class=\"legend graph\">\n");
    for (int i = 0; i < HOP_LEGEND_COUNT; i++) {
        hop_legend_text line = hop_draw_svg_legend((hop_legend_line)i);
        hop_buf_addf(out,
                     "<li><svg width=\"40\" height=\"12\" aria-hidden=\"true\"><path "
                     "class=\"%s\" d=\"M2 6L36 6\"/></svg> %s</li>\n",
                     line.classes, line.text);
    }
    hop_buf_adds(out, "</ul>\n<p class=\"note\">");
    hop_draw_svg_add_rest(out, d);
    hop_buf_adds(out, "</p>\n");
}

static void add_graph(hop_buf *out, const hop_plan *plan, const hop_drawing *d)
{
    if (d->node_count == 0)
        return;
    hop_buf_adds(out, "<section id=\"graph\">\n<h2>The releases between</h2>\n");
    add_toolbar(out, plan);
    hop_buf_addf(out,
                 "<div class=\"view\" id=\"view\" tabindex=\"0\" role=\"group\" "
                 "aria-label=\"Update graph\" aria-describedby=\"keys\">"
                 "<svg class=\"graph\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f "
                 "%.0f\" role=\"img\" aria-label=\"%zu releases and %zu updates\">\n",
                 d->width, d->height, d->width, d->height, d->node_count, d->edge_count);
    hop_draw_svg_add_markers(out);
    hop_draw_svg_add_body(out, d);
    hop_buf_adds(out,
                 "</svg></div>\n<p class=\"note\" id=\"keys\" hidden>In the graph: arrow "
                 "keys go from release to release, <kbd>Shift</kbd> with them moves "
                 "the picture, <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> zoom, "
                 "<kbd>/</kbd> finds, <kbd>Esc</kbd> lets go. Drag to move, turn the "
                 "wheel with <kbd>Ctrl</kbd> to zoom.</p>\n"
                 "<div id=\"chosen\" aria-live=\"polite\"></div>\n");
    add_legend(out, d);
    hop_buf_adds(out, "</section>\n");
}

void hop_plan_report_html(const hop_plan *plan, const hop_drawing *d, hop_buf *out)
{
    HOP_AUTO_VALUE(hop_buf) headline = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(html_risks) risks = {0};
    hop_plan_report_headline(plan, &headline);
    html_risks_collect(&risks, plan);
    add_head(out, hop_buf_get(&headline));
    hop_buf_adds(out, "<body>\n");
    add_header(out, plan, hop_buf_get(&headline));
    hop_buf_adds(out, "<main>\n");
    add_path(out, plan, &risks);
    add_accept_flags(out, plan);
    html_add_explanation(out, plan);
    html_add_risks(out, &risks, plan);
    add_alternatives(out, plan, &risks);
    add_gates(out, plan);
    add_graph(out, plan, d);
    hop_buf_adds(out, "</main>\n<script>");
    hop_page_add_file(out, &hop_page_js);
    hop_buf_adds(out, "</script>\n</body>\n</html>\n");
}
