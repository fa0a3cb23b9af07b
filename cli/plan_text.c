/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan for people: 80 columns, no colour. Nothing from outside reaches the buffer but
 * through hop_buf_add_visible(). */
#include "plan_report.h"
#include "wrap.h"

#include <string.h>

#define ALTERNATIVES_SHOWN ((size_t)20)

/* ---- the path ---- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void add_cell(hop_buf *out, const char *text, size_t width)
{
    HOP_AUTO_VALUE(hop_buf) cell = hop_buf_init(HOP_BUF_TEXT);
    hop_add_visible_text(&cell, text);
    hop_buf_add(out, hop_buf_get(&cell), cell.len);
    size_t used = hop_text_width(hop_buf_get(&cell), cell.len);
    hop_add_spaces(out, used < width ? width - used : 0);
}

static const char *release_mark(const hop_release *r)
{
    return r->is_hotfix ? "hotfix" : r->is_prerelease ? "pre-release" : "";
}

static void add_marks(hop_buf *out, const hop_release *r, const hop_plan_edge *e)
{
    const char *mark = release_mark(r);
    if (e && e->is_conditional)
        hop_buf_addf(out, "  conditional%s%s", *mark ? ", " : "", mark);
    else if (*mark)
        hop_buf_addf(out, "  %s", mark);
}

static void add_path(hop_buf *out, const hop_route *route)
{
    size_t version_width = strlen("version"), channel_width = strlen("channel to set");
    for (size_t i = 0; i < route->release_count; i++)
        version_width = larger(version_width, strlen(route->releases[i].version));
    for (size_t i = 0; i < route->hops; i++)
        if (route->edges[i].channel)
            channel_width = larger(channel_width, strlen(route->edges[i].channel));
    hop_buf_adds(out, "  hop  ");
    add_cell(out, "version", version_width + 2);
    hop_buf_adds(out, "channel to set\n");
    for (size_t i = 0; i < route->release_count; i++) {
        const hop_plan_edge *e = i > 0 ? &route->edges[i - 1] : NULL;
        if (e)
            hop_buf_addf(out, "  %3zu  ", i);
        else
            hop_buf_adds(out, "start  ");
        HOP_AUTO_VALUE(hop_buf) rest = hop_buf_init(HOP_BUF_TEXT);
        add_cell(&rest, route->releases[i].version, version_width + 2);
        add_cell(&rest, !e ? "" : e->channel ? e->channel : "not known", channel_width);
        add_marks(&rest, &route->releases[i], e);
        while (rest.len > 0 && rest.data[rest.len - 1] == ' ')
            rest.data[--rest.len] = '\0';
        hop_buf_add(out, hop_buf_get(&rest), rest.len);
        hop_buf_addc(out, '\n');
    }
}

static void add_pools(hop_buf *out, const hop_route *route)
{
    hop_buf_addc(out, '\n');
    for (size_t i = 0; i < route->hops; i++) {
        switch (route->edges[i].pools) {
        case HOP_POOLS_UPDATE:
        case HOP_POOLS_STAY_PAUSED:
            break;
        case HOP_POOLS_PAUSE:
            hop_wrapf(out, 0, "Before hop %zu, pause the worker pools.", i + 1);
            break;
        case HOP_POOLS_RESUME:
            hop_wrapf(out, 0, "After hop %zu, unpause them and wait for the nodes.",
                      i + 1);
            break;
        }
    }
    hop_wrapf(out, 0, "Worker nodes reboot %zu time%s.", route->worker_updates,
              route->worker_updates == 1 ? "" : "s");
}

static void add_support_note(hop_buf *out, const hop_route *route)
{
    for (size_t i = 0; i < route->release_count; i++)
        if (route->releases[i].is_prerelease) {
            hop_buf_addc(out, '\n');
            hop_wrap(out, 0,
                     "This path goes over releases that are not generally available. "
                     "Updates from and to them are not supported.");
            return;
        }
}

/* ---- risks ---- */

/* A query must mean the same after it is pasted: lines break only at blanks outside of
 * string literals, and a line with a comment is left alone. */
