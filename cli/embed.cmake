# SPDX-License-Identifier: GPL-3.0-or-later
# cmake -D IN=FILE -D OUT=FILE.c -D NAME=SYMBOL -P embed.cmake: a file as a hop_page_file.
file(READ ${IN} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)" "\\1\n    " bytes "${bytes}")
file(WRITE ${OUT} "/* Made by the build. */
#include \"page.h\"

static const unsigned char bytes[] = {
    ${bytes}
};
const hop_page_file ${NAME} = {bytes, sizeof(bytes)};
")
