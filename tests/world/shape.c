/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shape.h"

#include "hop_buf.h"
#include "noise.h"

#include <stdlib.h>
#include <string.h>

#define TWO (HOP_ARCH_AMD64 | HOP_ARCH_ARM64)

static const hop_release_shape demo_releases[] = {
    {"4.17.20", "4.17", NULL, TWO},
    {"4.17.24", "4.17", "4.17.20", TWO},
    {"4.18.9", "4.18", "4.17.24", TWO | HOP_ARCH_MULTI},
    {"4.18.12", "4.18", "4.18.9", TWO | HOP_ARCH_MULTI},
};

static const hop_component demo_components[] = {
    {"cli", "cli", "go", HOP_FORM_IMAGE, 300 * HOP_KIB, true, 0xf},
    {"cli-artifacts", "cli", "go", HOP_FORM_IMAGE, 300 * HOP_KIB, true, 0xf},
    {"cluster-version-operator", "cluster-version-operator", "go", HOP_FORM_IMAGE,
     200 * HOP_KIB, false, 0xf},
    {"console", "console", "node", HOP_FORM_OCI_IMAGE, 350 * HOP_KIB, true, 0x5},
    {"coredns", "coredns", "go", HOP_FORM_LIST, 120 * HOP_KIB, true, 0xd},
    {"etcd", "etcd", "go", HOP_FORM_LIST_ONE, 160 * HOP_KIB, false, 0x7},
    {"haproxy-router", "haproxy-router", "node", HOP_FORM_LIST_ONE, 90 * HOP_KIB, true,
     0x5},
    {"hyperkube", "hyperkube", "go", HOP_FORM_IMAGE, 400 * HOP_KIB, false, 0xf},
    {"machine-config-operator", "machine-config-operator", "go", HOP_FORM_IMAGE,
     220 * HOP_KIB, false, 0xf},
    {"oauth-proxy", "oauth-proxy", "go", HOP_FORM_OCI_INDEX, 80 * HOP_KIB, true, 0x1},
    {"pod", "pod", "go", HOP_FORM_IMAGE, 20 * HOP_KIB, false, 0x1},
    {"pod-init", "pod", "go", HOP_FORM_IMAGE, 20 * HOP_KIB, false, 0x1},
    {"rhel-coreos", "rhel-coreos", "node", HOP_FORM_IMAGE, 2048 * HOP_KIB, false, 0xd},
};

static const hop_release_shape next_releases[] = {
    {"4.20.5", "4.20", NULL, HOP_ARCH_AMD64 | HOP_ARCH_MULTI},
    {"4.21.1", "4.21", "4.20.5", HOP_ARCH_AMD64 | HOP_ARCH_MULTI},
};
#define NEXT_COMPONENTS 5

static hop_shape small_shape(const hop_release_shape *releases, size_t release_count,
                             size_t component_count)
{
    hop_shape s = {
        .releases = releases,
        .release_count = release_count,
        .component_count = component_count,
        .base_bytes = 2 * HOP_MIB,
        .language_bytes = 1 * HOP_MIB,
    };
    s.components = hop_alloc(component_count, sizeof(*s.components));
    memcpy(s.components, demo_components, component_count * sizeof(*s.components));
    return s;
}

hop_shape hop_shape_demo(void)
{
    return small_shape(demo_releases, HOP_COUNT_OF(demo_releases),
                       HOP_COUNT_OF(demo_components));
}

hop_shape hop_shape_next(void)
{
    return small_shape(next_releases, HOP_COUNT_OF(next_releases), NEXT_COMPONENTS);
}

void hop_shape_resize(hop_shape *s, unsigned percent)
{
    s->base_bytes = s->base_bytes * percent / 100;
    s->language_bytes = s->language_bytes * percent / 100;
    for (size_t i = 0; i < s->component_count; i++)
        s->components[i].size_bytes = s->components[i].size_bytes * percent / 100;
}

static const hop_release_shape bench_releases[] = {
    {"4.18.1", "4.18", NULL, HOP_ARCH_AMD64},
    {"4.18.2", "4.18", "4.18.1", HOP_ARCH_AMD64},
    {"4.18.3", "4.18", "4.18.2", HOP_ARCH_AMD64},
};

/* Most components are a few megabytes, a few are far larger: real releases look so. */
static size_t bench_size(uint64_t dice, unsigned percent)
{
    size_t kib = 700 + (size_t)(dice % 5000);
    if (dice / 5000 % 20 == 0)
        kib *= 6;
    return kib * HOP_KIB / 100 * percent;
}

static unsigned bench_rebuilt(uint64_t seed, const char *name)
{
    unsigned bits = 1;
    for (unsigned release = 1; release < HOP_COUNT_OF(bench_releases); release++) {
        HOP_AUTO_STR label = hop_sprintf("%s rebuilt for %u", name, release);
        if (hop_noise_of(seed, label) % 100 < 35)
            bits |= 1u << release;
    }
    return bits;
}

hop_shape hop_shape_bench(uint64_t seed, unsigned percent)
{
    static const char *const languages[] = {"go", "node", "python", "java", "cxx"};
    hop_shape s = {
        .releases = bench_releases,
        .release_count = HOP_COUNT_OF(bench_releases),
        .component_count = 190,
        .base_bytes = 70 * HOP_MIB / 100 * percent,
        .language_bytes = 20 * HOP_MIB / 100 * percent,
    };
    s.components = hop_alloc(s.component_count, sizeof(*s.components));
    hop_strings_add(&s.names, "cluster-version-operator");
    for (size_t i = 1; i < s.component_count; i++) {
        HOP_AUTO_STR name = hop_sprintf("component-%03zu", i);
        hop_strings_add(&s.names, name);
    }
    for (size_t i = 0; i < s.component_count; i++) {
        const char *name = s.names.items[i];
        uint64_t dice = hop_noise_of(seed, name);
        s.components[i] = (hop_component){
            .name = name,
            .image = name,
            .language = languages[dice / 200000 % HOP_COUNT_OF(languages)],
            .form = i % 10 == 9 ? HOP_FORM_LIST_ONE : HOP_FORM_IMAGE,
            .size_bytes = bench_size(dice, percent),
            .rebuilt = bench_rebuilt(seed, name),
        };
    }
    return s;
}

void hop_shape_clear(hop_shape *s)
{
    free(s->components);
    hop_strings_clear(&s->names);
    *s = (hop_shape){0};
}

size_t hop_shape_get_build(const hop_component *c, size_t index)
{
    while (index > 0 && !(c->rebuilt & (1u << index)))
        index -= 1;
    return index;
}

size_t hop_shape_scale(size_t amd64_bytes, const char *arch)
{
    if (strcmp(arch, "amd64") == 0)
        return amd64_bytes;
    return strcmp(arch, "arm64") == 0 ? amd64_bytes / 3 : amd64_bytes / 16;
}