static size_t query_word_length(const char *s, const char *end)
{
    char quote = '\0';
    const char *p = s;
    for (; p < end && (quote || (*p != ' ' && *p != '\t')); p++) {
        if (quote && *p == '\\' && quote != '`' && p + 1 < end)
            p++;
        else if (quote)
            quote = *p == quote ? '\0' : quote;
        else if (*p == '"' || *p == '\'' || *p == '`')
            quote = *p;
    }
    return (size_t)((p < end ? p : end) - s);
}

static void add_query_line(hop_buf *out, size_t indent, const char *s, const char *end)
{
    hop_paragraph p = {.out = out, .indent = indent};
    size_t len = (size_t)(end - s);
    if (memchr(s, '#', len)) {
        hop_paragraph_word(&p, s, len);
    } else {
        while (s < end) {
            size_t word = query_word_length(s, end);
            if (word > 0)
                hop_paragraph_word(&p, s, word);
            s += word;
            s += s < end;
        }
    }
    hop_paragraph_end(&p);
}

static void add_query(hop_buf *out, size_t indent, const char *query)
{
    while (*query) {
        size_t len = strcspn(query, "\r\n");
        size_t blanks = strspn(query, " \t");
        size_t deeper = blanks < 20 ? blanks : 20;
        if (blanks < len)
            add_query_line(out, indent + deeper, query + blanks, query + len);
        query += len + (query[len] != '\0');
    }
}

static void add_rule(hop_buf *out, const hop_rule *rule)
{
    if (strcmp(rule->type, "Always") == 0) {
        hop_wrap(out, 4, "Applies to every cluster.");
    } else if (strcmp(rule->type, "PromQL") == 0 && rule->promql) {
        hop_wrap(out, 4,
                 "Applies where this query, run in the cluster's console, gives 1:");
        hop_buf_addc(out, '\n');
        add_query(out, 6, rule->promql);
        hop_buf_addc(out, '\n');
    } else {
        hop_wrapf(out, 4, "Has a rule of type \"%s\", which oc-hop does not know.",
                  rule->type);
    }
}

static void add_risk(hop_buf *out, const hop_risk *risk)
{
    hop_wrap(out, 2, risk->name);
    if (*risk->message)
        hop_wrap(out, 4, risk->message);
    if (*risk->url)
        hop_wrap(out, 4, risk->url);
    for (size_t i = 0; i < risk->rule_count; i++)
        add_rule(out, &risk->rules[i]);
    if (risk->answer != HOP_RISK_UNKNOWN)
        hop_wrap(out, 4,
                 risk->answer == HOP_RISK_APPLIES ? "In this cluster it applies."
                                                  : "In this cluster it does not apply.");
}

static bool edge_has_risk(const hop_plan_edge *e, const hop_risk *risk)
{
    for (size_t i = 0; i < e->risk_count; i++)
        if (strcmp(e->risks[i]->name, risk->name) == 0 &&
            strcmp(e->risks[i]->message, risk->message) == 0)
            return true;
    return false;
}

static bool was_shown(const hop_route *route, size_t before, const hop_risk *risk)
{
    for (size_t i = 0; i < before; i++)
        if (edge_has_risk(&route->edges[i], risk))
            return true;
    return false;
}

static void add_risk_hops(hop_buf *out, const hop_route *route, const hop_risk *risk)
{
    hop_paragraph p = {.out = out, .indent = 4};
    for (size_t i = 0; i < route->hops; i++) {
        if (!edge_has_risk(&route->edges[i], risk))
            continue;
        HOP_AUTO_STR text = hop_sprintf("Hop %zu, %s to %s.", i + 1, route->edges[i].from,
                                        route->edges[i].to);
        hop_paragraph_words(&p, text);
    }
    hop_paragraph_end(&p);
}

/* Each risk once, however many hops it waits on. */
static void add_risks(hop_buf *out, const hop_route *route)
{
    bool has_heading = false;
    for (size_t i = 0; i < route->hops; i++) {
        const hop_plan_edge *e = &route->edges[i];
        for (size_t j = 0; j < e->risk_count; j++) {
            if (was_shown(route, i, e->risks[j]))
                continue;
            hop_buf_adds(out, has_heading ? "\n" : "\nRisks on this path\n\n");
            has_heading = true;
            add_risk(out, e->risks[j]);
            add_risk_hops(out, route, e->risks[j]);
        }
    }
}

