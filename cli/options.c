/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define PLANS (HOP_VERB_PLAN | HOP_VERB_MIRROR | HOP_VERB_VERIFY)
#define READS_MEDIA (HOP_VERB_VERIFY | HOP_VERB_LOAD)
#define TARGETS (HOP_VERB_MIRROR | READS_MEDIA)
#define READS_GRAPHS (PLANS | HOP_VERB_RELEASES)
#define READS_DATA (HOP_VERB_LINT | HOP_VERB_SIMULATE)
#define REGISTRIES (READS_GRAPHS | READS_DATA | READS_MEDIA | HOP_VERB_GRAPH_DATA)
#define PUSHES (HOP_VERB_MIRROR | HOP_VERB_GRAPH_DATA)
#define ALL (READS_GRAPHS | READS_DATA | READS_MEDIA | HOP_VERB_GRAPH_DATA)

typedef enum kind {
    KIND_TEXT,   /* char *: at most once */
    KIND_LIST,   /* hop_strings: repeatable */
    KIND_FLAG,   /* bool */
    KIND_COUNT,  /* unsigned: how often */
    KIND_CHOICE, /* hop_choice: [=true|false] */
    KIND_GROUP,  /* no flag: what those below it are about */
} kind;

typedef struct option_row {
    const char *name;
    char letter;
    kind kind;
    unsigned verbs;
    size_t offset;
    const char *value; /* its name in the help */
    const char *help;
} option_row;

#define AT(member) offsetof(hop_options, member)
#define GROUP(title)                           \
    {                                          \
        title, 0, KIND_GROUP, 0, 0, NULL, NULL \
    }

/* A flag may stand here several times with verbs that do not overlap, where it means
 * something else to each. */
