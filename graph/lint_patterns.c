/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patterns of `from`: what they look like, and what they find among the versions that
 * the tree names. The service searches them, unanchored, in "VERSION+ARCH". */
#include "lint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hop_version.h"

static const char *const archs[] = {"+amd64", "+arm64", "+ppc64le", "+s390x", "+multi"};

#define DIGITS "0123456789"
#define TEXT_MAX (HOP_VERSION_MAX + 16)

/* Findings of a pattern have no place yet. */
static const lint_place nowhere = {NULL, 0};

size_t hop_lint_pattern(hop_lint *l, const char *text)
{
    lint_patterns *all = &l->patterns;
    for (size_t i = 0; i < all->len; i++)
        if (strcmp(all->items[i].text, text) == 0)
            return i;
    all->items = hop_grow(all->items, all->len, &all->cap, sizeof(*all->items));
    lint_pattern *p = &all->items[all->len];
    *p = (lint_pattern){.text = text};
    HOP_AUTO(hop_error) why = NULL;
    if (hop_pattern_new(text, &p->code, &why) != HOP_OK)
        hop_lint_error(&p->faults, "pattern", nowhere,
                       "the service would keep no graph at all: %s",
                       hop_error_get_frame(why, 0));
    return all->len++;
}

/* A pattern that gives up is reported once, by check_effort(); here it finds nothing. */
static bool finds(const hop_pattern *p, const char *text, hop_span *span)
{
    HOP_AUTO(hop_error) why = NULL;
    bool found = false;
    return hop_pattern_find(p, text, &found, span, &why) == HOP_OK && found;
}

static void with_arch(char text[TEXT_MAX], const char *version, const char *arch)
{
    snprintf(text, TEXT_MAX, "%s%s", version, arch);
}

const char *hop_lint_match(const hop_pattern *p, const char *version)
{
    char text[TEXT_MAX];
    hop_span span = {0};
    for (size_t i = 0; i < HOP_COUNT_OF(archs); i++) {
        with_arch(text, version, archs[i]);
        if (finds(p, text, &span))
            return archs[i];
    }
    return NULL;
}

/* ---- how it is written ---- */

static bool is_quantifier(char c)
{
    return c == '*' || c == '+' || c == '?' || c == '{';
}

static void check_plus(lint_pattern *p, const char *at)
{
    for (size_t i = 0; i < HOP_COUNT_OF(archs); i++)
        if (hop_has_prefix(at, archs[i])) {
            hop_lint_error(&p->faults, "pattern-plus", nowhere,
                           "\"%s\": + repeats what stands before it; the one before an "
                           "architecture is written [+]",
                           p->text);
            return;
        }
}

/* "4[.]1.*" means 4.10 to 4.19, too. A zero is no beginning of a longer number, and a
 * digit that begins the version ("4.*") is the major. */
static void check_open_digit(lint_pattern *p, size_t i)
{
    const char *s = p->text + i;
    bool is_first = i == 0 || strchr("^(|", p->text[i - 1]);
    bool is_lone = i == 0 || !strchr(DIGITS "]?*+)", p->text[i - 1]) ||
                   (i >= 3 && strncmp(s - 3, "[.]", 3) == 0);
    if (*s >= '1' && *s <= '9' && !is_first && is_lone && s[1] == '.' &&
        (s[2] == '*' || s[2] == '+'))
        hop_lint_warn(&p->faults, "pattern-over-match", nowhere,
                      "\"%s\": %c%.2s matches %c0 to %c9, too; write %c[.]%.2s", p->text,
                      *s, s + 1, *s, *s, *s, s + 1);
}

static void check_writing(lint_pattern *p)
{
    bool has_dot = false, has_bracket = false;
    for (size_t i = 0; p->text[i];) {
        const char *s = p->text + i;
        size_t len = hop_pattern_atom_length(s);
        if (*s == ']' && !has_bracket) {
            has_bracket = true;
            hop_lint_warn(&p->faults, "pattern-bracket", nowhere,
                          "\"%s\", byte %zu: this ] closes nothing and is only found "
                          "where a version has one",
                          p->text, i + 1);
        }
        if (*s == '.' && !is_quantifier(s[1]) && !has_dot) {
            has_dot = true;
            hop_lint_warn(&p->faults, "pattern-dot", nowhere,
                          "\"%s\", byte %zu: this dot is any character; write [.]",
                          p->text, i + 1);
        }
        if (*s == '+')
            check_plus(p, s);
        check_open_digit(p, i);
        i += len;
    }
}

/* ---- what it finds ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_inside_number(const char *text, size_t at)
{
    return at > 0 && is_digit(text[at - 1]) && is_digit(text[at]);
}

static bool warn_over_match(lint_pattern *p, const char *text, hop_span span)
{
    bool is_end = is_inside_number(text, span.end);
    if (!is_end && !is_inside_number(text, span.start))
        return false;
    hop_lint_warn(&p->faults, "pattern-over-match", nowhere,
                  "\"%s\" finds \"%.*s\" in %s; %s", p->text,
                  (int)(span.end - span.start), text + span.start, text,
                  is_end ? "end it with [+].*$" : "begin it with ^");
    return true;
}

/* The match ends behind a number of one digit: would it end there behind a longer one?
 * Three digits and numbers that begin with 0 do not occur. */