void hop_plan_report_flags(hop_texts risks, hop_buf *out)
{
    hop_buf_addc(out, '\n');
    hop_wrap(out, 0, "To take this path, read the risks above and add:");
    hop_buf_addc(out, '\n');
    for (size_t i = 0; i < risks.len; i++) {
        HOP_AUTO_VALUE(hop_buf) word = hop_buf_init(HOP_BUF_TEXT);
        hop_buf_add_shell(&word, risks.items[i]);
        hop_buf_adds(out, "  --accept-risk ");
        hop_buf_add_visible(out, hop_buf_get(&word), word.len);
        hop_buf_adds(out, i + 1 < risks.len ? " \\\n" : "\n");
    }
}

/* ---- other paths ---- */

static void add_count(hop_buf *out, const hop_plan *plan)
{
    hop_buf_addc(out, '\n');
    if (strcmp(plan->path_count, "1") == 0)
        hop_wrap(out, 0, "No other path is as good.");
    else
        hop_wrapf(out, 0,
                  "One of %s equally good paths; this one has the newest releases.",
                  plan->path_count);
}

static void add_alternatives(hop_buf *out, const hop_plan *plan)
{
    size_t shown = plan->alternative_count < ALTERNATIVES_SHOWN ? plan->alternative_count
                                                                : ALTERNATIVES_SHOWN;
    if (shown > 0)
        hop_buf_adds(out, "\nOther paths, best first\n\n");
    for (size_t i = 0; i < shown; i++) {
        const hop_route *r = &plan->alternatives[i];
        hop_paragraph p = {.out = out, .indent = 2};
        HOP_AUTO_STR number = hop_sprintf("%zu.", i + 2);
        hop_paragraph_word(&p, number, strlen(number));
        p.indent = 6;
        for (size_t j = 0; j < r->release_count; j++)
            hop_paragraph_words(&p, r->releases[j].version);
        if (r->conditional_hops > 0) {
            HOP_AUTO_STR note = hop_sprintf("(%zu conditional)", r->conditional_hops);
            hop_paragraph_words(&p, note);
        }
        hop_paragraph_end(&p);
    }
    if (plan->alternative_count > shown)
        hop_wrapf(out, 2, "and %zu more; -o json has them all.",
                  plan->alternative_count - shown);
}

/* ---- no path ---- */

static void add_frontier(hop_buf *out, const char *some, const char *none,
                         const hop_frontier *f)
{
    hop_paragraph p = {.out = out, .indent = 2};
    hop_paragraph_words(&p, f->total > 0 ? some : none);
    if (f->total > 0) {
        HOP_AUTO_STR count =
            hop_sprintf("%zu release%s%s", f->total, f->total == 1 ? "" : "s",
                        f->total > f->examples.len ? ", the newest of them:" : ":");
        hop_paragraph_words(&p, count);
        p.indent = 4;
        hop_paragraph_list(&p, f->examples);
    }
    hop_paragraph_end(&p);
}

static void add_gap(hop_buf *out, const hop_gap *gap)
{
    hop_paragraph p = {.out = out, .indent = 4};
    HOP_AUTO_STR ends = hop_sprintf("%s to %s:", gap->from, gap->to);
    hop_paragraph_words(&p, ends);
    p.indent = 6;
    switch (gap->reason) {
    case HOP_GAP_NOT_DECLARED:
        hop_paragraph_words(&p, "not offered in any channel that was read");
        break;
    case HOP_GAP_OTHER_CHANNEL:
        hop_paragraph_words(
            &p, "not offered in the channels that were read; both releases are in");
        hop_paragraph_list(&p, gap->channels);
        break;
    case HOP_GAP_RISK:
        hop_paragraph_words(&p, "conditional, and not all of its risks are accepted");
        break;
    case HOP_GAP_AVOIDED:
        hop_paragraph_words(&p, "offered, but one of the two is to be avoided");
        break;
    }
    hop_paragraph_end(&p);
}

