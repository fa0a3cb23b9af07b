/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The SVG of a drawing, for a file of its own and for a page.
 */
#ifndef DRAW_SVG_H
#define DRAW_SVG_H

#include "hop_drawing.h"

/** Things that a reader must be able to tell apart. */
typedef enum hop_legend_line {
    HOP_LEGEND_PATH,
    HOP_LEGEND_ALTERNATIVE,
    HOP_LEGEND_NEEDED,
    HOP_LEGEND_AT_PATH,
    HOP_LEGEND_CONDITIONAL,
    HOP_LEGEND_REACHED,
    HOP_LEGEND_REACHING,
    HOP_LEGEND_COUNT,
} hop_legend_line;

/** True when the drawing has such a thing. */
bool hop_draw_svg_has(const hop_drawing *d, hop_legend_line line);
/** A sample of 40 by 12. */
void hop_draw_svg_add_sample(hop_buf *out, hop_legend_line line);
const char *hop_draw_svg_legend(hop_legend_line line);
/** One sentence on what is not in the picture; nothing when all is. Plain text. */
void hop_draw_svg_add_rest(hop_buf *out, const hop_drawing *d);

/** Bands, updates and releases, as <g> elements, for a coordinate system of d->width by
 * d->height. */
void hop_draw_svg_add_body(hop_buf *out, const hop_drawing *d);
/** Arrow heads, once for each document. */
void hop_draw_svg_add_markers(hop_buf *out);

#endif
