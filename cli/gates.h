/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Admin gates: what a cluster wants to be acknowledged before it leaves a minor. They
 * stand in the payload of the release that it leaves; one more is raised at run time.
 *
 *     HOP_AUTO_VALUE(hop_gate_list) gates = {0};
 *     hop_gates_add_plan(&gates, plan, report);     // or hop_gates_read(), for plan
 *     hop_gates_text(&gates, "", &out);
 */
#ifndef GATES_H
#define GATES_H

#include "hop_mirror.h"
#include "hop_plan_set.h"
#include "hop_proof.h"
#include "options.h"

/** A hop that leaves its minor. Strings are owned. */
typedef struct hop_gate_hop {
    char *from, *to;
    const char *arch; /* static */
    bool is_known;    /* the departing payload was read */
    hop_strings keys; /* the run-time gate included, known or not */
    hop_strings texts;
} hop_gate_hop;

/** All zero is empty; release with hop_gate_list_clear(). */
typedef struct hop_gate_list {
    hop_gate_hop *hops; /* in the order of the plans, each once */
    size_t len;
    size_t cap;
} hop_gate_list;
void hop_gate_list_clear(hop_gate_list *list);

/** Adds the hops of a plan, with what the payloads in `report` say; NULL: none was read.
 */
void hop_gates_add_plan(hop_gate_list *list, const hop_plan *plan,
                        const hop_mirror_report *report);
/** The same with the payloads that a proof has read. What of them seemed to hold gates
 * and could not be read is a finding. */
void hop_gates_add_proved(hop_gate_list *list, const hop_plan *plan, hop_proof *proof);

/** Reads the payloads that the plans depart from and adds their hops; nothing else of the
 * releases is asked for. What cannot be read is shown on standard error, is not known in
 * the list, and its cause goes to *exit_code. */
HOP_MUST_USE hop_status hop_gates_read(const hop_options *o, const hop_plan_set *set,
                                       hop_gate_list *list, int *exit_code,
                                       hop_error **err);

/** The gates with their texts and the exact patch of each hop, wrapped at 80 columns;
 * every line begins with `mark`. Nothing for a list without hops; hops that are not known
 * are left out unless they have a gate. */
void hop_gates_text(const hop_gate_list *list, const char *mark, hop_buf *out);
/** "gates": for each hop from, to, arch, known, acks (key, text) and the patch, or null.
 */
void hop_gates_json(const hop_gate_list *list, hop_json *doc);

#endif
