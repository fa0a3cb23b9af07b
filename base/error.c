/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_error.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct hop_error {
    hop_status status;
    hop_strings frames; /* innermost first */
    char *hint;
};

hop_status hop_error_set(hop_error **err, hop_status s, const char *fmt, ...)
{
    assert(err && !*err && s != HOP_OK);
    va_list ap;
    va_start(ap, fmt);
    char *frame = hop_vsprintf(fmt, ap);
    va_end(ap);
    *err = hop_alloc(1, sizeof(**err));
    (*err)->status = s;
    hop_strings_take(&(*err)->frames, &frame);
    return s;
}

hop_status hop_error_wrap(hop_error **err, const char *fmt, ...)
{
    assert(err && *err);
    va_list ap;
    va_start(ap, fmt);
    char *frame = hop_vsprintf(fmt, ap);
    va_end(ap);
    hop_strings_take(&(*err)->frames, &frame);
    return (*err)->status;
}

void hop_error_hint(hop_error **err, const char *fmt, ...)
{
    assert(err && *err);
    va_list ap;
    va_start(ap, fmt);
    free((*err)->hint);
    (*err)->hint = hop_vsprintf(fmt, ap);
    va_end(ap);
}

hop_status hop_error_get_status(const hop_error *err)
{
    return err ? err->status : HOP_OK;
}

const char *hop_error_get_frame(const hop_error *err, size_t depth)
{
    if (!err || depth >= err->frames.len)
        return NULL;
    return err->frames.items[err->frames.len - 1 - depth];
}

const char *hop_error_get_hint(const hop_error *err)
{
    return err ? err->hint : NULL;
}

void hop_error_print(const hop_error *err, hop_buf *out)
{
    const char *frame = NULL;
    for (size_t i = 0; (frame = hop_error_get_frame(err, i)); i++) {
        hop_buf_adds(out, i == 0 ? "error: " : "  because: ");
        hop_buf_add_visible(out, frame, strlen(frame));
        hop_buf_addc(out, '\n');
    }
    if (err && err->hint) {
        hop_buf_adds(out, "hint: ");
        hop_buf_add_visible(out, err->hint, strlen(err->hint));
        hop_buf_addc(out, '\n');
    }
}

void hop_error_join(const hop_error *err, hop_buf *out)
{
    const char *frame = NULL;
    for (size_t i = 0; (frame = hop_error_get_frame(err, i)); i++) {
        if (i)
            hop_buf_adds(out, ": ");
        hop_buf_add_visible(out, frame, strlen(frame));
    }
}

void hop_error_free(hop_error *err)
{
    if (!err)
        return;
    hop_strings_clear(&err->frames);
    free(err->hint);
    free(err);
}

void hop_error_drop(hop_error **err)
{
    hop_error_free(*err);
    *err = NULL;
}

const char *hop_status_name(hop_status s)
{
    switch (s) {
    case HOP_OK:
        return "ok";
    case HOP_E_USAGE:
        return "usage";
    case HOP_E_PARSE:
        return "parse";
    case HOP_E_LIMIT:
        return "limit";
    case HOP_E_IO:
        return "io";
    case HOP_E_NET:
        return "network";
    case HOP_E_AUTH:
        return "credentials";
    case HOP_E_NOT_FOUND:
        return "not-found";
    case HOP_E_DIGEST:
        return "digest";
    case HOP_E_SIGNATURE:
        return "signature";
    case HOP_E_NO_PATH:
        return "no-path";
    case HOP_E_DISK:
        return "disk";
    case HOP_E_PARTIAL:
        return "partial";
    case HOP_E_CANCELLED:
        return "cancelled";
    }
    return "unknown";
}
