/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Credential helpers: programs named docker-credential-NAME that keep passwords for
 * docker and podman. `get` takes the host on standard input and answers with JSON
 * (docker/docker-credential-helpers, "Development").
 */
#ifndef HOP_CREDENTIAL_HELPER_H
#define HOP_CREDENTIAL_HELPER_H

#include "auth.h"
#include "child.h"

/** Starts the program for a host; it gets at most 30 seconds. Statuses as
 * hop_child_start() has them. */
HOP_MUST_USE hop_status hop_credential_helper_start(const char *name, const char *host,
                                                    hop_child **out, hop_error **err);

/** What the program said, which has ended. *found is false when it has nothing. Statuses
 * as hop_child_finish() has them, and HOP_E_AUTH when the program failed; the message
 * has the first line of what it said about that. */
HOP_MUST_USE hop_status hop_credential_helper_finish(const char *name,
                                                     const hop_child *child,
                                                     hop_credential *out, bool *found,
                                                     hop_error **err);

/** Reads what `get` printed: {"ServerURL", "Username", "Secret"}. The user "<token>"
 * means that the secret is an identity token. *found is false for an empty user or
 * secret. HOP_E_PARSE; no message repeats any of the text. */
HOP_MUST_USE hop_status hop_credential_helper_read(const char *text, size_t len,
                                                   const char *program,
                                                   hop_credential *out, bool *found,
                                                   hop_error **err);

#endif
