# SPDX-License-Identifier: GPL-3.0-or-later
foreach(lint layers banned format)
    add_test(NAME lint_${lint}
        COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/lint/${lint}.sh ${CMAKE_SOURCE_DIR})
    set_tests_properties(lint_${lint} PROPERTIES SKIP_RETURN_CODE 77 LABELS lint)
endforeach()