static bool is_open_at(lint_pattern *p, const char *text, hop_span span)
{
    size_t at = span.end;
    if (at < 2 || !is_digit(text[at - 1]) || text[at - 1] == '0' ||
        is_digit(text[at - 2]) || is_digit(text[at]) || at > strcspn(text, "-+"))
        return false;
    for (char c = '0'; c <= '9'; c++) {
        char longer[TEXT_MAX + 1];
        hop_span found = {0};
        snprintf(longer, sizeof(longer), "%.*s%c%s", (int)at, text, c, text + at);
        if (finds(p->code, longer, &found) && found.end == at)
            return warn_over_match(p, longer, found);
    }
    return false;
}

static void check_over_match(const hop_lint *l, lint_pattern *p)
{
    char text[TEXT_MAX];
    for (size_t i = 0; i < l->versions.len; i++)
        for (size_t a = 0; a < HOP_COUNT_OF(archs); a++) {
            hop_span span = {0};
            with_arch(text, l->versions.items[i], archs[a]);
            if (finds(p->code, text, &span) &&
                (warn_over_match(p, text, span) || is_open_at(p, text, span)))
                return;
        }
}

/* What the search over the known versions says. */
typedef struct reach {
    bool is_any;         /* a version with an architecture was found */
    char bare[TEXT_MAX]; /* a version that is only found without one, or "" */
} reach;

static void try_version(const lint_pattern *p, const char *version, reach *r)
{
    hop_span span = {0};
    if (hop_lint_match(p->code, version))
        r->is_any = true;
    else if (!r->bare[0] && finds(p->code, version, &span))
        with_arch(r->bare, version, "");
}

/* Versions that the tree may not name: those that there could be in the majors of today.
 */
static void try_others(const lint_pattern *p, reach *r)
{
    enum { LAST_MINOR = 30, LAST_PATCH = 99 };
    char text[TEXT_MAX];
    for (int major = 4; major <= 5 && !r->is_any; major++)
        for (int minor = 0; minor <= LAST_MINOR && !r->is_any; minor++)
            for (int patch = 0; patch <= LAST_PATCH && !r->is_any; patch++) {
                snprintf(text, sizeof(text), "%d.%d.%d", major, minor, patch);
                try_version(p, text, r);
            }
}

static void check_reach(const hop_lint *l, lint_pattern *p)
{
    reach r = {0};
    for (size_t i = 0; i < l->versions.len; i++)
        try_version(p, l->versions.items[i], &r);
    if (!r.is_any)
        try_others(p, &r);
    if (r.bare[0] && !r.is_any)
        hop_lint_error(&p->faults, "pattern-end", nowhere,
                       "\"%s\" never matches: it would find %s, but the service looks "
                       "at %s+amd64; end it with [+].*$",
                       p->text, r.bare, r.bare);
    else if (r.bare[0])
        hop_lint_warn(&p->faults, "pattern-end", nowhere,
                      "\"%s\" does not match %s+amd64, but it would without +amd64",
                      p->text, r.bare);
    else if (!r.is_any)
        hop_lint_warn(
            &p->faults, "pattern-matches-nothing", nowhere,
            "\"%s\" matches no version: neither one that is named here nor 4.0.0 "
            "to 5.30.99",
            p->text);
}

/* Rust's engine never gives up; ours does, on patterns that repeat repetitions. */
static bool check_effort(lint_pattern *p)
{
    static const char sample[] = "4.16.0-0.hotfix-2024-01-01-111111111111111111+ppc64le";
    HOP_AUTO(hop_error) why = NULL;
    bool found = false;
    if (hop_pattern_search(p->code, sample, &found, &why) == HOP_OK)
        return true;
    hop_lint_warn(&p->faults, "pattern", nowhere,
                  "\"%s\" takes too many steps to be tried here", p->text);
    return false;
}

void hop_lint_patterns(hop_lint *l)
{
    for (size_t i = 0; i < l->patterns.len; i++) {
        lint_pattern *p = &l->patterns.items[i];
        if (!p->code || strcmp(p->text, ".*") == 0)
            continue;
        check_writing(p);
        if (check_effort(p)) {
            check_over_match(l, p);
            check_reach(l, p);
        }
    }
    for (size_t i = 0; i < l->blocks.len; i++) {
        const lint_block *b = &l->blocks.items[i];
        const hop_findings *faults = &l->patterns.items[b->pattern].faults;
        for (size_t j = 0; j < faults->len; j++) {
            const hop_finding *f = &faults->items[j];
            lint_place at = hop_lint_at(b->file, b->from);
            if (f->severity == HOP_LINT_ERROR)
                hop_lint_error(l->out, f->rule, at, "%s", f->text);
            else
                hop_lint_warn(l->out, f->rule, at, "%s", f->text);
        }
    }
}
