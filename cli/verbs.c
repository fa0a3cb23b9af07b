/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verbs.h"

#include <string.h>

static const hop_verb_row verbs[] = {
    {"plan", HOP_VERB_PLAN, hop_cmd_plan, "plan --from V --to V",
     "the update path: hops, channels to set, risks",
     "Reads the update graphs of the channels and finds the path that a cluster should "
     "take: fewest conditional updates first, then fewest hops. For each hop it says "
     "which channel to set.\n\n"
     "Conditional updates are used only when all of their risks are accepted. When only "
     "such updates lead on, the plan shows that path, its risks, and the flags that "
     "accept them, and the exit status is 3.\n\n"
     "-o html writes one page with all of this and the graph of the releases between, "
     "to be searched and zoomed without any network; -o svg and -o dot write the graph "
     "alone. Conditional updates are dashed. Of the updates off the path those are "
     "drawn that show every way there is, 600 at most, unless --all-edges is given.\n\n"
     "No registry is asked, unless --gates is given: then the payloads that the cluster "
     "departs from are read for what it wants acknowledged before it leaves a minor. "
     "When one cannot be read, the plan is printed all the same and the exit status "
     "says why.\n\n"
     "With several --from, or several --cluster, the plan is for all of them: the "
     "smallest set of releases that brings every one to the target, then the fewest "
     "conditional updates. Up to ten starts are solved exactly; for more the plan says "
     "how small a set could be at best.\n\n"
     "With --releases and --graph-data no update service is asked: the graphs are made "
     "as one would make them (see simulate).",
     "oc-hop plan --from 4.15.20 --to 4.16.30\n"
     "oc get clusterversion version -o json | oc-hop plan --cluster - --to 4.16\n"
     "oc-hop plan --from 4.12.20 --from 4.14.5 --to 4.16\n"
     "oc-hop plan --from 4.12.20 --to 4.16.30 --paths 5 -o html > plan.html\n"
     "oc-hop plan --from 4.12.20 --to 4.16.30 --save-graphs graphs -o json > plan.json\n"
     "oc-hop plan --from 4.15.20 --to 4.16.30 --graph stable-4.15=a.json --graph "
     "stable-4.16=b.json\n"},
    {"mirror", HOP_VERB_MIRROR, hop_cmd_mirror,
     "mirror --from V --to V docker://HOST[:PORT]|dir:PATH",
     "plan, copy every hop, build the graph-data image, write the runbook",
     "Copies every release on the path: components into one repository, release images "
     "into another, each pinned by digest and unchanged. The start's release image is "
     "copied too, as an update service must know the version that the cluster runs. The "
     "payload's tag comes last: a tag that exists means a complete release.\n\n"
     "Then it pushes the graph-data image and writes the cluster's resources, with "
     "RUNBOOK.md as the place to begin. A run that was interrupted is finished by the "
     "same command.\n\n"
     "--config takes the platform part of an oc-mirror ImageSetConfiguration (v2alpha1 "
     "or v1alpha2): ranges by membership of the channel, shortestPath by the planner "
     "and its rules about risks, several channels joined by a path.\n\n"
     "With dir:PATH all of it goes onto removable media instead: an OCI image layout "
     "with an inventory, oc-hop.json, that fits exFAT and FAT32 as well. The free space "
     "is looked at before the first blob; exit status 7 when it does not suffice.",
     "oc-hop mirror --from 4.15.20 --to 4.16.30 --authfile pull-secret.json "
     "docker://registry.example:5000\n"
     "oc-hop mirror --plan plan.json --dry-run docker://registry.example:5000\n"
     "oc-hop mirror --from 4.15.20 --to 4.16.30 dir:/media/usb\n"
     "oc-hop mirror --release 4.16.30 --arch amd64 --arch arm64 "
     "docker://registry.example:5000\n"
     "oc-hop mirror --config imageset-config.yaml docker://registry.example:5000\n"},
    {"load", HOP_VERB_LOAD, hop_cmd_load, "load dir:PATH... docker://HOST[:PORT]",
     "carry removable media into a registry",
     "Reads media that `mirror dir:PATH` or `oc adm release mirror --to-dir PATH` wrote "
     "and pushes what is on it, in the same order and under the same tags as a direct "
     "mirror. Contacts no other host.\n\n"
     "Media is not trusted: before the first upload every payload must have a good "
     "signature, and everything that it names must be on the media or in the registry; "
     "else all that is missing is listed, nothing is written, and the exit status is 4. "
     "The graph-data image is built here from the data on board or from --graph-data, "
     "and the cluster's resources are written for this registry. A run that was "
     "interrupted is finished "
     "by the same command.",
     "oc-hop load dir:/media/usb docker://registry.example:5000\n"
     "oc-hop load --media-keyring transfer.asc dir:disc-1 dir:disc-2 "
     "docker://registry.example:5000\n"},
    {"verify", HOP_VERB_VERIFY, hop_cmd_verify, "verify dir:PATH...|docker://HOST[:PORT]",
     "prove that every byte is there and every hop will be served",
     "On media: hashes every file once, walks from each payload to all that it names, "
     "checks signatures, holds the plan against the graphs on board, and asks a model of "
     "the update service whether it will offer every hop. Needs no network.\n\n"
     "In a registry: the same with manifests and the presence of blobs (--deep reads "
     "them), for the releases of --plan, or of --from and --to, else for every payload "
     "that is tagged there. Graph-data is read out of the image that the UpdateService "
     "in --resources names, else of the one tagged latest. With --graph-data the hops "
     "are "
     "looked for in that, and the image is compared with it.\n\n"
     "With a plan, the acknowledgements are listed that clusters ask for on its path, "
     "with "
     "the patches that give them. Where no plan is known no hop is simulated, and what "
     "each channel would offer is listed instead.\n\n"
     "All that is wrong is listed, with its file and the releases that need it; then the "
     "exit status is 4. -o inventory writes what is there, for `mirror --since`.",
     "oc-hop verify dir:/media/usb\n"
     "oc-hop verify -o inventory docker://registry.example:5000 > inventory.json\n"
     "oc-hop verify --deep --resources oc-hop-resources "
     "docker://registry.example:5000\n"},
    {"graph-data", HOP_VERB_GRAPH_DATA, hop_cmd_graph_data,
     "graph-data docker://REF|oci:DIR[:TAG]|docker-archive:FILE[:REF]",
     "build the graph-data image of an update service",
     "Builds the image that a disconnected update service reads its graph-data from, "
     "without a container engine and without root. The same data gives the same digest "
     "on every machine.\n\n"
     "The destination is a registry (docker://REF), an OCI layout (oci:DIR[:TAG]) or "
     "one file (docker-archive:FILE[:REF], with exactly one --arch).\n\n"
     "The image is for every architecture and stands on nothing: a small static program "
     "in it copies the data. With --image-base it stands on another image, whose layers "
     "are mounted where the registry has them and copied where it has not; `payload` is "
     "the cli image of the release that --plan or --prune leads to, so that no image "
     "but those of the releases is needed.\n\n"
     "--prune PLAN keeps only the channels, releases and blocked edges that the plan "
     "needs. Data that does not know a release of the plan is older than that, and told "
     "of.\n\n"
     "--inspect shows what an image says of its data and what is really in it, and with "
     "--compare whether another image, directory or archive holds the same: + is only "
     "in the other, - only in the first, ! differs.",
     "oc-hop graph-data --graph-data graph-data.tar.gz "
     "docker://registry.example:5000/ocp4/graph-data\n"
     "oc-hop graph-data --graph-data ./graph-data oci:image:latest\n"
     "oc-hop graph-data --graph-data ./graph-data --prune plan.json --image-base payload "
     "docker://registry.example:5000/ocp4/graph-data\n"
     "oc-hop graph-data --inspect docker://registry.example:5000/ocp4/graph-data "
     "--compare ./graph-data\n"},
    {"lint", HOP_VERB_LINT, hop_cmd_lint, "lint DIR|TAR|URL",
     "check graph-data for what an update service drops in silence",
     "Checks graph-data, a directory or an archive: files that are not read or "
     "dropped, so that an update stays open that was to be blocked; channels that "
     "vanish; patterns that match nothing, or more than they should; members that "
     "differ between the files of one risk. Each finding has its file and line.\n\n"
     "With errors the exit status is 4; warnings leave it 0.",
     "oc-hop lint ./cincinnati-graph-data\n"
     "oc-hop lint graph-data.tar.gz -o json\n"},
    {"simulate", HOP_VERB_SIMULATE, hop_cmd_simulate,
     "simulate --releases SRC --graph-data DIR|TAR|URL",
     "what an update service would serve, as v1 graph JSON",
     "Applies graph-data to a set of releases as the update service does, its habits "
     "included. Without --channel it prints what the graph-builder would serve (every "
     "architecture, versions with +arch); with --channel what a cluster of that "
     "architecture would get from the policy-engine.\n\n"
     "The releases are those of a repository (docker://HOST/REPO: every tag is looked "
     "at, whatever it is), those that media carry (dir:PATH), or a file with the JSON "
     "that a graph-builder serves before any "
     "graph-data is applied, or with what a registry holds: a document "
     "oc-hop/scrape/v1, whose tags are looked through as the graph-builder does:\n\n"
     "{\"schema\": \"oc-hop/scrape/v1\", \"repository\": \"HOST/REPO\", \"tags\": "
     "[{\"tag\": T, \"digest\": D, \"type\": \"image\", \"architecture\": A, "
     "\"layers\": [null, {release-metadata}]}, {\"tag\": T, \"digest\": D, "
     "\"type\": \"list\", \"manifests\": [{\"architecture\": A, \"layers\": "
     "[...]}]}]}\n\n"
     "Layers stand from the base to the top; null has no release-metadata, "
     "\"unreadable\" cannot be fetched; a list entry that is not there is "
     "{\"missing\": true}; type oci is what the service cannot read.",
     "oc-hop simulate --releases raw.json --graph-data graph-data.tar.gz\n"
     "oc-hop simulate --releases "
     "docker://registry.example:5000/ocp4/openshift4-release-images "
     "--graph-data graph-data.tar.gz\n"
     "oc-hop simulate --releases raw.json --graph-data ./graph-data --channel "
     "stable-4.16 --arch amd64\n"},
    {"releases", HOP_VERB_RELEASES, hop_cmd_releases, "releases [--channel C] [--from V]",
     "versions in channels, newest first",
     "Lists the releases of the channels with the channels that each is in. With --from "
     "it says how many hops each is away from that version, and whether the path "
     "there has risks that --accept-risk does not name; \"-\" has no path.\n\n"
     "Without --channel the channels of the start's minor and of the next one are "
     "read.",
     "oc-hop releases --channel stable-4.16\n"
     "oc-hop releases --channel stable-4.16 --from 4.15.20\n"
     "oc-hop releases --graph stable-4.16=graph.json -o json\n"},
};

