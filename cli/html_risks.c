/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "html_parts.h"

#include <stdlib.h>
#include <string.h>

#include "markup.h"

/* ---- the list ---- */

static bool is_same(const hop_risk *a, const hop_risk *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->message, b->message) == 0 &&
           strcmp(a->url, b->url) == 0;
}

static size_t find_risk(const html_risks *list, const hop_risk *risk)
{
    size_t i = 0;
    while (i < list->len && !is_same(list->items[i], risk))
        i++;
    return i;
}

static void collect_route(html_risks *list, const hop_route *route)
{
    for (size_t i = 0; i < route->hops; i++)
        for (size_t j = 0; j < route->edges[i].risk_count; j++) {
            const hop_risk *risk = route->edges[i].risks[j];
            if (find_risk(list, risk) < list->len)
                continue;
            list->items =
                hop_grow(list->items, list->len, &list->cap, sizeof(*list->items));
            list->items[list->len++] = risk;
        }
}

void html_risks_collect(html_risks *list, const hop_plan *plan)
{
    collect_route(list, &plan->best);
    for (size_t i = 0; i < plan->alternative_count; i++)
        collect_route(list, &plan->alternatives[i]);
}

void html_risks_clear(html_risks *list)
{
    free(list->items);
    *list = (html_risks){0};
}

void html_add_risk_links(hop_buf *out, const html_risks *list, const hop_plan_edge *e)
{
    for (size_t i = 0; i < e->risk_count; i++) {
        hop_buf_addf(out, "%s<a href=\"#risk-%zu\">", i ? ", " : "",
                     find_risk(list, e->risks[i]) + 1);
        hop_markup_add_prose(out, e->risks[i]->name);
        hop_buf_adds(out, "</a>");
    }
}

/* ---- one risk ---- */

static void add_rule(hop_buf *out, const hop_rule *rule)
{
    if (strcmp(rule->type, "Always") == 0) {
        hop_buf_adds(out, "<p>Applies to every cluster.</p>\n");
    } else if (strcmp(rule->type, "PromQL") == 0 && rule->promql) {
        hop_buf_adds(out,
                     "<p>Applies where this query, run in the cluster&#39;s console, "
                     "gives 1:</p>\n<pre tabindex=\"0\"><code>");
        hop_markup_add_lines(out, rule->promql);
        hop_buf_adds(out, "</code></pre>\n");
    } else {
        hop_buf_adds(out, "<p>Has a rule of type “");
        hop_markup_add_prose(out, rule->type);
        hop_buf_adds(out, "”, which oc-hop does not know.</p>\n");
    }
}

static bool edge_has_risk(const hop_plan_edge *e, const hop_risk *risk)
{
    for (size_t i = 0; i < e->risk_count; i++)
        if (is_same(e->risks[i], risk))
            return true;
    return false;
}

static bool is_on_best(const hop_plan *plan, const hop_risk *risk)
{
    for (size_t i = 0; i < plan->best.hops; i++)
        if (edge_has_risk(&plan->best.edges[i], risk))
            return true;
    return false;
}

static void add_hops(hop_buf *out, const hop_plan *plan, const hop_risk *risk)
{
    if (!is_on_best(plan, risk)) {
        hop_buf_adds(out, "<p class=\"where\">On other paths only.</p>\n");
        return;
    }
    hop_buf_adds(out, "<ul class=\"where\">\n");
    for (size_t i = 0; i < plan->best.hops; i++) {
        if (!edge_has_risk(&plan->best.edges[i], risk))
            continue;
        hop_buf_addf(out, "<li>Hop %zu, ", i + 1);
        hop_markup_add(out, plan->best.edges[i].from);
        hop_buf_adds(out, " to ");
        hop_markup_add(out, plan->best.edges[i].to);
        hop_buf_adds(out, "</li>\n");
    }
    hop_buf_adds(out, "</ul>\n");
}

static const char *answer_text(hop_risk_answer answer)
{
    switch (answer) {
    case HOP_RISK_UNKNOWN:
        break;
    case HOP_RISK_APPLIES:
        return "<p>In this cluster it applies.</p>\n";
    case HOP_RISK_DOES_NOT_APPLY:
        return "<p>In this cluster it does not apply.</p>\n";
    }
    return "";
}

static void add_risk(hop_buf *out, const hop_plan *plan, const hop_risk *risk,
                     size_t number)
{
    hop_buf_addf(out, "<article class=\"risk\" id=\"risk-%zu\">\n<h3>", number);
    hop_markup_add_prose(out, risk->name);
    hop_buf_adds(out, "</h3>\n");
    if (*risk->message) {
        hop_buf_adds(out, "<p>");
        hop_markup_add_prose(out, risk->message);
        hop_buf_adds(out, "</p>\n");
    }
    if (*risk->url) {
        hop_buf_adds(out, "<p>");
        html_add_link(out, risk->url, risk->url);
        hop_buf_adds(out, "</p>\n");
    }
    for (size_t i = 0; i < risk->rule_count; i++)
        add_rule(out, &risk->rules[i]);
    hop_buf_adds(out, answer_text(risk->answer));
    add_hops(out, plan, risk);
    hop_buf_adds(out, "</article>\n");
}

void html_add_risks(hop_buf *out, const html_risks *list, const hop_plan *plan)
{
    if (list->len == 0)
        return;
    hop_buf_adds(out, "<section id=\"risks\">\n<h2>Risks</h2>\n");
    for (size_t i = 0; i < list->len; i++)
        add_risk(out, plan, list->items[i], i + 1);
    hop_buf_adds(out, "</section>\n");
}
