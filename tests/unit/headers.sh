#!/bin/sh
# SPDX-License-Identifier: MIT
# headers.sh INCLUDE-DIR CC...: every public header compiles alone, in C11 and in C++17.
set -eu
include=$1
shift
for header in "$include"/p2pmem/*.h; do
  echo "$header"
  "$@" -std=c11 -pedantic -Wall -Wextra -Werror -I"$include" -fsyntax-only -x c "$header"
  command -v c++ >/dev/null || continue
  c++ -std=c++17 -pedantic -Wall -Wextra -Werror -I"$include" -fsyntax-only -x c++ "$header"
done
