/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What a world consists of: releases, components, how large, and when each was rebuilt.
 */
#ifndef HOP_WORLD_SHAPE_H
#define HOP_WORLD_SHAPE_H

#include "hop_own.h"

/** How a component is published. Multi releases use lists for all of them. */
typedef enum hop_form {
    HOP_FORM_IMAGE,     /* schema 2 */
    HOP_FORM_OCI_IMAGE, /* OCI manifest */
    HOP_FORM_LIST_ONE,  /* manifest list with one entry */
    HOP_FORM_LIST,      /* manifest list, amd64 and arm64, the same in both payloads */
    HOP_FORM_OCI_INDEX, /* OCI index, amd64 and arm64 */
} hop_form;

typedef struct hop_component {
    const char *name;
    const char *image;    /* another name with the same image shares its digest */
    const char *language; /* the layer between the base and its own */
    hop_form form;
    size_t size_bytes; /* own layers on amd64 */
    bool is_signed;
    unsigned rebuilt; /* bit N: built anew for release N; else the image before stays */
} hop_component;

typedef enum hop_arch_bit {
    HOP_ARCH_AMD64 = 1u << 0,
    HOP_ARCH_ARM64 = 1u << 1,
    HOP_ARCH_PPC64LE = 1u << 2,
    HOP_ARCH_S390X = 1u << 3,
    HOP_ARCH_MULTI = 1u << 4,
} hop_arch_bit;

typedef struct hop_release_shape {
    const char *version;
    const char *minor;    /* "4.17" */
    const char *previous; /* the release that updates to this one; NULL for the first */
    unsigned arches;      /* hop_arch_bit */
} hop_release_shape;

typedef struct hop_shape {
    const hop_release_shape *releases; /* oldest first */
    size_t release_count;
    hop_component *components;
    size_t component_count;
    hop_strings names; /* storage of generated component names */
    size_t base_bytes; /* shared layers on amd64 */
    size_t language_bytes;
} hop_shape;

hop_shape hop_shape_demo(void);
/** The step to 4.21, whose clusters ask for sigstore signatures; fewer components. */
hop_shape hop_shape_next(void);
/** Makes all of a shape's layers smaller, or larger. */
void hop_shape_resize(hop_shape *s, unsigned percent);
/** 190 components in three releases; `percent` scales all sizes. */
hop_shape hop_shape_bench(uint64_t seed, unsigned percent);
void hop_shape_clear(hop_shape *s);

/** The release that the component of release `index` was built for. */
size_t hop_shape_get_build(const hop_component *c, size_t index);
/** Bytes on an architecture: the others are smaller, so that the world stays small. */
size_t hop_shape_scale(size_t amd64_bytes, const char *arch);

#endif
