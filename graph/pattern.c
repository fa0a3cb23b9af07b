/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pattern.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT ((uint32_t)1000000)
#define PATTERN_MAX ((size_t)65536)

struct hop_pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    char *text;
    bool is_anything; /* ".*", which the service does not even try */
};

void hop_pattern_free(hop_pattern *p)
{
    if (!p)
        return;
    pcre2_match_context_free(p->context);
    pcre2_match_data_free(p->data);
    pcre2_code_free(p->code);
    free(p->text);
    free(p);
}

/* ---- what PCRE2 takes and Rust does not ---- */

/* The length of a repetition "{m}", "{m,}" or "{m,n}" at s, or 0. */
static size_t repetition_length(const char *s)
{
    size_t n = 1 + strspn(s + 1, "0123456789");
    if (n == 1)
        return 0;
    if (s[n] == ',')
        n += 1 + strspn(s + n + 1, "0123456789");
    return s[n] == '}' ? n + 1 : 0;
}

/* The length of a bracket class at s; a ']' right after the opening is a member. */
static size_t class_length(const char *s)
{
    size_t n = 1;
    if (s[n] == '^')
        n++;
    if (s[n] == ']')
        n++;
    while (s[n] && s[n] != ']')
        n += s[n] == '\\' && s[n + 1] ? 2 : 1;
    return s[n] ? n + 1 : n;
}

size_t hop_pattern_atom_length(const char *s)
{
    if (*s == '[')
        return class_length(s);
    return *s == '\\' && s[1] ? 2 : 1;
}

static const char *foreign_group(const char *s)
{
    static const char *const openings[] = {
        "(?=",  "(?!",  "(?<", "(?>", "(?|", "(?#", "(?(", "(?&", "(?R",
        "(?P=", "(?P>", "(?C", "(?'", "(?0", "(?1", "(?2", "(?3", "(?4",
        "(?5",  "(?6",  "(?7", "(?8", "(?9", "(?+", "(*"};
    for (size_t i = 0; i < HOP_COUNT_OF(openings); i++)
        if (hop_has_prefix(s, openings[i]))
            return openings[i];
    return NULL;
}

static bool is_foreign_escape(char c)
{
    return (c >= '1' && c <= '9') || (c && strchr("kgGKRXCZQEcehNVHo", c));
}

/* Length of the quantifier at s, or 0. */
static size_t quantifier_length(const char *s)
{
    if (*s == '*' || *s == '+' || *s == '?')
        return 1;
    return *s == '{' ? repetition_length(s) : 0;
}

static hop_status refuse(const char *text, size_t at, const char *what, hop_error **err)
{
    return hop_error_set(err, HOP_E_PARSE, "pattern \"%s\", byte %zu: %s", text, at + 1,
                         what);
}

/* In a class of Rust a bracket opens a class within, and &&, -- and ~~ combine classes;
 * PCRE2 takes all of these as members. [:alpha:] is the same in both. */
static hop_status check_class(const char *text, size_t at, hop_error **err)
{
    size_t end = at + class_length(text + at);
    size_t i = at + 1;
    i += text[i] == '^';
    i += text[i] == ']';
    while (i + 1 < end) {
        const char *s = text + i;
        if (*s == '\\' && is_foreign_escape(s[1]))
            return refuse(text, i, "an escape that the update service does not know",
                          err);
        if (*s == '[' || hop_has_prefix(s, "&&") || hop_has_prefix(s, "--") ||
            hop_has_prefix(s, "~~"))
            return refuse(text, i,
                          "in a class, [ && -- and ~~ mean more to the update service; "
                          "escape them",
                          err);
        i += *s == '\\' && s[1] ? 2 : 1;
    }
    return HOP_OK;
}

static hop_status check_syntax(const char *text, hop_error **err)
{
    for (size_t i = 0; text[i];) {
        if (text[i] == '\\') {
            if (is_foreign_escape(text[i + 1]))
                return refuse(text, i, "an escape that the update service does not know",
                              err);
            i += text[i + 1] ? 2 : 1;
        } else if (text[i] == '[') {
            hop_status s = check_class(text, i, err);
            if (s != HOP_OK)
                return s;
            i += class_length(text + i);
        } else if (text[i] == '(' && foreign_group(text + i)) {
            return refuse(text, i, "a group that the update service does not know", err);
        } else if (quantifier_length(text + i) > 0) {
            i += quantifier_length(text + i);
            i += text[i] == '?';
            if (text[i] == '+' && text[i - 1] != '?')
                return refuse(text, i, "a quantifier after a quantifier", err);
        } else if (text[i] == '{') {
            return refuse(text, i, "a brace that begins no repetition", err);
        } else {
            i++;
        }
    }
    return HOP_OK;
}

/* ---- compiling and searching ---- */

hop_status hop_pattern_new(const char *text, hop_pattern **out, hop_error **err)
{
    if (strlen(text) > PATTERN_MAX)
        return hop_error_set(err, HOP_E_LIMIT, "pattern longer than %zu bytes",
                             PATTERN_MAX);
    hop_status s = check_syntax(text, err);
    if (s != HOP_OK)
        return s;
    int number = 0;
    PCRE2_SIZE offset = 0;
    HOP_AUTO(hop_pattern) p = hop_alloc(1, sizeof(*p));
    p->text = hop_strdup(text);
    p->is_anything = strcmp(text, ".*") == 0;
    /* Rust's `$` is the end of the text, never before a last line feed. */
    p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY, &number,
                            &offset, NULL);
    if (!p->code) {
        PCRE2_UCHAR message[128];
        pcre2_get_error_message(number, message, sizeof(message));
        return refuse(text, offset, (const char *)message, err);
    }
    p->data = pcre2_match_data_create_from_pattern(p->code, NULL);
    p->context = pcre2_match_context_create(NULL);
    if (!p->data || !p->context)
        abort();
    pcre2_set_match_limit(p->context, MATCH_LIMIT);
    *out = hop_steal(&p);
    return HOP_OK;
}

hop_status hop_pattern_find(const hop_pattern *p, const char *text, bool *found,
                            hop_span *span, hop_error **err)
{
    if (p->is_anything) {
        *found = true;
        *span = (hop_span){0, strlen(text)};
        return HOP_OK;
    }
    int rc = pcre2_match(p->code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, 0, p->data,
                         p->context);
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
        return hop_error_set(err, HOP_E_LIMIT, "pattern \"%s\" gives up on \"%s\"",
                             p->text, text);
    *found = rc >= 0;
    if (*found) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(p->data);
        *span = (hop_span){ends[0], ends[1]};
    }
    return HOP_OK;
}

hop_status hop_pattern_search(const hop_pattern *p, const char *text, bool *found,
                              hop_error **err)
{
    hop_span span = {0};
    return hop_pattern_find(p, text, found, &span, err);
}
