// SPDX-License-Identifier: Apache-2.0
//
// Asio, compiled once for all simulators. Alone in its file: a test that links our net library as well takes
// whichever copy comes first, never both.
#include <boost/asio/impl/src.hpp>
