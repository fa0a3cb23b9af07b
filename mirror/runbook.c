/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runbook.h"

#include <string.h>

static bool has_several_paths(const hop_resources_input *in)
{
    return hop_resources_path_at(in, 0).count < in->hop_count;
}

/* ---- the beginning ---- */

static void add_path_summary(const hop_resources_input *in, hop_path_span path,
                             hop_document *d)
{
    for (size_t i = path.first; i < path.first + path.count; i++) {
        const hop_resources_hop *hop = &in->hops[i];
        hop_document_item(d, "hop %zu: `%s` to `%s` (%s), channel `%s`%s",
                          i - path.first + 1, hop->from, hop->to, hop->arch,
                          hop->channel ? hop->channel : "none",
                          hop->risk_count ? ", conditional: it has risks to read" : "");
    }
}

static void add_summary(const hop_resources_input *in, hop_document *d)
{
    hop_document_paragraph(
        d,
        "Everything that the cluster needs is in this directory and in the mirror "
        "`%s`. Run the commands in order, in a shell in this directory, logged in as a "
        "cluster administrator (`oc whoami`). Each can be pasted as it stands; go on "
        "when what follows it is true. A waiting command is ended with Ctrl-C and can be "
        "given again.",
        in->host);
    if (in->hop_count == 0) {
        hop_document_paragraph(
            d, "No update path was planned: these releases were mirrored.");
        for (size_t i = 0; i < in->release_count; i++)
            hop_document_item(d, "`%s` (%s), `%s`", in->releases[i].version,
                              in->releases[i].arch, in->releases[i].payload.text);
        return;
    }
    if (has_several_paths(in))
        hop_document_paragraph(d, "This is for several clusters: each needs what is "
                                  "applied once, and then the hops of its own.");
    for (size_t first = 0; first < in->hop_count;) {
        hop_path_span path = hop_resources_path_at(in, first);
        if (has_several_paths(in))
            hop_document_paragraph(d, "For a cluster that runs `%s` (%s):",
                                   in->hops[first].from, in->hops[first].arch);
        add_path_summary(in, path, d);
        first += path.count;
    }
}

/* The far side may have no client, or one that is too old to set a channel. */
static void add_clients(const hop_resources_input *in, hop_document *d)
{
    if (!in->clients || in->clients->len == 0)
        return;
    HOP_AUTO_VALUE(hop_buf) commands = hop_buf_init(HOP_BUF_TEXT);
    hop_document_heading(d, 2, "The client");
    hop_document_paragraph(d, "The `oc` of the target version is beside this directory. "
                              "Install the one for your machine:");
    for (size_t i = 0; i < in->clients->len; i++) {
        hop_buf_adds(&commands, "sudo install -m 0755 ");
        hop_buf_add_shell(&commands, in->clients->items[i]);
        hop_buf_adds(&commands, " /usr/local/bin/oc\n");
    }
    hop_document_commands(d, hop_buf_get(&commands));
}

static void add_signature_note(const hop_resources_input *in, hop_document *d)
{
    switch (in->signatures) {
    case HOP_SIGNATURES_NOT_CHECKED:
        hop_document_item(d, "WARNING: the OpenPGP signatures of these releases were not "
                             "checked, and no signature is in this directory. Without "
                             "one the cluster refuses the update.");
        break;
    case HOP_SIGNATURES_SKIPPED:
        hop_document_item(d, "WARNING: the check of the OpenPGP signatures was switched "
                             "off for this mirror. Nobody has vouched for what is in "
                             "it, and a cluster refuses a release without a signature "
                             "that it can verify.");
        break;
    case HOP_SIGNATURES_VERIFIED:
        hop_document_item(d, "The OpenPGP signatures of all releases were verified; the "
                             "cluster will verify them again.");
        break;
    }
}

static bool uses_icsp(const hop_resources_input *in)
{
    hop_path_span path = {0};
    do {
        path = hop_resources_path_at(in, path.first + path.count);
        if (hop_resources_choose_set(in, path).uses_icsp)
            return true;
    } while (path.first + path.count < in->hop_count);
    return false;
}

static void add_notes(const hop_resources_input *in, hop_document *d)
{
    hop_document_heading(d, 2, "Know before you begin");
    add_signature_note(in, d);
    hop_document_item(d,
                      "Operators from catalogs are not mirrored here. An installed one "
                      "may hold the cluster back or stop working; look which there "
                      "are, and that each runs on every version of this path: `oc get "
                      "clusterserviceversions --all-namespaces`.");
    hop_document_item(d, "The mirror must run as long as the cluster does, and keep all "
                         "that is in it: a node that restarts or joins pulls from it.");
    hop_document_item(d,
                      "Keep the mirror set that the cluster has now until the last hop "
                      "is done. The images of the running version are found through "
                      "it.");
    hop_document_item(d, "Give the cluster credentials that can only read the mirror, "
                         "never those that filled it: every node holds a copy.");
    if (uses_icsp(in))
        hop_document_item(d, "With an ImageContentSourcePolicy the nodes use only the "
                             "global pull secret for the mirror; secrets of a project "
                             "are not looked at.");
}

/* ---- between hops ---- */

