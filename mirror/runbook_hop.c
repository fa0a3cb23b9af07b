/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runbook.h"

#include <string.h>

/** An even minor is left at the hop and an even one is reached by the next minor hop of
 * the path: workers may skip the odd one between. */
size_t hop_runbook_find_release_of_pools(const hop_resources_input *in,
                                         hop_path_span path, size_t index)
{
    const hop_resources_hop *hop = &in->hops[index];
    if (!hop_hop_is_minor(hop) || hop_numbers_of(hop->from).minor % 2 != 0 ||
        hop_numbers_of(hop->to).minor % 2 == 0)
        return in->hop_count;
    for (size_t i = index + 1; i < path.first + path.count; i++)
        if (hop_hop_is_minor(&in->hops[i]))
            return hop_numbers_of(in->hops[i].to).minor % 2 == 0 ? i : in->hop_count;
    return in->hop_count;
}

static bool ends_skip(const hop_resources_input *in, hop_path_span path, size_t index)
{
    for (size_t i = path.first; i < index; i++)
        if (hop_runbook_find_release_of_pools(in, path, i) == index)
            return true;
    return false;
}

/** Between the hops where pools may be paused and let go. */
static bool is_in_skip(const hop_resources_input *in, hop_path_span path, size_t index)
{
    for (size_t i = path.first; i <= index; i++) {
        size_t last = hop_runbook_find_release_of_pools(in, path, i);
        if (last < in->hop_count && index < last)
            return true;
    }
    return false;
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

static void add_api_counts(hop_document *d)
{
    hop_document_paragraph(d, "Which interfaces that go away are still used, and how "
                              "often, this shows:");
    hop_document_commands(
        d,
        "oc get apirequestcounts -o jsonpath='{range "
        ".items[?(@.status.removedInRelease!=\"\")]}{.status.removedInRelease}{\"\\t\"}"
        "{.status.requestCount}{\"\\t\"}{.metadata.name}{\"\\n\"}{end}'\n");
}

static void add_ack(const hop_resources_hop *hop, size_t index, bool is_about_apis,
                    hop_document *d)
{
    HOP_AUTO_STR file = hop_resources_ack_file(index);
    HOP_AUTO_STR command =
        hop_sprintf("oc -n openshift-config patch configmap admin-acks --type=merge "
                    "--patch-file=%s\n",
                    file);
    hop_numbers from = hop_numbers_of(hop->from);
    if (is_about_apis)
        add_api_counts(d);
    hop_document_paragraph(d, "When all that is asked holds for your cluster, say so:");
    hop_document_commands(d, command);
    hop_document_paragraph(d,
                           "In a few minutes nothing about %u.%u holds the cluster back "
                           "any more; then this prints nothing:",
                           from.major, from.minor);
    hop_document_commands(d, "oc get clusterversion version -o jsonpath='{.status."
                             "conditions[?(@.type==\"Upgradeable\")].message}'\n");
}

static void add_gates(const hop_resources_hop *hop, size_t index, hop_document *d)
{
    if (!hop_hop_is_minor(hop))
        return;
    hop_strings keys = {0}, texts = {0};
    hop_resources_get_gates(hop, &keys, &texts);
    hop_numbers from = hop_numbers_of(hop->from);
    if (!hop->gates_known)
        hop_document_paragraph(
            d,
            "Whether release `%s` asks for acknowledgements could not be read from "
            "its payload. Look yourself, and answer every `ack-%u.%u-…` that is "
            "there:",
            hop->from, from.major, from.minor);
    else if (keys.len == 0)
        hop_document_paragraph(d,
                               "Release `%s` asks for no acknowledgement before %u.%u is "
                               "left. This shows whether anything was added since; "
                               "`ack-%u.%u-…` would be it:",
                               hop->from, from.major, from.minor, from.major, from.minor);
    else
        hop_document_paragraph(d,
                               "What the cluster asks to be acknowledged before it "
                               "leaves %u.%u is below; this shows whether anything was "
                               "added since:",
                               from.major, from.minor);
    hop_document_commands(
        d, "oc -n openshift-config-managed get configmap admin-gates -o yaml\n");
    bool is_about_apis = false;
    for (size_t i = 0; i < keys.len; i++) {
        is_about_apis = is_about_apis || strstr(keys.items[i], "api-removals");
        HOP_AUTO_STR text = hop_sprintf("%s\n%s", keys.items[i], texts.items[i]);
        hop_document_quote(d, text);
    }
    if (keys.len > 0)
        add_ack(hop, index, is_about_apis, d);
    hop_strings_clear(&keys);
    hop_strings_clear(&texts);
}

static void add_pause(const hop_resources_input *in, hop_path_span path, size_t index,
                      hop_document *d)
{
    size_t last = hop_runbook_find_release_of_pools(in, path, index);
    if (last == in->hop_count)
        return;
    hop_numbers to = hop_numbers_of(in->hops[last].to);
    hop_document_paragraph(
        d,
        "Optional: the worker nodes can be held back until %u.%u is reached, and then "
        "restart once instead of twice. The master pool must never be paused. Do the "
        "same for your own pools, one command each, and not for longer than these hops "
        "take: a paused node gets no new certificates either.",
        to.major, to.minor);
    hop_document_commands(d, "oc patch machineconfigpool worker --type=merge "
                             "-p '{\"spec\":{\"paused\":true}}'\n");
}

static void add_unpause(const hop_resources_input *in, hop_path_span path, size_t index,
                        hop_document *d)
{
    if (!ends_skip(in, path, index))
        return;
    hop_document_paragraph(d, "If you have paused the worker pool, let it go now, and "
                              "your own pools likewise. The next minor update is refused "
                              "while it is held back.");
    hop_document_commands(d, "oc patch machineconfigpool worker --type=merge "
                             "-p '{\"spec\":{\"paused\":false}}'\n");
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
                           "Set the channel `%s` (without an update service the file is "
                           "`graphs/%s-%s.json`). After a minute or two `%s` must be "
                           "among the updates that are shown; if not, give the second "
                           "command again:",
                           hop->channel, hop->channel, hop->arch, hop->to);
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
                           "that it is progressing. If it says Failing for longer than "
                           "half an hour, go to the last chapter:",
                           hop->to);
    hop_document_commands(d, commands);
}

static void add_nodes(const hop_resources_input *in, hop_path_span path, size_t index,
                      hop_document *d)
{
    add_unpause(in, path, index, d);
    hop_document_paragraph(d, "Wait for the nodes:");
    if (is_in_skip(in, path, index)) {
        hop_document_commands(d, "oc wait machineconfigpool master "
                                 "--for=condition=Updated=True --timeout=6h\n");
        hop_document_paragraph(d,
                               "Unless you have paused worker pools, for theirs, too:");
    }
    hop_runbook_add_wait_for_nodes(d);
}

void hop_runbook_add_hop(const hop_resources_input *in, hop_path_span path, size_t index,
                         hop_document *d)
{
    const hop_resources_hop *hop = &in->hops[index];
    HOP_AUTO_STR cluster =
        path.count == in->hop_count
            ? hop_strdup("Hop")
            : hop_sprintf("Cluster that ran %s, hop", in->hops[path.first].from);
    hop_document_heading(d, 2, "%s %zu of %zu: %s to %s (%s)", cluster,
                         index - path.first + 1, path.count, hop->from, hop->to,
                         hop->arch);
    add_risks(hop, d);
    add_gates(hop, index, d);
    add_pause(in, path, index, d);
    add_channel(hop, index, d);
    add_update(in, hop, d);
    add_watch(hop, d);
    add_nodes(in, path, index, d);
}