static const char exit_codes[] =
    "Exit codes: 0 done, 1 other failure, 2 usage, 3 no path, 4 integrity, 5 network\n"
    "or registry, 6 credentials, 7 disk, 8 partial (run again), 128+N ended by\n"
    "signal N.\n";

const hop_verb_row *hop_verb_at(size_t index)
{
    return index < HOP_COUNT_OF(verbs) ? &verbs[index] : NULL;
}

const hop_verb_row *hop_verb_find(const char *name)
{
    for (size_t i = 0; i < HOP_COUNT_OF(verbs); i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

void hop_verb_overview(hop_buf *out)
{
    hop_buf_adds(
        out,
        "oc-hop takes a disconnected OpenShift cluster from the version it runs to the\n"
        "one it should run: it plans the update path, mirrors every release on it, and\n"
        "builds the graph-data image of the update service.\n\n");
    for (size_t i = 0; i < HOP_COUNT_OF(verbs); i++)
        hop_buf_addf(out, "  oc-hop %s\n      %s\n", verbs[i].synopsis, verbs[i].summary);
    hop_buf_addf(out, "\n`oc-hop VERB --help` lists the flags of a verb.\n%s",
                 exit_codes);
}

void hop_verb_help(const hop_verb_row *v, hop_buf *out)
{
    size_t start = out->len;
    hop_buf_addf(out, "Usage: oc-hop %s", v->synopsis);
    bool fits = out->len - start + strlen(" [flags]") <= 80;
    hop_buf_addf(out, "%s[flags]\n%s\n", fits ? " " : "\n       ", v->summary);
    hop_options_help(v->verb, out);
}

/* ---- man pages ---- */

/* A line of text: no line may begin with a control character, and a hyphen is a minus. */
static void add_roff(hop_buf *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        hop_buf_adds(out, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            hop_buf_adds(out, "\\e");
        else if (*text == '-')
            hop_buf_adds(out, "\\-");
        else if (hop_has_prefix(text, "\n\n")) {
            hop_buf_adds(out, "\n.PP\n");
            text++;
        } else
            hop_buf_addc(out, *text);
    }
}

static void add_man_option(void *user, const hop_option_text *option)
{
    hop_buf *out = user;
    if (option->group)
        hop_buf_addf(out, ".SS %s\n", option->group);
    hop_buf_adds(out, ".TP\n");
    if (option->letter)
        hop_buf_addf(out, "\\fB\\-%c\\fR, ", option->letter);
    hop_buf_adds(out, "\\fB\\-\\-");
    add_roff(out, option->name);
    hop_buf_adds(out, "\\fR");
    if (option->value)
        hop_buf_addf(out, "%s\\fI%s\\fR", option->value_joint, option->value);
    hop_buf_addc(out, '\n');
    add_roff(out, option->help ? option->help : "the same, for one side only");
    hop_buf_addc(out, '\n');
}

void hop_verb_man(const hop_verb_row *v, const char *version, hop_buf *out)
{
    hop_buf_addf(out, ".TH OC\\-HOP\\-%s 1 \"\" \"oc\\-hop %s\"\n.SH NAME\noc\\-hop\\-",
                 v->name, version);
    add_roff(out, v->name);
    hop_buf_adds(out, " \\- ");
    add_roff(out, v->summary);
    hop_buf_adds(out, "\n.SH SYNOPSIS\n.B oc\\-hop\n");
    add_roff(out, v->synopsis);
    hop_buf_adds(out, " [flags]\n.SH DESCRIPTION\n");
    add_roff(out, v->description);
    hop_buf_adds(out, "\n.SH OPTIONS\n");
    hop_options_each(v->verb, add_man_option, out);
    hop_buf_adds(out, ".SH EXIT STATUS\n");
    add_roff(out, exit_codes + strlen("Exit codes: "));
    hop_buf_adds(
        out,
        ".SH ENVIRONMENT\n.TP\nREGISTRY_AUTH_FILE\ncredential file, instead of the "
        "customary ones\n"
        ".TP\nCONTAINERS_REGISTRIES_CONF\nregistries.conf, instead of the customary "
        "ones\n"
        ".TP\nhttp_proxy, https_proxy, all_proxy, no_proxy\nin upper case, too; "
        "exceptions are *, names (and all below them), .DOMAIN, addresses, networks, "
        "each with or without a port; loopback never goes through a proxy\n"
        ".TP\nSSL_CERT_FILE\ncertificates to trust, where no \\-\\-ca is given\n"
        ".TP\nTMPDIR\nwhere the layers of payloads are kept while they are read, and "
        "those "
        "that a client for media is taken out of\n"
        ".TP\nSOURCE_DATE_EPOCH\ncreation time of the graph\\-data image\n"
        ".SH FILES\n.TP\n$XDG_RUNTIME_DIR/containers/auth.json, "
        "$HOME/.config/containers/auth.json, "
        "$HOME/.docker/config.json\ncredentials, looked through in this order; "
        "credHelpers and credsStore programs are asked\n"
        ".TP\n$HOME/.config/containers/registries.conf, "
        "/etc/containers/registries.conf\nmirrors of sources; the first of them, and "
        "the drop\\-ins in registries.conf.d\n"
        ".TP\n$HOME/.config/containers/certs.d, /etc/containers/certs.d, "
        "/etc/docker/certs.d\nHOST:PORT/*.crt to trust, *.cert and *.key to show; "
        "the first directory of a host counts\n"
        ".SH EXAMPLES\n.nf\n");
    add_roff(out, v->examples);
    hop_buf_adds(out, ".fi\n");
}