static void add_conversion(const hop_resources_input *in, hop_path_span path,
                           size_t index, hop_document *d)
{
    size_t freed = hop_runbook_find_release_of_pools(in, path, index);
    hop_document_heading(d, 3, "From here on: an ImageDigestMirrorSet");
    if (freed < in->hop_count)
        hop_document_paragraph(d,
                               "If you have paused worker pools, do this only when they "
                               "have been let go, after hop %zu: until then they take no "
                               "change, and the waiting would not end.",
                               freed - path.first + 1);
    hop_document_paragraph(d, "This version takes the newer kind, with the same content. "
                              "Both may stand beside each other now; the old one goes "
                              "when the new one is everywhere.");
    hop_document_commands(d, "oc apply -f " HOP_FILE_IDMS "\n");
    hop_runbook_add_wait_for_nodes(d);
    hop_document_commands(d,
                          "oc delete imagecontentsourcepolicy " HOP_NAME_MIRROR_SET "\n");
    hop_runbook_add_wait_for_nodes(d);
}

/* ---- the end ---- */

static void add_end(const hop_resources_input *in, hop_document *d)
{
    const char *last = in->hops[in->hop_count - 1].to;
    hop_document_heading(d, 2, "When the last hop is done");
    hop_document_paragraph(d, "All operators must be available and none degraded, all "
                              "pools updated, all nodes ready and of one version:");
    hop_document_commands(d, "oc get clusterversion,clusteroperators,"
                             "machineconfigpools,nodes\n");
    hop_document_paragraph(d, "Mirror sets of earlier mirrors that name the same sources "
                              "can go now. Deleting one drains the nodes in turn. These "
                              "are there:");
    hop_document_commands(d,
                          hop_numbers_reach(last, 4, 13, 0)
                              ? "oc get imagedigestmirrorset,imagecontentsourcepolicy\n"
                              : "oc get imagecontentsourcepolicy\n");
}

static void add_step_back(const hop_resources_input *in, hop_document *d)
{
    hop_document_heading(d, 2, "Stepping back");
    hop_document_item(d, "An update that has not begun can be taken back: `oc adm "
                         "upgrade --clear`. One that has begun goes forward; while it is "
                         "stuck, find the cause below.");
    hop_document_item(d, "Going back is supported only to the version right before, and "
                         "only within one minor. Across a minor the etcd backup is the "
                         "way back, by the procedure for restoring to an earlier state.");
    hop_document_item(d, "The upstream as it was by default: `oc patch clusterversion "
                         "version --type=json -p '[{\"op\":\"remove\",\"path\":"
                         "\"/spec/upstream\"}]'`.");
    hop_document_item(d,
                      "Before the first hop the mirror set can go, too, when the old "
                      "one is still there: `oc delete %s " HOP_NAME_MIRROR_SET "`.",
                      uses_icsp(in) ? "imagecontentsourcepolicy"
                                    : "imagedigestmirrorset");
}

static void add_troubles(hop_document *d)
{
    hop_document_heading(d, 2, "When something stops");
    hop_document_paragraph(d, "Why the cluster does not go on is said here:");
    hop_document_commands(
        d, "oc adm upgrade\n"
           "oc get clusterversion version "
           "-o jsonpath='{range .status.conditions[*]}{.type}={.status} {.reason}: "
           "{.message}{\"\\n\"}{end}'\n"
           "oc -n openshift-cluster-version logs deployment/cluster-version-operator "
           "--tail=100\n");
    hop_document_item(d, "\"The update cannot be verified\": the signature of that "
                         "release is not in the cluster; apply `signatures/`. Never use "
                         "`--force` for this: it switches off more than one check.");
    hop_document_item(d, "\"VersionNotFound\": the update service does not know the "
                         "running version in this channel; its payload must be in the "
                         "release repository of the mirror, and its pods must have read "
                         "it.");
    hop_document_item(d, "\"RemoteFailed\" or a certificate that is not known: the "
                         "cluster does not trust the address of the update service.");
    hop_document_item(d, "\"AdminAckRequired\": an acknowledgement is missing; the hop's "
                         "part above has it.");
    hop_document_item(d,
                      "Pods that cannot pull: look for the image at the mirror, at the "
                      "pull secret, and at the mirror set on the node "
                      "(`/etc/containers/registries.conf`).");
}

static void write_runbook(const hop_resources_input *in, hop_document *d)
{
    add_summary(in, d);
    add_clients(in, d);
    add_notes(in, d);
    hop_runbook_add_once(in, d);
    for (size_t first = 0; first < in->hop_count;) {
        hop_path_span path = hop_resources_path_at(in, first);
        hop_set_choice choice = hop_resources_choose_set(in, path);
        for (size_t i = first; i < first + path.count; i++) {
            hop_runbook_add_hop(in, path, i, d);
            if (choice.converts && choice.converts_after == i)
                add_conversion(in, path, i, d);
        }
        first += path.count;
    }
    if (in->hop_count > 0) {
        add_end(in, d);
        add_step_back(in, d);
        add_troubles(d);
    }
    hop_document_finish(d);
}

static char *title_of(const hop_resources_input *in)
{
    if (in->hop_count == 0)
        return hop_sprintf("Releases in the mirror %s", in->host);
    const char *to = in->hops[in->hop_count - 1].to;
    if (has_several_paths(in))
        return hop_sprintf("Several clusters to %s with the mirror %s", to, in->host);
    return hop_sprintf("From %s to %s with the mirror %s", in->hops[0].from, to,
                       in->host);
}

hop_status hop_resources_add_runbook(const hop_resources_input *in, hop_tree *out,
                                     hop_error **err)
{
    HOP_AUTO_STR title = title_of(in);
    HOP_AUTO_VALUE(hop_document) d = hop_document_init(title);
    write_runbook(in, &d);
    hop_status s = hop_tree_add(out, "RUNBOOK.md", d.markdown.data, d.markdown.len, err);
    if (s == HOP_OK)
        s = hop_tree_add(out, "runbook.html", d.html.data, d.html.len, err);
    return s;
}
