// SPDX-License-Identifier: Apache-2.0
//
// The one main of every doctest program: compiling doctest's runner once keeps each test file at a second or two.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
