/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Errors as a chain of causes with one hint.
 *
 * A fallible function returns a hop_status and takes `hop_error **err` last. `err` is
 * never NULL and `*err` is NULL on entry; on HOP_OK it is left alone, otherwise it is set
 * exactly once. Each layer that knows something the layer below did not know wraps one
 * frame around it. Frames say what was attempted and on what: lower case, one line, no
 * full stop. Text from outside may be put in raw; it is made visible when it is printed.
 *
 *     if (fd < 0)
 *         return hop_error_set(err, HOP_E_IO, "open %s: %s", path, strerror(errno));
 *     ...
 *     s = read_it(path, &doc, err);
 *     if (s != HOP_OK)
 *         return hop_error_wrap(err, "read update graph");
 *
 * prints, with hop_error_print():
 *
 *     error: read update graph
 *       because: open g.json: No such file or directory
 */
#ifndef HOP_ERROR_H
#define HOP_ERROR_H

#include "hop_buf.h"
#include "hop_own.h"

/** The kind of a failure. It also picks the exit code (cli/) and the retry policy
 * (mirror/). */
typedef enum hop_status {
    HOP_OK = 0,
    HOP_E_USAGE,     /* the user asked for something that makes no sense */
    HOP_E_PARSE,     /* malformed input */
    HOP_E_LIMIT,     /* input beyond a stated limit */
    HOP_E_IO,        /* local files */
    HOP_E_NET,       /* connection, TLS, or a registry that answers with an error */
    HOP_E_AUTH,      /* credentials missing or refused */
    HOP_E_NOT_FOUND, /* a thing that must exist does not */
    HOP_E_DIGEST, /* bytes that do not match their digest, or a payload that is not what
                     was planned */
    HOP_E_SIGNATURE,
    HOP_E_NO_PATH,
    HOP_E_DISK, /* no space left */
    HOP_E_PARTIAL,
    HOP_E_CANCELLED,
} hop_status;

typedef struct hop_error hop_error;

/** Makes the innermost frame. Returns `s`, so that it can stand in a return statement. */
HOP_MUST_USE hop_status hop_error_set(hop_error **err, hop_status s, const char *fmt, ...)
    HOP_PRINTF(3, 4);
/** Puts a frame around the error that is there. Returns its status. */
HOP_MUST_USE hop_status hop_error_wrap(hop_error **err, const char *fmt, ...)
    HOP_PRINTF(2, 3);
/** Says what the user can do. The outermost hint wins, so a later call replaces an
 * earlier one. */
void hop_error_hint(hop_error **err, const char *fmt, ...) HOP_PRINTF(2, 3);

hop_status hop_error_get_status(const hop_error *err); /* HOP_OK for NULL */
/** Frame `depth`, 0 the outermost; NULL past the innermost. Borrowed until the error is
 * freed or wrapped. */
const char *hop_error_get_frame(const hop_error *err, size_t depth);
const char *hop_error_get_hint(const hop_error *err); /* NULL when there is none */

/** "error: … / because: … / hint: …", every line ended, control characters made visible.
 */
void hop_error_print(const hop_error *err, hop_buf *out);
/** All frames on one line, joined with ": ", outermost first. For JSON and log lines. */
void hop_error_join(const hop_error *err, hop_buf *out);

/** Frees an error and leaves NULL: the failure was handled. */
void hop_error_drop(hop_error **err);
void hop_error_free(hop_error *err);
HOP_DEFINE_AUTO(hop_error);

/** A fixed word for a status: "digest", "network", … For JSON. */
const char *hop_status_name(hop_status s);

#endif
