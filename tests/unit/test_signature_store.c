/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "hop_file.h"
#include "hop_signature.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

typedef struct place {
    char *dir;
    hop_digest digest;
} place;

static int set_up(void **state)
{
    place *p = hop_alloc(1, sizeof(*p));
    char name[] = "/tmp/oc-hop-test.XXXXXX";
    assert_non_null(mkdtemp(name));
    p->dir = hop_strdup(name);
    p->digest = hop_digest_of("payload", 7);
    *state = p;
    return 0;
}

static char *path_of(const place *p, const char *store, unsigned number)
{
    return hop_sprintf("%s/%s/sha256=%s/signature-%u", p->dir, store,
                       hop_digest_get_hex(&p->digest), number);
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static int tear_down(void **state)
{
    place *p = *state;
    int code = nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(p->dir);
    free(p);
    return code;
}

static void put(const place *p, const char *store, unsigned number, const char *text)
{
    HOP_AUTO(hop_error) err = NULL;
    HOP_AUTO_STR path = path_of(p, store, number);
    HOP_AUTO_STR dir = hop_strndup(path, (size_t)(strrchr(path, '/') - path));
    assert_ok(hop_dir_make(dir, &err), &err);
    assert_ok(hop_file_write(path, text, strlen(text), &err), &err);
}

static hop_status read_stores(const place *p, const char *a, const char *b,
                              hop_signatures *out, hop_error **err)
{
    static const hop_fetch_opts how = {.attempts = 1};
    HOP_AUTO_VALUE(hop_strings) urls = {0};
    HOP_AUTO(hop_signature_stores) stores = NULL;
    hop_strings_add(&urls, a);
    if (b)
        hop_strings_add(&urls, b);
    hop_status s = hop_signature_stores_new(&how, &urls, &stores, err);
    return s == HOP_OK ? hop_signature_stores_read(stores, &p->digest, out, err) : s;
}

static void numbers_until_the_first_gap(void **state)
{
    const place *p = *state;
    HOP_AUTO(hop_error) err = NULL;
    hop_signatures found = {0};
    put(p, "gap", 1, "one");
    put(p, "gap", 2, "two");
    put(p, "gap", 4, "four");
    HOP_AUTO_STR store = hop_sprintf("%s/gap/", p->dir);
    assert_ok(read_stores(p, store, NULL, &found, &err), &err);
    assert_int_equal(found.len, 2);
    assert_string_equal(found.items[0].data, "one");
    assert_string_equal(found.items[1].data, "two");
    HOP_AUTO_STR path = path_of(p, "gap", 2);
    assert_string_equal(found.items[1].origin, path);
    hop_signatures_clear(&found);
}

static void as_many_as_the_cluster_reads(void **state)
{
    const place *p = *state;
    HOP_AUTO(hop_error) err = NULL;
    hop_signatures found = {0};
    for (unsigned i = 1; i <= 12; i++) {
        HOP_AUTO_STR text = hop_sprintf("number %u", i);
        put(p, "many", i, text);
    }
    HOP_AUTO_STR store = hop_sprintf("file://%s/many", p->dir);
    assert_ok(read_stores(p, store, NULL, &found, &err), &err);
    assert_int_equal(found.len, 9);
    hop_signatures_clear(&found);
}

static void the_same_bytes_once(void **state)
{
    const place *p = *state;
    HOP_AUTO(hop_error) err = NULL;
    hop_signatures found = {0};
    put(p, "a", 1, "same");
    put(p, "b", 1, "same");
    put(p, "b", 2, "other");
    HOP_AUTO_STR a = hop_sprintf("%s/a", p->dir);
    HOP_AUTO_STR b = hop_sprintf("%s/b", p->dir);
    assert_ok(read_stores(p, a, b, &found, &err), &err);
    assert_int_equal(found.len, 2);
    hop_signatures_clear(&found);
}

static void too_large_is_bad_not_missing(void **state)
{
    const place *p = *state;
    HOP_AUTO(hop_error) err = NULL;
    hop_signatures found = {0};
    HOP_AUTO_STR large = hop_alloc(HOP_SIGNATURE_MAX + 2, 1);
    memset(large, 'x', HOP_SIGNATURE_MAX + 1);
    put(p, "large", 1, large);
    put(p, "large", 2, "small");
    HOP_AUTO_STR store = hop_sprintf("%s/large", p->dir);
    assert_ok(read_stores(p, store, NULL, &found, &err), &err);
    assert_int_equal(found.len, 2);
    hop_signature_policy policy = {.now_s = 1760000000};
    assert_fails(hop_signatures_judge(&found, &p->digest, &policy, &err), &err,
                 HOP_E_SIGNATURE, "far too large");
    assert_string_equal(found.items[0].why, "the signature is far too large");
    assert_string_equal(found.items[1].why, "it is no OpenPGP message");
    hop_signatures_clear(&found);
}

/* Port 1 of loopback: nobody listens there. */
static void a_store_that_is_gone(void **state)
{
    const place *p = *state;
    static const char gone[] = "http://127.0.0.1:1/signatures";
    HOP_AUTO(hop_error) err = NULL;
    hop_signatures found = {0};
    put(p, "there", 1, "one");
    HOP_AUTO_STR there = hop_sprintf("%s/there", p->dir);
    assert_ok(read_stores(p, gone, there, &found, &err), &err);
    assert_int_equal(found.len, 1);
    hop_signatures_clear(&found);

    HOP_AUTO_STR empty = hop_sprintf("%s/empty", p->dir);
    assert_ok(hop_dir_make(empty, &err), &err);
    assert_fails(read_stores(p, gone, empty, &found, &err), &err, HOP_E_NET,
                 "127.0.0.1:1");
    assert_ok(read_stores(p, empty, NULL, &found, &err), &err);
    assert_int_equal(found.len, 0);
    assert_fails(
        hop_signatures_judge(&found, &p->digest, &(hop_signature_policy){0}, &err), &err,
        HOP_E_SIGNATURE, "no signature of sha256:");
}

static void what_is_no_store(void **state)
{
    const place *p = *state;
    static const char *const bad[] = {"ftp://example.com/x", "file://relative/x",
                                      "/no/such/directory"};
    hop_signatures found = {0};
    for (size_t i = 0; i < HOP_COUNT_OF(bad); i++) {
        HOP_AUTO(hop_error) err = NULL;
        assert_fails(read_stores(p, bad[i], NULL, &found, &err), &err, HOP_E_USAGE,
                     bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_until_the_first_gap),
        cmocka_unit_test(as_many_as_the_cluster_reads),
        cmocka_unit_test(the_same_bytes_once),
        cmocka_unit_test(too_large_is_bad_not_missing),
        cmocka_unit_test(a_store_that_is_gone),
        cmocka_unit_test(what_is_no_store),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
