/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runbook.h"

#include <string.h>

/** The next hop at or after `index`, of the same architecture, that leaves its minor. */
static size_t next_minor_hop(const hop_resources_input *in, size_t index)
{
    const char *arch = in->hops[index].arch;
    while (index < in->hop_count && (strcmp(in->hops[index].arch, arch) != 0 ||
                                     !hop_hop_is_minor(&in->hops[index])))
        index++;
    return index;
}

/** An even minor is left here and an even one is reached by the next minor hop: workers
 * may skip the odd one between. Gives that hop in *last. */
static bool starts_skip(const hop_resources_input *in, size_t index, size_t *last)
{
    const hop_resources_hop *hop = &in->hops[index];
    if (!hop_hop_is_minor(hop) || hop_numbers_of(hop->from).minor % 2 != 0 ||
        hop_numbers_of(hop->to).minor % 2 == 0)
        return false;
    *last = index + 1 < in->hop_count ? next_minor_hop(in, index + 1) : in->hop_count;
    return *last < in->hop_count && hop_numbers_of(in->hops[*last].to).minor % 2 == 0;
}

static bool ends_skip(const hop_resources_input *in, size_t index)
{
    size_t last = 0;
    for (size_t i = 0; i < index; i++)
        if (strcmp(in->hops[i].arch, in->hops[index].arch) == 0 &&
            starts_skip(in, i, &last) && last == index)
            return true;
    return false;
}

void hop_runbook_add_wait_for_nodes(hop_document *d)
{
    hop_document_commands(
        d, "oc get machineconfigpools\n"
           "oc wait machineconfigpool --all --for=condition=Updated=True --timeout=6h\n");
}

static void add_risks(const hop_resources_hop *hop, hop_document *d)
{
    if (hop->risk_count == 0)
        return;
    hop_document_paragraph(d, "This update is conditional. The publisher knows of these "
                              "risks; read them before you go on:");
    for (size_t i = 0; i < hop->risk_count; i++) {
        const hop_resources_risk *r = &hop->risks[i];
        HOP_AUTO_STR text =
            hop_sprintf("%s\n%s\n%s", r->name ? r->name : "",
                        r->message ? r->message : "", r->url ? r->url : "");
        hop_document_quote(d, text);
    }
}

static void add_gates(const hop_resources_hop *hop, size_t index, hop_document *d)
{
    if (!hop_hop_is_minor(hop))
        return;
    hop_numbers from = hop_numbers_of(hop->from);
    if (!hop->gates_known)
        hop_document_paragraph(
            d,
            "Whether release `%s` asks for acknowledgements could not be read from "
            "its payload. Look yourself, and answer every `ack-%u.%u-…` that is "
            "there:",
            hop->from, from.major, from.minor);
    else
        hop_document_paragraph(d,
                               "What the cluster asks to be acknowledged before it "
                               "leaves %u.%u (a later patch release may have added "
                               "to it):",
                               from.major, from.minor);
    hop_document_commands(
        d, "oc -n openshift-config-managed get configmap admin-gates -o yaml\n");
    hop_strings keys = {0}, texts = {0};
    hop_resources_get_gates(hop, &keys, &texts);
    for (size_t i = 0; i < keys.len; i++) {
        HOP_AUTO_STR text = hop_sprintf("%s\n%s", keys.items[i], texts.items[i]);
        hop_document_quote(d, text);
    }
    if (keys.len > 0) {
        HOP_AUTO_STR file = hop_resources_ack_file(index);
        HOP_AUTO_STR command =
            hop_sprintf("oc -n openshift-config patch configmap admin-acks --type=merge "
                        "--patch-file=%s\n",
                        file);
        hop_document_paragraph(d, "When all of this holds for your cluster, say so:");
        hop_document_commands(d, command);
    }
    hop_strings_clear(&keys);
    hop_strings_clear(&texts);
}

static void add_pause(const hop_resources_input *in, size_t index, hop_document *d)
{
    size_t last = 0;
    if (!starts_skip(in, index, &last))
        return;
    hop_numbers to = hop_numbers_of(in->hops[last].to);
    hop_document_paragraph(
        d,
        "Optional: the worker nodes can be held back until %u.%u is reached, and then "
        "restart once instead of twice. The master pool must never be paused. Do the "
        "same for your own pools, one command each.",
        to.major, to.minor);
    hop_document_commands(d, "oc patch machineconfigpool worker --type=merge "
                             "-p '{\"spec\":{\"paused\":true}}'\n");
}

