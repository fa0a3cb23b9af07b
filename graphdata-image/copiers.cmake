# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the copier of init/ for every architecture that a compiler is found for, and sets
# HOP_COPIERS_C to the C file that holds their bytes.
#
# The compilers are called directly: the copier shares no flag with the rest of the program
# (no sanitizer, no hardening that wants a C library), and its bytes must depend on nothing
# but the compiler's version. Debian's gcc of the name TRIPLET-gcc is taken for the host
# too where it exists, so that a build with clang carries the same copier.
set(HOP_COPIER_FLAGS
    -std=c17 -Os -ffreestanding -fno-builtin -fno-pie -fno-stack-protector
    -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-ident -fomit-frame-pointer
    -Wall -Wextra -Werror
    -nostdlib -static -s
    -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,norelro -Wl,-z,noseparate-code
    -Wl,-z,max-page-size=65536)

set(HOP_COPIER_SOURCES
    ${CMAKE_CURRENT_SOURCE_DIR}/init/copy.c
    ${CMAKE_CURRENT_SOURCE_DIR}/init/system.h
    ${CMAKE_CURRENT_SOURCE_DIR}/init/amd64.h
    ${CMAKE_CURRENT_SOURCE_DIR}/init/arm64.h
    ${CMAKE_CURRENT_SOURCE_DIR}/init/ppc64le.h
    ${CMAKE_CURRENT_SOURCE_DIR}/init/s390x.h)

set(HOP_COPIERS "")
set(HOP_COPIERS_MISSING "")

# hop_add_copier(ARCH TRIPLET PROCESSOR…): PROCESSORs are the names of a host of that kind.
function(hop_add_copier arch triplet)
    find_program(HOP_COPIER_CC_${arch} ${triplet}-gcc)
    mark_as_advanced(HOP_COPIER_CC_${arch})
    set(compiler ${HOP_COPIER_CC_${arch}})
    if(NOT compiler AND CMAKE_SYSTEM_PROCESSOR IN_LIST ARGN)
        set(compiler ${CMAKE_C_COMPILER})
    endif()
    if(NOT compiler)
        set(HOP_COPIERS_MISSING ${HOP_COPIERS_MISSING} ${arch} PARENT_SCOPE)
        return()
    endif()
    set(program ${CMAKE_CURRENT_BINARY_DIR}/oc-hop-copy-${arch})
    add_custom_command(OUTPUT ${program}
        COMMAND ${compiler} ${HOP_COPIER_FLAGS} -o ${program}
                ${CMAKE_CURRENT_SOURCE_DIR}/init/copy.c
        DEPENDS ${HOP_COPIER_SOURCES}
        COMMENT "Building the copier for ${arch}"
        VERBATIM)
    set(HOP_COPIERS ${HOP_COPIERS} ${program} PARENT_SCOPE)
endfunction()

hop_add_copier(amd64 x86_64-linux-gnu x86_64 amd64)
hop_add_copier(arm64 aarch64-linux-gnu aarch64 arm64)
hop_add_copier(ppc64le powerpc64le-linux-gnu ppc64le)
hop_add_copier(s390x s390x-linux-gnu s390x)

if(HOP_COPIERS_MISSING)
    list(JOIN HOP_COPIERS_MISSING ", " missing)
    message(STATUS "graph-data images cannot be built for ${missing}: "
        "install gcc-x86-64-linux-gnu, gcc-aarch64-linux-gnu, gcc-powerpc64le-linux-gnu, "
        "gcc-s390x-linux-gnu as needed and configure again")
endif()

set(HOP_COPIERS_C ${CMAKE_CURRENT_BINARY_DIR}/copiers.c)
add_custom_command(OUTPUT ${HOP_COPIERS_C}
    COMMAND ${CMAKE_COMMAND} "-DPROGRAMS=${HOP_COPIERS}" -DOUTPUT=${HOP_COPIERS_C}
            -P ${CMAKE_CURRENT_SOURCE_DIR}/embed.cmake
    DEPENDS ${HOP_COPIERS} embed.cmake
    COMMENT "Embedding the copiers"
    VERBATIM)