static const option_row rows[] = {
    GROUP("Versions and architectures"),
    {"from", 0, KIND_LIST, HOP_VERB_RELEASES, AT(from), "V",
     "say how far each release is from this version"},
    {"from", 0, KIND_LIST, PLANS, AT(from), "V",
     "version that the cluster runs; of several clusters: repeatable, one plan for all"},
    {"cluster", 0, KIND_LIST, PLANS, AT(cluster), "FILE|-",
     "the cluster itself, as `oc get clusterversion version -o json` prints it: gives "
     "--from, --arch and the stream of its channel; repeatable"},
    {"to", 0, KIND_TEXT, PLANS, AT(to), "V",
     "version to arrive at; 4.16 or latest: the newest one"},
    {"plan", 0, KIND_TEXT, HOP_VERB_GRAPH_DATA, AT(plan), "FILE",
     "a plan written by `plan -o json`: its target is the release that --image-base "
     "payload speaks of"},
    {"plan", 0, KIND_TEXT, HOP_VERB_MIRROR | HOP_VERB_VERIFY, AT(plan), "FILE",
     "a plan written by `plan -o json`, instead of --from and --to"},
    {"release", 0, KIND_LIST, HOP_VERB_MIRROR, AT(release), "V",
     "just this release; repeatable"},
    {"config", 0, KIND_TEXT, HOP_VERB_MIRROR, AT(config), "FILE",
     "an ImageSetConfiguration of oc-mirror: its platform part"},
    {"ignore-unhandled", 0, KIND_FLAG, HOP_VERB_MIRROR, AT(ignore_unhandled), NULL,
     "leave out the operators, helm charts and other images of --config"},
    {"arch", 0, KIND_LIST, ALL & ~(unsigned)(HOP_VERB_LINT | HOP_VERB_LOAD), AT(arch),
     "ARCH", "amd64, arm64, ppc64le, s390x or multi; x86_64 and aarch64 are understood"},
    GROUP("Where updates are known from"),
    {"channel", 0, KIND_LIST, HOP_VERB_SIMULATE, AT(channel), "C",
     "answer as to a cluster of --arch (amd64) on this channel"},
    {"channel", 0, KIND_LIST, READS_GRAPHS, AT(channel), "C",
     "read this channel; repeatable"},
    {"stream", 0, KIND_TEXT, READS_GRAPHS, AT(stream), "S",
     "stable, fast, candidate or eus: read S-X.Y of every minor on the way (stable)"},
    {"graph", 0, KIND_LIST, READS_GRAPHS, AT(graph), "[C[/ARCH]=]FILE",
     "a saved update graph instead of the network; repeatable"},
    {"upstream", 0, KIND_TEXT, READS_GRAPHS, AT(upstream), "URL",
     "update service to ask (the public one)"},
    {"save-graphs", 0, KIND_TEXT, READS_GRAPHS, AT(save_graphs), "DIR",
     "keep the answers, for --graph"},
    {"releases", 0, KIND_TEXT, HOP_VERB_SIMULATE, AT(releases), "SRC",
     "releases: a file with a graph-builder's raw JSON or a list of tags "
     "(oc-hop/scrape/v1); the media dir:PATH; the repository docker://HOST/REPO"},
    {"releases", 0, KIND_TEXT, READS_GRAPHS, AT(releases), "SRC",
     "releases: a file with a graph-builder's raw JSON or a list of tags "
     "(oc-hop/scrape/v1); the media dir:PATH; the repository docker://HOST/REPO. With "
     "--graph-data they take the place of an update service"},
    {"graph-data", 0, KIND_TEXT, HOP_VERB_SIMULATE | HOP_VERB_PLAN | HOP_VERB_RELEASES,
     AT(graph_data), "DIR|TAR|URL", "graph-data to apply to --releases"},
    {"graph-data", 0, KIND_TEXT, HOP_VERB_VERIFY, AT(graph_data), "DIR|TAR|URL",
     "graph-data that the update service is fed with, instead of the image in the "
     "registry"},
    {"graph-data", 0, KIND_TEXT, HOP_VERB_MIRROR, AT(graph_data), "DIR|TAR|URL",
     "graph-data to build the image from, and to apply to --releases"},
    GROUP("Which path"),
    {"accept-risk", 0, KIND_LIST, READS_GRAPHS, AT(accept_risk), "NAME",
     "take conditional updates that have this risk; `all` takes every one; repeatable"},
    {"avoid", 0, KIND_LIST, PLANS, AT(avoid), "V",
     "never go through this version; repeatable"},
    {"prefer", 0, KIND_TEXT, PLANS, AT(prefer), "risk|hops",
     "what counts first: few conditional updates, or few hops (risk)"},
    {"risk-answers", 0, KIND_TEXT, PLANS, AT(risk_answers), "FILE",
     "YAML, NAME: applies, does-not-apply or unknown: what was found out about risks"},
    {"control-plane-only", 0, KIND_FLAG, PLANS, AT(control_plane_only), NULL,
     "pause worker pools between even minors: they reboot less often"},
    {"check", 0, KIND_TEXT, HOP_VERB_PLAN, AT(check), "FILE",
     "say whether this plan, written earlier, is still valid"},
    {"gates", 0, KIND_FLAG, HOP_VERB_PLAN, AT(gates), NULL,
     "read from the payloads what a cluster wants acknowledged before it leaves a minor"},
    GROUP("What is shown"),
    {"paths", 0, KIND_TEXT, HOP_VERB_PLAN, AT(paths), "K", "show the K best paths"},
    {"all-edges", 0, KIND_FLAG, HOP_VERB_PLAN, AT(all_edges), NULL,
     "draw every update, not only those that tell something"},
    GROUP("Repositories and mirrors"),
    {"repository", 0, KIND_TEXT, PUSHES | READS_MEDIA, AT(repository), "REPO",
     "repository of components (ocp4/openshift4)"},
    {"release-repository", 0, KIND_TEXT, PUSHES | READS_MEDIA, AT(release_repository),
     "REPO", "repository of release images (ocp4/openshift4-release-images)"},
    {"graph-data-repository", 0, KIND_TEXT, TARGETS, AT(graph_data_repository), "REPO",
     "repository of the graph-data image (ocp4/graph-data)"},
    {"idms-file", 0, KIND_LIST, PUSHES | HOP_VERB_PLAN, AT(idms_file), "FILE",
     "ImageDigestMirrorSet or ImageContentSourcePolicy: read sources from its mirrors; "
     "repeatable"},
    {"registries-conf", 0, KIND_TEXT, HOP_VERB_MIRROR, AT(registries_conf), "FILE",
     "mirrors of sources that no --idms-file speaks of, instead of podman's customary "
     "registries.conf"},
    GROUP("Signatures"),
    {"keyring", 0, KIND_LIST, PUSHES | READS_MEDIA, AT(keyring), "FILE",
     "OpenPGP keys that releases must be signed with (those in the payload, if Red "
     "Hat's); repeatable"},
    {"signature-store", 0, KIND_LIST, PUSHES | HOP_VERB_VERIFY, AT(signature_store),
     "URL|DIR",
     "where release signatures are, sha256=HEX/signature-N (the two public stores); "
     "repeatable"},
    {"insecure-skip-signatures", 0, KIND_FLAG, HOP_VERB_VERIFY,
     AT(insecure_skip_signatures), NULL, "do not check who vouches for releases"},
    {"insecure-skip-signatures", 0, KIND_FLAG, PUSHES | HOP_VERB_LOAD,
     AT(insecure_skip_signatures), NULL, "copy releases that nobody vouches for"},
    {"sigstore-key", 0, KIND_TEXT, HOP_VERB_MIRROR | HOP_VERB_LOAD, AT(sigstore_key),
     "FILE", "public key (PEM) that sigstore signatures must be made with"},
    {"allow-missing-sigstore", 0, KIND_FLAG, HOP_VERB_MIRROR | HOP_VERB_LOAD,
     AT(allow_missing_sigstore), NULL,
     "mirror 4.21 and later without the sigstore signature that its cluster asks for"},
    {"allow-missing-sigstore", 0, KIND_FLAG, HOP_VERB_VERIFY, AT(allow_missing_sigstore),
     NULL, "4.21 and later without a sigstore signature are worth a warning only"},
    {"media-keyring", 0, KIND_LIST, READS_MEDIA, AT(media_keyring), "FILE",
     "OpenPGP keys that oc-hop.json on the media must be signed with; repeatable"},
    GROUP("The graph-data image"),
    {"graph-data", 0, KIND_TEXT, HOP_VERB_LOAD, AT(graph_data), "DIR|TAR",
     "graph-data to build the image from, instead of what is on the media"},
    {"graph-data", 0, KIND_TEXT, HOP_VERB_GRAPH_DATA, AT(graph_data), "DIR|TAR|URL",
     "graph-data to build the image from"},
    {"format", 0, KIND_TEXT, HOP_VERB_GRAPH_DATA, AT(format), "docker|oci",
     "media types of the image (oci for oci:DIR, else docker)"},
    {"prune", 0, KIND_TEXT, HOP_VERB_GRAPH_DATA, AT(prune), "PLAN",
     "keep only what this plan (plan -o json) needs: a small update service starts fast"},
    {"extra-block", 0, KIND_LIST, HOP_VERB_GRAPH_DATA, AT(extra_block), "FILE",
     "add a blocked-edges file of your own; repeatable"},
    {"signatures", 0, KIND_TEXT, HOP_VERB_GRAPH_DATA, AT(signatures), "DIR",
     "add release signatures, sha256/HEX/signature-N or sha256=HEX/signature-N"},
    {"image-base", 0, KIND_TEXT, PUSHES, AT(image_base), "payload|REF|oci:DIR",
     "build the graph-data image on this image, whose sh and cp copy the data, instead "
     "of oc-hop's own copier; payload: the cli image of the target release"},
    {"inspect", 0, KIND_TEXT, HOP_VERB_GRAPH_DATA, AT(inspect), "IMAGE",
     "show what is in this image (docker://REF, oci:DIR[:TAG] or docker-archive:FILE), "
     "and build none"},
    {"compare", 0, KIND_TEXT, HOP_VERB_GRAPH_DATA, AT(compare), "IMAGE|DIR|TAR",
     "with --inspect: does this hold the same data? The exit status is 1 when it does "
     "not"},
    {"no-lint", 0, KIND_FLAG, PUSHES, AT(no_lint), NULL,
     "build the image from graph-data with errors, too"},
    {"no-graph-data", 0, KIND_FLAG, HOP_VERB_MIRROR | HOP_VERB_LOAD, AT(no_graph_data),
     NULL, "leave the graph-data image out"},
    GROUP("Removable media (dir:PATH)"),
    {"media-format", 0, KIND_TEXT, HOP_VERB_MIRROR, AT(media_format), "own|oc",
     "oc: the layout that stock `oc image mirror --from-dir` reads (own)"},
    {"since", 0, KIND_TEXT, HOP_VERB_MIRROR, AT(since), "FILE",
     "leave out what the far side has: its inventory, or earlier media's "
     "oc-hop.json"},
    {"sign-with", 0, KIND_TEXT, HOP_VERB_MIRROR, AT(sign_with), "FILE",
     "sign oc-hop.json with this OpenPGP secret key"},
    {"volume-size", 0, KIND_TEXT, HOP_VERB_MIRROR, AT(volume_size), "SIZE",
     "write tar volumes of at most SIZE: bytes, or with K, M, G or T (binary)"},
    {"volume-command", 0, KIND_TEXT, HOP_VERB_MIRROR, AT(volume_command), "CMD",
     "run CMD FILE NUMBER when a volume is done, to change the disc; CMD is one "
     "program, without arguments of its own"},
    {"volume-command", 0, KIND_TEXT, HOP_VERB_LOAD | HOP_VERB_VERIFY, AT(volume_command),
     "CMD",
     "one volume at a time: run CMD DIR NUMBER to put a volume into the directory; CMD "
     "is "
     "one program, without arguments of its own"},
    {"no-client", 0, KIND_FLAG, HOP_VERB_MIRROR, AT(no_client), NULL,
     "leave the oc of the target version out"},
    GROUP("Cluster resources"),
    {"resources", 0, KIND_TEXT, HOP_VERB_VERIFY, AT(resources), "DIR",
     "cluster resources of this mirror: the release signatures in them count, and the "
     "UpdateService names the graph-data image"},
    {"resources", 0, KIND_TEXT, HOP_VERB_MIRROR | HOP_VERB_LOAD, AT(resources), "DIR",
     "where cluster resources and the runbook go (./oc-hop-resources)"},
    {"idms", 0, KIND_FLAG, HOP_VERB_MIRROR, AT(idms), NULL,
     "write an ImageDigestMirrorSet, whatever the start's version"},
    {"icsp", 0, KIND_FLAG, HOP_VERB_MIRROR, AT(icsp), NULL,
     "write an ImageContentSourcePolicy, and never convert it"},
    {"source-policy", 0, KIND_TEXT, HOP_VERB_MIRROR, AT(source_policy), "allow|never",
     "may nodes ask the source when no mirror answers? (allow)"},
    {"current-idms", 0, KIND_LIST, HOP_VERB_MIRROR, AT(current_idms), "FILE",
     "the mirror sets that the cluster has: say whether nodes would roll out; "
     "repeatable"},
    GROUP("How to copy and check"),
    {"deep", 0, KIND_FLAG, HOP_VERB_VERIFY, AT(deep), NULL,
     "read every blob of the registry and check its digest"},
    {"with-start-components", 0, KIND_FLAG, HOP_VERB_MIRROR, AT(with_start_components),
     NULL, "mirror the start release's components, too"},
    {"dry-run", 0, KIND_FLAG, HOP_VERB_MIRROR, AT(dry_run), NULL,
     "show every image and the bytes per hop; write nothing"},
    {"recheck", 0, KIND_FLAG, HOP_VERB_MIRROR | HOP_VERB_LOAD, AT(recheck), NULL,
     "check every blob at the destination, and repair"},
    {"jobs", 0, KIND_TEXT, TARGETS, AT(jobs), "N", "connections per registry, at most"},
    {"stall-timeout", 0, KIND_TEXT, PUSHES | READS_MEDIA, AT(stall_timeout), "SECONDS",
     "a connection that moves less than 1 KiB/s for so long is broken (60)"},
    {"outage-timeout", 0, KIND_TEXT, PUSHES | READS_MEDIA, AT(outage_timeout), "SECONDS",
     "a server that was there, and gives no answer for so long, is given up (300)"},
    GROUP("Access to servers"),
    {"authfile", 0, KIND_TEXT, REGISTRIES, AT(common.authfile), "FILE",
     "credentials, as podman writes them"},
    {"ca", 0, KIND_TEXT, REGISTRIES, AT(common.ca), "FILE", "certificates to trust, PEM"},
    {"cert-dir", 0, KIND_TEXT, REGISTRIES, AT(common.cert_dir), "DIR",
     "directory with *.crt to trust, and client *.cert and *.key"},
    {"tls-verify", 0, KIND_CHOICE, REGISTRIES, AT(common.tls_verify), "BOOL",
     "check certificates (true)"},
    {"src-authfile", 0, KIND_TEXT, PUSHES, AT(src.authfile), "FILE",
     "as above, for sources only"},
    {"src-ca", 0, KIND_TEXT, PUSHES, AT(src.ca), "FILE", NULL},
    {"src-cert-dir", 0, KIND_TEXT, PUSHES, AT(src.cert_dir), "DIR", NULL},
    {"src-tls-verify", 0, KIND_CHOICE, PUSHES, AT(src.tls_verify), "BOOL", NULL},
    {"dest-authfile", 0, KIND_TEXT, PUSHES | HOP_VERB_LOAD, AT(dest.authfile), "FILE",
     "as above, for the destination only"},
    {"dest-ca", 0, KIND_TEXT, PUSHES | HOP_VERB_LOAD, AT(dest.ca), "FILE", NULL},
    {"dest-cert-dir", 0, KIND_TEXT, PUSHES | HOP_VERB_LOAD, AT(dest.cert_dir), "DIR",
     NULL},
    {"dest-tls-verify", 0, KIND_CHOICE, PUSHES | HOP_VERB_LOAD, AT(dest.tls_verify),
     "BOOL", NULL},
    {"allow-http-credentials", 0, KIND_FLAG, PUSHES | READS_MEDIA,
     AT(allow_http_credentials), NULL, "send passwords over plain HTTP, too"},
    GROUP("Output"),
    {"output", 'o', KIND_TEXT, HOP_VERB_PLAN, AT(output), "FORMAT",
     "text, json, dot, svg or html (text)"},
    {"output", 'o', KIND_TEXT, HOP_VERB_VERIFY, AT(output), "FORMAT",
     "text, json or inventory (text)"},
    {"output", 'o', KIND_TEXT, HOP_VERB_SIMULATE, AT(output), "FORMAT",
     "json, the only one"},
    {"output", 'o', KIND_TEXT, PUSHES | HOP_VERB_LOAD | HOP_VERB_LINT | HOP_VERB_RELEASES,
     AT(output), "FORMAT", "text or json (text)"},
    {"progress", 0, KIND_TEXT, PUSHES | READS_MEDIA, AT(progress),
     "auto|bar|plain|json|none", "how to show progress"},
    {"quiet", 'q', KIND_FLAG, ALL, AT(quiet), NULL, "no progress, no notes"},
    {"verbose", 'v', KIND_COUNT, ALL, AT(verbose), NULL,
     "say more; twice: name every request"},
    {"help", 'h', KIND_FLAG, ALL, AT(help), NULL, "this text"},
};

