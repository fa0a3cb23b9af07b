/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cluster.h"
#include "report.h"
#include "verbs.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

/* Results that never reached their reader are a failure, whatever the verb thinks. */
static int flush_results(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "error: write results: %s\n", strerror(errno));
    return hop_exit_worse(code, errno == ENOSPC ? HOP_EXIT_DISK : HOP_EXIT_FAILURE);
}

static int refuse_verb(const char *name)
{
    fputs("error: \"", stderr);
    hop_report_visible(stderr, name);
    fputs("\" is no command of oc-hop\nhint: `oc-hop help` lists the commands\n", stderr);
    return HOP_EXIT_USAGE;
}

static int run_verb(const hop_verb_row *v, int argc, char **argv)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_VALUE(hop_options) o = {0};
    int code = HOP_EXIT_OK;
    hop_status s = hop_options_parse(v->verb, argc, argv, &o, &err);
    if (s == HOP_OK && o.help) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_verb_help(v, &text);
        fputs(hop_buf_get(&text), stdout);
        return flush_results(HOP_EXIT_OK);
    }
    if (s == HOP_OK)
        s = hop_cluster_apply(&o, &err);
    if (s == HOP_OK)
        s = v->run(&o, &code, &err);
    if (s != HOP_OK)
        hop_report_error(err);
    return flush_results(hop_exit_final(code, s));
}

/* `help [--man] [VERB]`, and everything that is spelled like it. */
static int run_help(int argc, char **argv)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    bool is_man = argc > 0 && strcmp(argv[0], "--man") == 0;
    const char *name = argc > is_man ? argv[is_man] : NULL;
    const hop_verb_row *v = name ? hop_verb_find(name) : NULL;
    if (name && !v)
        return refuse_verb(name);
    if (v && is_man)
        hop_verb_man(v, HOP_VERSION_TEXT, &text);
    else if (v)
        hop_verb_help(v, &text);
    else
        hop_verb_overview(&text);
    fputs(hop_buf_get(&text), stdout);
    return flush_results(HOP_EXIT_OK);
}

int main(int argc, char **argv)
{
    (void)setlocale(LC_CTYPE,
                    "C.UTF-8"); /* text is UTF-8 here, whatever the terminal's language */
    hop_signal_watch();
    if (argc < 2) {
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
        hop_verb_overview(&text);
        fputs(hop_buf_get(&text), stderr);
        return HOP_EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        puts("oc-hop " HOP_VERSION_TEXT);
        return flush_results(HOP_EXIT_OK);
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 ||
        strcmp(name, "-h") == 0)
        return run_help(argc - 2, argv + 2);
    const hop_verb_row *v = hop_verb_find(name);
    return v ? run_verb(v, argc - 1, argv + 1) : refuse_verb(name);
}