static void add_unpause(const hop_resources_input *in, size_t index, hop_document *d)
{
    if (!ends_skip(in, index))
        return;
    hop_document_paragraph(d, "If you have paused the worker pool, let it go now. The "
                              "next minor update is refused while it is held back.");
    hop_document_commands(d, "oc patch machineconfigpool worker --type=merge "
                             "-p '{\"spec\":{\"paused\":false}}'\n");
    hop_runbook_add_wait_for_nodes(d);
}

static void add_channel(const hop_resources_hop *hop, size_t index, hop_document *d)
{
    if (!hop->channel) {
        hop_document_paragraph(d, "No channel holds this update; use the digest below.");
        return;
    }
    HOP_AUTO_STR file = hop_resources_channel_file(index);
    HOP_AUTO_STR commands =
        hop_sprintf("oc patch clusterversion version --type=merge --patch-file=%s\n"
                    "oc adm upgrade%s\n",
                    file, hop->risk_count ? " --include-not-recommended" : "");
    hop_document_paragraph(d,
                           "Set the channel `%s`. After a minute or two `%s` must be "
                           "among the updates that are shown:",
                           hop->channel, hop->to);
    hop_document_commands(d, commands);
}

static void add_update(const hop_resources_input *in, const hop_resources_hop *hop,
                       hop_document *d)
{
    const hop_resources_release *r = hop_resources_find(in, hop->to, hop->arch);
    HOP_AUTO_STR image =
        hop_sprintf("%s/%s@%s", in->host, in->release_repository, r->payload.text);
    HOP_AUTO_VALUE(hop_buf) command = hop_buf_init(HOP_BUF_TEXT);
    const char *accept = hop->risk_count ? " --allow-not-recommended" : "";
    if (hop->channel) {
        hop_buf_addf(&command, "oc adm upgrade --to=%s%s\n", hop->to, accept);
        hop_document_paragraph(d, "Start the update:");
        hop_document_commands(d, hop_buf_get(&command));
        hop_document_paragraph(d, "Only if no update service answers, by digest instead. "
                                  "The cluster checks the signature all the same:");
    } else {
        hop_document_paragraph(d, "Start the update by digest:");
    }
    hop_buf_reset(&command);
    hop_buf_adds(&command, "oc adm upgrade --allow-explicit-upgrade --to-image=");
    hop_buf_add_shell(&command, image);
    hop_buf_addf(&command, "%s\n", accept);
    hop_document_commands(d, hop_buf_get(&command));
}

static void add_watch(const hop_resources_hop *hop, hop_document *d)
{
    HOP_AUTO_STR commands = hop_sprintf(
        "until oc get clusterversion version "
        "-o jsonpath='{.status.history[0].state} {.status.history[0].version}' | "
        "grep -Fqx 'Completed %s'; do oc adm upgrade; sleep 60; done\n"
        "oc get clusterversion,clusteroperators\n",
        hop->to);
    hop_document_paragraph(d,
                           "Wait until the control plane is at `%s`. This takes an "
                           "hour or more; nothing is wrong while the cluster says "
                           "that it is progressing:",
                           hop->to);
    hop_document_commands(d, commands);
}

void hop_runbook_add_hop(const hop_resources_input *in, size_t index, hop_document *d)
{
    const hop_resources_hop *hop = &in->hops[index];
    hop_document_heading(d, 2, "Hop %zu of %zu: %s to %s (%s)", index + 1, in->hop_count,
                         hop->from, hop->to, hop->arch);
    add_risks(hop, d);
    add_gates(hop, index, d);
    add_pause(in, index, d);
    add_channel(hop, index, d);
    add_update(in, hop, d);
    add_watch(hop, d);
    size_t last = 0;
    if (starts_skip(in, index, &last)) {
        hop_document_paragraph(d, "Unless you have paused them, wait for the nodes:");
        hop_runbook_add_wait_for_nodes(d);
    } else if (!ends_skip(in, index)) {
        hop_document_paragraph(d, "Then wait for the nodes (pools that you have paused "
                                  "stay behind):");
        hop_runbook_add_wait_for_nodes(d);
    }
    add_unpause(in, index, d);
}