/* ---- getopt's view of the table ---- */

static void fill_getopt(hop_verb verb, struct option *longs, char *shorts)
{
    size_t n = 0, c = 0;
    shorts[c++] = ':'; /* tell a missing value from an unknown flag */
    for (size_t i = 0; i < HOP_COUNT_OF(rows); i++) {
        const option_row *r = &rows[i];
        if (!(r->verbs & verb))
            continue;
        bool takes = r->kind == KIND_TEXT || r->kind == KIND_LIST;
        int argument = takes ? required_argument
                             : (r->kind == KIND_CHOICE ? optional_argument : no_argument);
        longs[n++] = (struct option){r->name, argument, NULL, (int)(256 + i)};
        if (r->letter) {
            shorts[c++] = r->letter;
            if (takes)
                shorts[c++] = ':';
        }
    }
}

static const option_row *row_of(int code)
{
    if (code >= 256)
        return &rows[code - 256];
    for (size_t i = 0; i < HOP_COUNT_OF(rows); i++)
        if (rows[i].letter && rows[i].letter == code)
            return &rows[i];
    return NULL;
}

static hop_status set_choice(const option_row *r, const char *text, hop_choice *out,
                             hop_error **err)
{
    if (!text || strcmp(text, "true") == 0)
        *out = HOP_YES;
    else if (strcmp(text, "false") == 0)
        *out = HOP_NO;
    else
        return hop_error_set(err, HOP_E_USAGE, "--%s=%s: expected true or false", r->name,
                             text);
    return HOP_OK;
}

