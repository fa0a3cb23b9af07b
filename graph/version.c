/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_version.h"

#include <string.h>

/* ASCII only: the locale must not decide what a version is. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_identifier_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool is_number(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_digit(s[i]))
            return false;
    return len > 0;
}

/* A number without leading zeros at `at`; returns where it ends, or `at` when there is
 * none. */
static size_t skip_number(const char *s, size_t at)
{
    size_t end = at;
    while (is_digit(s[end]))
        end++;
    return s[at] == '0' && end > at + 1 ? at : end;
}

typedef enum part_kind { PART_PRE, PART_BUILD } part_kind;

/* Dot-separated identifiers; returns where they end, or `at` when one is wrong. */
static size_t skip_identifiers(const char *s, size_t at, part_kind kind)
{
    size_t pos = at;
    for (;;) {
        size_t begin = pos;
        while (is_identifier_char(s[pos]))
            pos++;
        if (pos == begin)
            return at;
        bool has_leading_zero = s[begin] == '0' && pos > begin + 1;
        if (kind == PART_PRE && has_leading_zero && is_number(s + begin, pos - begin))
            return at;
        if (s[pos] != '.')
            return pos;
        pos++;
    }
}

static hop_status bad(const char *text, const char *why, hop_error **err)
{
    return hop_error_set(err, HOP_E_PARSE, "version \"%s\": %s", text, why);
}

hop_status hop_version_parse(const char *text, hop_version *out, hop_error **err)
{
    size_t length = strlen(text);
    if (length > HOP_VERSION_MAX)
        return hop_error_set(err, HOP_E_PARSE,
                             "version \"%.40s…\": longer than %zu bytes", text,
                             HOP_VERSION_MAX);
    size_t major_end = skip_number(text, 0);
    if (major_end == 0 || text[major_end] != '.')
        return bad(text, "expected X.Y.Z", err);
    size_t minor_end = skip_number(text, major_end + 1);
    if (minor_end == major_end + 1 || text[minor_end] != '.')
        return bad(text, "expected X.Y.Z", err);
    size_t end = skip_number(text, minor_end + 1);
    if (end == minor_end + 1)
        return bad(text, "expected X.Y.Z", err);
    hop_version v = {.text = text,
                     .minor_at = (uint8_t)(major_end + 1),
                     .patch_at = (uint8_t)(minor_end + 1),
                     .core_end = (uint8_t)end,
                     .pre_at = (uint8_t)end,
                     .length = (uint8_t)length};
    if (text[end] == '-') {
        v.pre_at = (uint8_t)(end + 1);
        end = skip_identifiers(text, end + 1, PART_PRE);
        if (end == v.pre_at)
            return bad(text, "malformed pre-release part", err);
    }
    v.pre_end = (uint8_t)end;
    if (text[end] == '+') {
        size_t build_at = end + 1;
        end = skip_identifiers(text, build_at, PART_BUILD);
        if (end == build_at)
            return bad(text, "malformed build part", err);
    }
    if (text[end])
        return bad(text, "unexpected text after the version", err);
    *out = v;
    return HOP_OK;
}

/* ---- order: SemVer 2.0.0, clause 11 ---- */

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

/* Neither number has leading zeros, so the longer one is larger. */
static int compare_numbers(const char *a, size_t a_len, const char *b, size_t b_len)
{
    if (a_len != b_len)
        return a_len < b_len ? -1 : 1;
    return sign(memcmp(a, b, a_len));
}

static int compare_identifiers(const char *a, size_t a_len, const char *b, size_t b_len)
{
    bool a_number = is_number(a, a_len), b_number = is_number(b, b_len);
    if (a_number && b_number)
        return compare_numbers(a, a_len, b, b_len);
    if (a_number != b_number)
        return a_number ? -1 : 1;
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? sign(order) : (a_len > b_len) - (a_len < b_len);
}

static size_t identifier_length(const char *s, const char *end)
{
    size_t n = 0;
    while (s + n < end && s[n] != '.')
        n++;
    return n;
}

