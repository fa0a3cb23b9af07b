# SPDX-License-Identifier: GPL-3.0-or-later
# Writes OUTPUT, a C file with the bytes of the copiers PROGRAMS (named oc-hop-copy-ARCH) and
# their table. Generated C rather than .incbin, whose section and type directives differ
# between assemblers, and which would put a build path into a source file.
set(arrays "")
set(table "")
foreach(program IN LISTS PROGRAMS)
    string(REGEX REPLACE ".*/oc-hop-copy-" "" arch "${program}")
    file(READ "${program}" hex HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(APPEND arrays "static const unsigned char ${arch}[] = {\n${bytes}\n};\n")
    string(APPEND table "    {\"${arch}\", ${arch}, sizeof(${arch})},\n")
endforeach()
file(WRITE "${OUTPUT}" "/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made by embed.cmake from the copiers of init/. */
#include \"copier.h\"

${arrays}
static const hop_copier copiers[] = {
${table}};

const hop_copier *hop_copier_get(size_t index)
{
    return index < HOP_COUNT_OF(copiers) ? &copiers[index] : NULL;
}
")