static hop_status store(const option_row *r, const char *text, hop_options *out,
                        hop_error **err)
{
    char *at = (char *)out + r->offset;
    switch (r->kind) {
    case KIND_TEXT: {
        char **slot = (char **)(void *)at;
        if (*slot && strcmp(*slot, text) != 0)
            return hop_error_set(err, HOP_E_USAGE,
                                 "--%s is given twice, as \"%s\" and \"%s\"", r->name,
                                 *slot, text);
        free(*slot);
        *slot = hop_strdup(text);
        return HOP_OK;
    }
    case KIND_LIST:
        hop_strings_add((hop_strings *)(void *)at, text);
        return HOP_OK;
    case KIND_FLAG:
        *(bool *)(void *)at = true;
        return HOP_OK;
    case KIND_COUNT:
        *(unsigned *)(void *)at += 1;
        return HOP_OK;
    case KIND_CHOICE:
        return set_choice(r, text, (hop_choice *)(void *)at, err);
    case KIND_GROUP:
        break; /* of no verb */
    }
    return HOP_OK;
}

hop_status hop_options_parse(hop_verb verb, int argc, char **argv, hop_options *out,
                             hop_error **err)
{
    struct option longs[HOP_COUNT_OF(rows) + 1] = {{0}};
    char shorts[3 * HOP_COUNT_OF(rows) + 2] = {0};
    fill_getopt(verb, longs, shorts);
    opterr = 0;
    optind = 0; /* glibc: begin afresh */
    for (;;) {
        int code = getopt_long(argc, argv, shorts, longs, NULL);
        if (code == -1)
            break;
        const char *seen = argv[optind > 0 ? optind - 1 : 0];
        if (code == ':')
            return hop_error_set(err, HOP_E_USAGE, "%s needs a value", seen);
        if (code == '?') {
            hop_status s =
                hop_error_set(err, HOP_E_USAGE, "%s is no flag of this command", seen);
            hop_error_hint(err, "--help lists the flags");
            return s;
        }
        hop_status s = store(row_of(code), optarg, out, err);
        if (s != HOP_OK)
            return s;
    }
    for (int i = optind; i < argc; i++)
        hop_strings_add(&out->args, argv[i]);
    return HOP_OK;
}

