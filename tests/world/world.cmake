# SPDX-License-Identifier: GPL-3.0-or-later
# The small world that the demo and the end-to-end tests copy from.
add_executable(hop-world
    world/main.c world/store.c world/noise.c world/layer.c world/image.c world/shape.c
    world/release.c world/payload.c world/update_key.c world/signature.c world/sigstore_key.c world/graph.c world/expected.c)
target_link_libraries(hop-world PRIVATE hop_base PkgConfig::ARCHIVE PkgConfig::RNP
    PkgConfig::CRYPTO)

# Made once per build directory; the tests that need it only read it.
set(HOP_TEST_WORLD ${CMAKE_BINARY_DIR}/world)
add_test(NAME world
    COMMAND sh -c "rm -rf '${HOP_TEST_WORLD}' && exec '$<TARGET_FILE:hop-world>' '${HOP_TEST_WORLD}'")
set_tests_properties(world PROPERTIES FIXTURES_SETUP world)