static void add_explanation(hop_buf *out, const hop_plan *plan)
{
    const hop_explanation *x = &plan->explanation;
    if (plan->channels.len > 0)
        hop_wrap_list(out, 2, "Channels read:", plan->channels);
    if (x->near_from.len > 0)
        hop_wrap_list(out, 2, "Nearest to the start:", x->near_from);
    if (x->near_to.len > 0)
        hop_wrap_list(out, 2, "Nearest to the target:", x->near_to);
    if (!x->is_from_known || !x->is_to_known || x->is_downgrade)
        return;
    if (plan->status == HOP_PLAN_NEEDS_RISKS)
        hop_wrap(out, 2, "With the risks that are accepted now:");
    add_frontier(out, "The start can reach", "The start can reach no other release.",
                 &x->from_start);
    add_frontier(out, "The target can be reached from",
                 "The target can be reached from no other release.", &x->to_target);
    if (x->next_with_way)
        hop_wrapf(out, 2, "The nearest release after the start that has a way: %s",
                  x->next_with_way);
    if (x->gap_count > 0)
        hop_wrap(out, 2, "What stands between:");
    for (size_t i = 0; i < x->gap_count; i++)
        add_gap(out, &x->gaps[i]);
}

/* ---- the whole ---- */

/* In a set the paths are chosen together: how many others are as good says nothing, and
 * the flags are told once for all. */
typedef enum report_scope { SCOPE_ALONE, SCOPE_SET } report_scope;

static void add_found(hop_buf *out, const hop_plan *plan, report_scope scope)
{
    const hop_route *r = &plan->best;
    HOP_AUTO_STR conditional = r->conditional_hops > 0
                                   ? hop_sprintf("%zu conditional", r->conditional_hops)
                                   : hop_strdup("none of them conditional");
    hop_wrapf(out, 0, "%s to %s (%s): %zu hop%s, %s", plan->from, plan->to, plan->arch,
              r->hops, r->hops == 1 ? "" : "s", conditional);
    hop_buf_addc(out, '\n');
    add_path(out, r);
    if (plan->workers == HOP_WORKERS_PAUSE)
        add_pools(out, r);
    add_support_note(out, r);
    add_risks(out, r);
    if (scope == SCOPE_SET)
        return;
    add_count(out, plan);
    add_alternatives(out, plan);
}

static void add_needs_risks(hop_buf *out, const hop_plan *plan, report_scope scope)
{
    hop_wrapf(out, 0, "No path from %s to %s (%s) without risks: %s.", plan->from,
              plan->to, plan->arch, plan->explanation.summary);
    add_explanation(out, plan);
    hop_buf_addc(out, '\n');
    add_found(out, plan, scope);
    if (scope == SCOPE_ALONE)
        hop_plan_report_flags(plan->needed_risks, out);
}

static void report(const hop_plan *plan, report_scope scope, hop_buf *out)
{
    switch (plan->status) {
    case HOP_PLAN_OK:
        add_found(out, plan, scope);
        return;
    case HOP_PLAN_SAME_VERSION:
        hop_wrapf(out, 0, "%s is the start and the target (%s): nothing to do.",
                  plan->from, plan->arch);
        return;
    case HOP_PLAN_NEEDS_RISKS:
        add_needs_risks(out, plan, scope);
        return;
    case HOP_PLAN_UNREACHABLE:
    case HOP_PLAN_UNKNOWN_VERSION:
        hop_wrapf(out, 0, "No path from %s to %s (%s): %s.", plan->from, plan->to,
                  plan->arch,
                  plan->explanation.summary ? plan->explanation.summary
                                            : "the plan does not say why");
        add_explanation(out, plan);
        return;
    }
}

void hop_plan_report_text(const hop_plan *plan, hop_buf *out)
{
    report(plan, SCOPE_ALONE, out);
}

void hop_plan_report_part(const hop_plan *plan, hop_buf *out)
{
    report(plan, SCOPE_SET, out);
}
