# SPDX-License-Identifier: GPL-3.0-or-later
# Benchmarks that are programs. They are built with everything else, and run by hand.
add_executable(hop-bench-graphs ${CMAKE_CURRENT_SOURCE_DIR}/bench/graphs.c)
target_link_libraries(hop-bench-graphs PRIVATE hop_warnings hop_graph PkgConfig::JANSSON)