void hop_options_clear(hop_options *o)
{
    for (size_t i = 0; i < HOP_COUNT_OF(rows); i++) {
        char *at = (char *)o + rows[i].offset;
        if (rows[i].kind == KIND_TEXT)
            free(hop_steal((char **)(void *)at));
        else if (rows[i].kind == KIND_LIST)
            hop_strings_clear((hop_strings *)(void *)at);
    }
    hop_strings_clear(&o->args);
    *o = (hop_options){0};
}

hop_status hop_options_blame(hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_STR hint = hop_strdup(hop_error_get_hint(*err));
    hop_error_join(*err, &text);
    hop_error_drop(err);
    hop_status s = hop_error_set(err, HOP_E_USAGE, "%s", hop_buf_get(&text));
    if (hint)
        hop_error_hint(err, "%s", hint);
    return s;
}

/* ---- help ---- */

/* Wraps `text` at 80 columns, every line indented by `indent`; the cursor stands at
 * column `column`. */
static void add_wrapped(hop_buf *out, const char *text, size_t indent, size_t column)
{
    while (*text) {
        size_t word = strcspn(text, " ");
        if (column + word + 1 > 80 && column > indent) {
            hop_buf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            hop_buf_addc(out, ' ');
            column += 1;
        }
        hop_buf_add(out, text, word);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    hop_buf_addc(out, '\n');
}

void hop_options_each(hop_verb verb,
                      void (*each)(void *user, const hop_option_text *option), void *user)
{
    const char *group = NULL;
    for (size_t i = 0; i < HOP_COUNT_OF(rows); i++) {
        const option_row *r = &rows[i];
        if (r->kind == KIND_GROUP)
            group = r->name;
        if (!(r->verbs & verb))
            continue;
        hop_option_text text = {.group = hop_steal(&group),
                                .letter = r->letter,
                                .name = r->name,
                                .value = r->value,
                                .value_joint = r->kind == KIND_CHOICE ? "=" : " ",
                                .help = r->help};
        each(user, &text);
    }
}

static void add_option_help(void *user, const hop_option_text *option)
{
    static const size_t indent = 30;
    hop_buf *out = user;
    if (option->group)
        hop_buf_addf(out, "\n%s:\n", option->group);
    size_t start = out->len;
    if (option->letter)
        hop_buf_addf(out, "  -%c, --%s", option->letter, option->name);
    else
        hop_buf_addf(out, "  --%s", option->name);
    if (option->value)
        hop_buf_addf(out, "%s%s", option->value_joint, option->value);
    size_t column = out->len - start;
    if (!option->help) {
        hop_buf_addc(out, '\n');
        return;
    }
    if (column + 2 > indent) {
        hop_buf_addc(out, '\n');
        column = 0;
    }
    hop_buf_addf(out, "%*s", (int)(indent - column), "");
    add_wrapped(out, option->help, indent, indent);
}

void hop_options_help(hop_verb verb, hop_buf *out)
{
    hop_options_each(verb, add_option_help, out);
}

hop_status hop_options_number(const char *flag, const char *text, uint64_t low,
                              uint64_t high, uint64_t fallback, uint64_t *out,
                              hop_error **err)
{
    *out = fallback;
    if (!text)
        return HOP_OK;
    size_t digits = strspn(text, "0123456789");
    uint64_t value = digits > 0 && digits <= 18 ? strtoull(text, NULL, 10) : UINT64_MAX;
    if (text[digits] != '\0' || value < low || value > high)
        return hop_error_set(err, HOP_E_USAGE,
                             "%s %s: expected a number from %llu to %llu", flag, text,
                             (unsigned long long)low, (unsigned long long)high);
    *out = value;
    return HOP_OK;
}
