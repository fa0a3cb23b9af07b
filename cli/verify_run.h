/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * One run of `verify`: what cmd_verify.c and verify_registry.c share.
 */
#ifndef VERIFY_RUN_H
#define VERIFY_RUN_H

#include "gates.h"
#include "hop_proof.h"
#include "options.h"
#include "progress.h"
#include "served.h"
#include "trust.h"

typedef enum hop_verify_format {
    HOP_VERIFY_TEXT,
    HOP_VERIFY_JSON,
    HOP_VERIFY_INVENTORY,
} hop_verify_format;

typedef struct hop_verify_run {
    const hop_options *o;
    hop_trust trust; /* keyrings only */
    hop_proof_trust checked;
    hop_progress progress;
    hop_proof proof;
    bool is_media;                /* else a registry */
    bool media_signature_checked; /* --media-keyring, and the media could be opened */
    size_t left_out;              /* blobs that the media relies on the far side for */
    hop_digest base;              /* of the inventory that says so; "" without */
    char *graph_data; /* where what an update service is fed with was read; NULL: nowhere
                       */
    bool has_plan;
    hop_gate_list gates; /* of its path */
    hop_served served;
    const char *how; /* to give a plan, where none is known; static */
} hop_verify_run;

/** What the path of the plans asks of clusters, from the payloads of the proof. */
void hop_verify_take_gates(hop_verify_run *v, const hop_plan *const *plans, size_t count);

/** `verify docker://HOST`: fills the proof. */
HOP_MUST_USE hop_status hop_verify_registry(hop_verify_run *v, hop_error **err);

#endif