static int compare_pre(const hop_version *a, const hop_version *b)
{
    const char *p = a->text + a->pre_at, *p_end = a->text + a->pre_end;
    const char *q = b->text + b->pre_at, *q_end = b->text + b->pre_end;
    if (p == p_end || q == q_end)
        return (p == p_end) - (q == q_end); /* without a pre-release part is newer */
    for (;;) {
        size_t p_len = identifier_length(p, p_end), q_len = identifier_length(q, q_end);
        int order = compare_identifiers(p, p_len, q, q_len);
        if (order)
            return order;
        p += p_len;
        q += q_len;
        if (p == p_end || q == q_end)
            return (q == q_end) - (p == p_end); /* more identifiers are newer */
        p++;
        q++;
    }
}

static int compare_major(const hop_version *a, const hop_version *b)
{
    return compare_numbers(a->text, a->minor_at - 1u, b->text, b->minor_at - 1u);
}

static int compare_minor(const hop_version *a, const hop_version *b)
{
    return compare_numbers(a->text + a->minor_at, (size_t)(a->patch_at - a->minor_at - 1),
                           b->text + b->minor_at,
                           (size_t)(b->patch_at - b->minor_at - 1));
}

int hop_version_compare(const hop_version *a, const hop_version *b)
{
    int order = compare_major(a, b);
    if (!order)
        order = compare_minor(a, b);
    if (!order)
        order =
            compare_numbers(a->text + a->patch_at, (size_t)(a->core_end - a->patch_at),
                            b->text + b->patch_at, (size_t)(b->core_end - b->patch_at));
    if (!order)
        order = compare_pre(a, b);
    return order ? order : sign(strcmp(a->text + a->pre_end, b->text + b->pre_end));
}

/* ---- kinds ---- */

bool hop_version_has_pre(const hop_version *v)
{
    return v->pre_end > v->pre_at;
}

/* Matches `shape` at the start of `s`, where '9' stands for any digit; returns its length
 * or 0. */
static size_t match_shape(const char *s, const char *shape)
{
    size_t i = 0;
    for (; shape[i]; i++)
        if (shape[i] == '9' ? !is_digit(s[i]) : s[i] != shape[i])
            return 0;
    return i;
}

static bool is_finished_okd(const char *pre, size_t len)
{
    size_t n = match_shape(pre, "okd-scos.");
    if (n)
        return is_number(pre + n, len - n);
    n = match_shape(pre, "0.okd-scos-9999-99-99-999999");
    if (!n)
        n = match_shape(pre, "0.okd-9999-99-99-999999");
    if (!n)
        return false;
    return n == len || (len == n + 3 && memcmp(pre + n, "-ga", 3) == 0);
}

bool hop_version_is_prerelease(const hop_version *v)
{
    if (!hop_version_has_pre(v))
        return false;
    return !is_finished_okd(v->text + v->pre_at, (size_t)(v->pre_end - v->pre_at));
}

bool hop_version_is_hotfix(const hop_version *v)
{
    return match_shape(v->text + v->pre_at, "0.hotfix-") != 0;
}

bool hop_version_is_same_minor(const hop_version *a, const hop_version *b)
{
    return compare_major(a, b) == 0 && compare_minor(a, b) == 0;
}

static bool read_number(const char *s, size_t len, uint64_t *out)
{
    if (len > 18)
        return false;
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++)
        n = n * 10 + (uint64_t)(s[i] - '0');
    *out = n;
    return true;
}

bool hop_version_get_minor(const hop_version *v, uint64_t *major, uint64_t *minor)
{
    uint64_t x = 0, y = 0;
    if (!read_number(v->text, v->minor_at - 1u, &x) ||
        !read_number(v->text + v->minor_at, (size_t)(v->patch_at - v->minor_at - 1), &y))
        return false;
    *major = x;
    *minor = y;
    return true;
}

hop_version_step hop_version_get_step(const hop_version *from, const hop_version *to)
{
    int order = hop_version_compare(from, to);
    if (order == 0)
        return HOP_STEP_NONE;
    if (order > 0)
        return HOP_STEP_DOWN;
    if (hop_version_is_same_minor(from, to))
        return HOP_STEP_PATCH;
    uint64_t x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    if (!hop_version_get_minor(from, &x1, &y1) || !hop_version_get_minor(to, &x2, &y2))
        return HOP_STEP_SKIP;
    bool is_next = (x2 == x1 && y2 == y1 + 1) || (x2 == x1 + 1 && y2 == 0);
    return is_next ? HOP_STEP_MINOR : HOP_STEP_SKIP;
}
