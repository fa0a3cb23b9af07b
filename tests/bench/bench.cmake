# SPDX-License-Identifier: GPL-3.0-or-later
# Benchmarks that are programs. They are built with everything else, and run by hand.
add_executable(hop-bench-graphs ${CMAKE_CURRENT_SOURCE_DIR}/bench/graphs.c)
target_link_libraries(hop-bench-graphs PRIVATE hop_warnings hop_graph PkgConfig::JANSSON)
# What bench/transfer.sh compares with, and what makes a registry look far away.
add_executable(hop-bench-delay bench/delay.c)
target_link_libraries(hop-bench-delay PRIVATE hop_base)
add_executable(hop-bench-floor bench/floor.c)
target_link_libraries(hop-bench-floor PRIVATE hop_base PkgConfig::CURL)
