/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A build that found one compiler only: what it cannot do it says, and how to mend it. */
#include "graphdata_world.h"

#include "../../graphdata-image/copier.h"

/* Stands in for the list that the build writes: the linker takes this one. */
const hop_copier *hop_copier_get(size_t index)
{
    static const hop_copier only = {
        .arch = "s390x", .data = (const unsigned char *)"program", .len = 7};
    return index == 0 ? &only : NULL;
}

static int set_up(void **state)
{
    world *w = world_begin(state);
    world_add(&w->tree, "version", "1.1.0\n");
    world_add(&w->tree, "raw/metadata.json", "{}");
    return world_ready(w);
}

static void missing_copiers_name_their_package(void **state)
{
    static const struct {
        const char *arch;
        const char *package;
    } cases[] = {{"amd64", "install gcc-x86-64-linux-gnu and"},
                 {"arm64", "install gcc-aarch64-linux-gnu and"},
                 {"ppc64le", "install gcc-powerpc64le-linux-gnu and"}};
    const world *w = *state;
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        hop_error *err = NULL;
        hop_image *image = NULL;
        hop_image_opts opts = {
            .info = &w->info, .archs = &cases[i].arch, .arch_count = 1};
        assert_int_equal(hop_image_build(&opts, &w->tree, &image, &err), HOP_E_USAGE);
        assert_non_null(strstr(hop_error_get_hint(err), cases[i].package));
        assert_non_null(strstr(hop_error_get_hint(err), "--image-base"));
        hop_error_free(err);
    }
}

static void the_default_is_what_there_is(void **state)
{
    const world *w = *state;
    hop_error *err = NULL;
    HOP_AUTO(hop_image) image = NULL;
    hop_image_opts opts = {.info = &w->info};
    assert_ok(hop_image_build(&opts, &w->tree, &image, &err), &err);
    assert_int_equal(hop_image_get_top(image)->kind, HOP_IMAGE_MANIFEST);
    assert_string_equal(hop_image_get_top(image)->arch, "s390x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(missing_copiers_name_their_package, set_up,
                                        world_end),
        cmocka_unit_test_setup_teardown(the_default_is_what_there_is, set_up, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
