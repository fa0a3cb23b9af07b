/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drawing as a file of its own: with a caption above and a legend below. */
#include "plan_report.h"

#include "draw_svg.h"
#include "markup.h"
#include "page.h"

#define CAPTION_HEIGHT 56.0
#define LEGEND_LINE 18.0
#define LEGEND_WIDTH 330.0 /* the least that the legend needs */

#define GLYPH_WIDTH 8.5 /* of the caption */

static void add_caption(hop_buf *out, const hop_plan *plan, const char *headline)
{
    hop_buf_adds(out, "<text class=\"caption\" x=\"12\" y=\"24\">");
    hop_markup_add(out, headline);
    hop_buf_adds(out, "</text>\n<text class=\"note\" x=\"12\" y=\"44\">");
    for (size_t i = 0; i < plan->channels.len; i++) {
        hop_buf_adds(out, i ? ", " : "");
        hop_markup_add(out, plan->channels.items[i]);
    }
    hop_buf_adds(out, "</text>\n");
}

static void add_legend(hop_buf *out, const hop_drawing *d)
{
    for (int i = 0; i < HOP_LEGEND_COUNT; i++) {
        hop_legend_text line = hop_draw_svg_legend((hop_legend_line)i);
        double y = 14 + i * LEGEND_LINE;
        hop_buf_addf(out,
                     "<path class=\"%s\" d=\"M16 %.1fL56 %.1f\"/><text class=\"note\" "
                     "x=\"66\" y=\"%.1f\">%s</text>\n",
                     line.classes, y, y, y + 4, line.text);
    }
    hop_buf_addf(out, "<text class=\"note\" x=\"12\" y=\"%.1f\">",
                 18 + HOP_LEGEND_COUNT * LEGEND_LINE);
    hop_draw_svg_add_rest(out, d);
    hop_buf_adds(out, "</text>\n");
}

static void add_frame(hop_buf *out, const char *headline, double width, double height)
{
    hop_buf_addf(out,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" role=\"img\" "
                 "width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\">\n<title>",
                 width, height, width, height);
    hop_markup_add(out, headline);
    hop_buf_adds(out, "</title>\n<style>\n");
    hop_page_add_file(out, &hop_page_drawing_css);
    hop_buf_adds(out, "</style>\n");
    hop_draw_svg_add_markers(out);
    hop_buf_addf(out, "<rect class=\"ground\" width=\"%.0f\" height=\"%.0f\"/>\n", width,
                 height);
}

void hop_plan_report_svg(const hop_plan *plan, const hop_drawing *d, hop_buf *out)
{
    HOP_AUTO_VALUE(hop_buf) headline = hop_buf_init(HOP_BUF_TEXT);
    hop_plan_report_headline(plan, &headline);
    hop_drawing wide = *d;
    double least = 24 + GLYPH_WIDTH * (double)headline.len;
    wide.width = d->width > least ? d->width : least;
    wide.width = wide.width > LEGEND_WIDTH ? wide.width : LEGEND_WIDTH;
    double legend_at = CAPTION_HEIGHT + d->height;
    add_frame(out, hop_buf_get(&headline), wide.width,
              legend_at + (HOP_LEGEND_COUNT + 1) * LEGEND_LINE + 16);
    add_caption(out, plan, hop_buf_get(&headline));
    hop_buf_addf(out, "<g transform=\"translate(0 %.0f)\">\n", CAPTION_HEIGHT);
    hop_draw_svg_add_body(out, &wide);
    hop_buf_addf(out, "</g>\n<g transform=\"translate(0 %.1f)\">\n", legend_at + 8);
    add_legend(out, d);
    hop_buf_adds(out, "</g>\n</svg>\n");
}
